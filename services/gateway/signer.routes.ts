import { createHash } from "node:crypto";
import { codeOf, failure } from "../../contract/errors.ts";
import type { RateLimit } from "../../mixins/rate-limit.ts";
import type { SignerOrigin } from "../process/process.api.ts";
import { header, routes, type Endpoint, type GatewayRequest } from "./exchange.ts";
import { parseBody, readBody } from "./request-body.ts";

export interface SignerParts {
  /** The signer's address, see client-address.ts. */
  addressOf(req: GatewayRequest): string;
  /** H5_RATE. */
  rate: RateLimit;
}

const CALL = { timeout: 10_000 };
const READ = { timeout: 5_000 };
/** §3.1 `sign_user_agent`. */
const USER_AGENT_LENGTH = 512;

/** The signer's calls (CONTRACT.md §2.4): the action behind each and what the page is told when it went well. */
const CALLS: Record<string, { action: string; message: string }> = {
  "POST api/open": { action: "process.open", message: "已记录阅读" },
  "POST api/sign-code": { action: "process.signCode", message: "验证码已发送" },
  "POST api/sign": { action: "process.sign", message: "签署成功" },
  "POST api/decline": { action: "process.decline", message: "已拒绝签署" },
  "POST api/verification/remittance": { action: "process.answer", message: "打款验证信息已提交" },
  "POST api/verification/face": { action: "process.face", message: "人脸验证已就绪" },
};

/** What the signer's page calls, with the link's token as bearer. */
export function signerRoutes(parts: SignerParts): Record<string, unknown> {
  const page: Endpoint = async ({ req, ctx }) => {
    const address = parts.addressOf(req);
    const data = await rated(parts.rate, req, address, (token) => ctx.call("process.page", { token }, READ));
    return { message: "查询成功", data };
  };

  const call =
    (action: string, message: string): Endpoint =>
    async ({ req, ctx }) => {
      // Before anything is waited for: a connection that has been reset meanwhile has no address any more.
      const origin = originOf(parts, req);
      const raw = await readBody(req);
      const body = bearer(req) === null ? {} : parseBody(req, raw);
      const data = await rated(parts.rate, req, origin.ip, (token) => ctx.call(action, { token, origin, body }, CALL));
      return { message, data: data ?? undefined };
    };

  const calls = Object.entries(CALLS).map(([where, { action, message }]) => [where, call(action, message)] as const);
  return routes("signer", "/h5", { "GET api/process": page, ...Object.fromEntries(calls) });
}

/**
 * Counts the call for its link, or, when there is no such link, for the address it came from. Only who looks the token up can tell, so
 * a signer behind a guesser's address is never kept out, and a made-up token leaves no counter of its own behind.
 * @throws RATE_LIMITED; H5_TOKEN_INVALID without a token
 */
async function rated<T>(rate: RateLimit, req: GatewayRequest, address: string, ask: (token: string) => Promise<T>): Promise<T> {
  const token = bearer(req);
  const key = token && `link ${createHash("sha256").update(token).digest("base64url")}`;
  if (key) await rate.count(key);
  try {
    if (!token) throw failure("H5_TOKEN_INVALID");
    return await ask(token);
  } catch (error) {
    if (codeOf(error) === "H5_TOKEN_INVALID") {
      if (key) await rate.forget(key);
      await rate.count(`address ${address}`);
    }
    throw error;
  }
}

/** The link's token; null when there is none that could be one. */
const bearer = (req: GatewayRequest): string | null => /^Bearer ([A-Za-z0-9._~+/=-]{1,256})$/i.exec(header(req, "authorization") ?? "")?.[1] ?? null;

function originOf(parts: SignerParts, req: GatewayRequest): SignerOrigin {
  const ip = parts.addressOf(req);
  // Evidence without an address would say less than it claims; whoever is gone cannot read the answer anyway.
  if (!ip) throw failure("SERVICE_UNAVAILABLE");
  return { ip, userAgent: (header(req, "user-agent") ?? "").slice(0, USER_AGENT_LENGTH) };
}
