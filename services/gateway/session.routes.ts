import { failure } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { AdminSession } from "./admin-session.model.ts";
import type { AdminSessions } from "./admin-sessions.ts";
import type { Administrator } from "./admin-authentication.ts";
import { adminOperation, type AdminParts } from "./admin-operation.ts";
import { routes } from "./exchange.ts";

/**
 * Sessions of the console (issue 7 point 5): a key is shown once and a token that ends by itself takes its place. Whoever knows only
 * a session's token can make no further one, so that it cannot outlive its day.
 */
export function sessionRoutes(parts: AdminParts, sessions: AdminSessions): Record<string, unknown> {
  const operation = adminOperation(parts);
  return routes("admin-session", "/api/admin/v1", {
    "POST session": operation("session.open", { body: true }, async (_exchange, _operator, _body, who) => {
      if (who.session) throw failure("ADMIN_FORBIDDEN", { message: "会话不能再建立会话，请使用管理密钥登录" });
      const { token, session } = await sessions.open(who.key);
      return { message: "登录成功", data: { token, ...viewOf(who, session) } };
    }),
    "GET session": operation("session.show", {}, async (_exchange, _operator, _body, who) => ({ message: "查询成功", data: viewOf(who, who.session) })),
    "DELETE session": operation("session.close", {}, async (_exchange, _operator, _body, who) => {
      if (who.session) await sessions.close(who.session._id);
      return { message: who.session ? "已退出" : "当前使用管理密钥，没有会话可退出" };
    }),
  });
}

/** `expiresAt`: when it ends unless it is used again. `endsAt`: when it ends however much it is used. Null for whoever shows the key itself. */
const viewOf = (who: Administrator, session: AdminSession | null) => ({
  name: who.name,
  roles: [...who.roles],
  expiresAt: session && isoSeconds(session.goneAt),
  endsAt: session && isoSeconds(session.endsAt),
});
