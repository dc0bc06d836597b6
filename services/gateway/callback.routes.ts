import type { Logger } from "moleculer";
import { codeOf } from "../../contract/errors.ts";
import { authenticate } from "./caller-authentication.ts";
import { header, routes, type Endpoint, type GatewayRequest } from "./exchange.ts";
import { parseBody, readBody } from "./request-body.ts";
import type { WalletParts } from "./wallet-call.ts";

const CALLBACK = { timeout: 10_000 };

/** What the outside systems call back (§2.1.3). */
export function callbackRoutes(parts: WalletParts, logger: Logger): Record<string, unknown> {
  const verification: Endpoint = async ({ req, ctx }) => {
    const raw = await readBody(req);
    const system = parts.callers().get("AUTH");
    if (system && system.keys.length > 0) {
      try {
        await authenticate(parts, system, req, raw, "CALLBACK_TOKEN_INVALID");
      } catch (error) {
        if (codeOf(error)) logger.warn("a verification callback with a bad signature was refused", { alert: "CALLBACK_TOKEN_INVALID", traceId: ctx.requestID });
        throw error;
      }
    }
    const token = header(req, "x-callback-token") ?? null;
    const data = await ctx.call("verification-bridge.callback", { token, body: bodyOrNull(req, raw) }, CALLBACK);
    return { message: "回调处理成功", data: data ?? undefined };
  };

  return routes("callback", "/api/internal/esign/callback", { "POST verification": verification });
}

/**
 * The token is judged before the body (CONTRACT.md §3.2). A body that cannot be read names no process, so no token can be right
 * for it: the bridge refuses, and what the body looks like is not told.
 */
function bodyOrNull(req: GatewayRequest, raw: Buffer): unknown {
  try {
    return parseBody(req, raw);
  } catch {
    return null;
  }
}
