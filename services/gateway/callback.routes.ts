import type { Logger } from "moleculer";
import { codeOf } from "../../contract/errors.ts";
import { authenticate } from "./caller-authentication.ts";
import { header, queryValue, routes, type Endpoint, type Exchange, type GatewayRequest } from "./exchange.ts";
import { parseBody, readBody } from "./request-body.ts";
import type { WalletParts } from "./wallet-call.ts";

const CALLBACK = { timeout: 10_000 };

/** What the outside systems call back (§2.1.3, CONTRACT.md §2). */
export function callbackRoutes(parts: WalletParts, logger: Logger): Record<string, unknown> {
  /** The body's bytes, once the system has proved itself where CALLERS_FILE has keys for it. */
  const received = async ({ req, ctx }: Exchange, code: "AUTH" | "SMS"): Promise<Buffer> => {
    const raw = await readBody(req);
    const system = parts.callers().get(code);
    if (!system || system.keys.length === 0) return raw;
    try {
      await authenticate(parts, system, req, raw, "CALLBACK_TOKEN_INVALID");
    } catch (error) {
      if (codeOf(error)) logger.warn("a callback with a bad signature was refused", { alert: "CALLBACK_TOKEN_INVALID", system: code, traceId: ctx.requestID });
      throw error;
    }
    return raw;
  };

  const verification: Endpoint = async (exchange) => {
    const { req, ctx } = exchange;
    const raw = await received(exchange, "AUTH");
    const token = header(req, "x-callback-token") ?? null;
    const data = await ctx.call("verification-bridge.callback", { token, body: bodyOrNull(req, raw) }, CALLBACK);
    return { message: "回调处理成功", data: data ?? undefined };
  };

  const sms: Endpoint = async (exchange) => {
    const { req, ctx } = exchange;
    const raw = await received(exchange, "SMS");
    await ctx.call("sms.receipt", { token: queryValue(req, "token"), body: bodyOrNull(req, raw) }, CALLBACK);
    return { message: "回执处理成功" };
  };

  return routes("callback", "/api/internal/esign/callback", { "POST verification": verification, "POST sms": sms });
}

/**
 * The token is judged before the body (CONTRACT.md §3.2). A body that cannot be read names neither process nor message, so no token
 * can be right for it: its owner refuses, and what the body looks like is not told.
 */
function bodyOrNull(req: GatewayRequest, raw: Buffer): unknown {
  try {
    return parseBody(req, raw);
  } catch {
    return null;
  }
}
