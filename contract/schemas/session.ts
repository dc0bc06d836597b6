import { ADMIN_ROLES } from "../operator.ts";
import { nullable, object, time, word } from "./pieces.ts";

/** Sessions of the administration (CONTRACT.md §2.5). */

const view = {
  name: { type: "string", description: "管理密钥的名称" },
  roles: { type: "array", items: word(ADMIN_ROLES, "角色"), description: "当前角色" },
  expiresAt: nullable(time("不再使用时会话结束的时间；直接使用管理密钥时为 null")),
  endsAt: nullable(time("会话最迟结束的时间；直接使用管理密钥时为 null")),
};

export const adminSession = object(view, undefined, "当前登录");
export const adminSessionOpened = object({ token: { type: "string", description: "会话令牌，以 ses_ 开头；只在此处给出" }, ...view }, undefined, "新会话");
