import type { Callers } from "../../config/callers.ts";
import { failure, type FieldError } from "../../contract/errors.ts";
import type { SignedRequest } from "../process/process.api.ts";
import { authenticate, NOBODY, type AuthenticationParts } from "./caller-authentication.ts";
import { header, type Exchange } from "./exchange.ts";
import { parseBody, readBody } from "./request-body.ts";

export interface WalletParts extends AuthenticationParts {
  callers(): Callers;
}
/** Who calls, proved, and what was sent. */
export interface WalletCall {
  systemCode: string;
  businessId: string;
  body: Record<string, unknown>;
  signed?: SignedRequest;
}

const HEADER_VALUE = /^[A-Za-z0-9_-]{1,64}$/;
const NO_BODY = Buffer.alloc(0);

/**
 * Takes a wallet's call in, in the order of CONTRACT.md §2.1: size, signature, headers, JSON.
 * @throws PAYLOAD_TOO_LARGE, SIGNATURE_INVALID, PARAM_INVALID naming the header
 */
export async function walletCall(parts: WalletParts, { req }: Exchange): Promise<WalletCall> {
  const posts = req.method === "POST";
  const raw = posts ? await readBody(req) : NO_BODY;
  const systemCode = header(req, "x-system-code") ?? (posts ? undefined : "WALLET");
  const businessId = header(req, "x-business-id") ?? "";
  const errors: FieldError[] = [];

  const known = parts.callers();
  const caller = systemCode !== undefined && known.isWallet(systemCode) ? known.get(systemCode) : undefined;
  let signed: SignedRequest | undefined;
  if (caller) signed = await authenticate(parts, caller, req, raw, "SIGNATURE_INVALID");
  else if (systemCode === undefined) errors.push({ field: "X-System-Code", message: "缺少请求头" });
  // In production nobody learns which system codes exist.
  else if (parts.production) await authenticate(parts, NOBODY, req, raw, "SIGNATURE_INVALID");
  else errors.push({ field: "X-System-Code", message: "未登记的系统代码" });

  if (posts && !HEADER_VALUE.test(businessId)) {
    errors.push({ field: "X-Business-Id", message: businessId ? "只能是 1 至 64 位字母、数字、下划线或连字符" : "缺少请求头" });
  }
  if (errors.length > 0) {
    throw failure("PARAM_INVALID", { message: `请求头 ${errors.map(({ field }) => field).join("、")} 缺失或无效`, errors });
  }
  const body = posts ? parseBody(req, raw) : {};
  return signed ? { systemCode: systemCode!, businessId, body, signed } : { systemCode: systemCode!, businessId, body };
}
