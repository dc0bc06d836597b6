import * as schemas from "../../../contract/schemas/session.ts";
import type { Operations } from "./operation.ts";

export const sessionSchemas: Readonly<Record<string, object>> = { AdminSession: schemas.adminSession, AdminSessionOpened: schemas.adminSessionOpened };

/** Sessions of the administration (CONTRACT.md §2.5). */
export const sessionOperations: Operations = {
  "POST /api/admin/v1/session": {
    caller: "admin",
    operationId: "openSession",
    summary: "登录，建立会话",
    description: "以管理密钥换取会话令牌，此后以令牌代替密钥。闲置 30 分钟、满 8 小时、退出或密钥被撤销后结束。会话不能再建立会话。",
    answer: { message: "登录成功", data: "AdminSessionOpened" },
    notes: { ADMIN_FORBIDDEN: "会话不能再建立会话，请使用管理密钥登录" },
  },
  "GET /api/admin/v1/session": {
    caller: "admin",
    operationId: "showSession",
    summary: "当前登录",
    answer: { message: "查询成功", data: "AdminSession" },
  },
  "DELETE /api/admin/v1/session": {
    caller: "admin",
    operationId: "closeSession",
    summary: "退出，结束会话",
    answer: { message: "已退出" },
  },
};
