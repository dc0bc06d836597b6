import type { Caller, CallerKey } from "../../config/callers.ts";
import { failure, type ErrorCode } from "../../contract/errors.ts";
import { verifyRequest } from "../../contract/request-signature.ts";
import { clock } from "../../mixins/clock.ts";
import type { SignedRequest } from "../process/process.api.ts";
import { header, type GatewayRequest } from "./exchange.ts";

const TIMESTAMP_TOLERANCE_MS = 300_000;

export interface AuthenticationParts {
  production: boolean;
  /** Uses a nonce up; false when it was used before. */
  useNonce(caller: string, keyId: string, nonce: string): Promise<boolean>;
}

/**
 * Proves that a request comes from the caller (CONTRACT.md §2.3).
 * @param refusedAs the one code that every refusal of this route has
 * @returns the request as it was signed; undefined for a caller without keys, which only development knows
 * @throws refusedAs, the same for every reason
 */
export async function authenticate(
  parts: AuthenticationParts,
  caller: Caller,
  req: GatewayRequest,
  rawBody: Buffer,
  refusedAs: ErrorCode,
): Promise<SignedRequest | undefined> {
  // Production has no wallet without keys: the start is refused. This is the second lock on that door.
  if (caller.keys.length === 0 && !parts.production) return undefined;
  const signed = signedRequest(req, rawBody);
  const now = clock.now();
  const key = signed && caller.keys.find((candidate) => candidate.keyId === signed.keyId);
  if (!signed || !key || !isLive(key, now) || key.signType !== signed.signType || !isFresh(signed.timestamp, now)) throw failure(refusedAs);
  const covered = { ...signed, rawBody, systemCode: header(req, "x-system-code") ?? "", businessId: header(req, "x-business-id") ?? "" };
  if (!verifyRequest(key, covered, signed.signature)) throw failure(refusedAs);
  if (!(await parts.useNonce(caller.code, key.keyId, signed.nonce))) throw failure(refusedAs);
  return signed;
}

/** The signing headers, when all are there and well formed. */
function signedRequest(req: GatewayRequest, rawBody: Buffer): SignedRequest | null {
  const timestamp = header(req, "x-timestamp") ?? "";
  const nonce = header(req, "x-nonce") ?? "";
  const keyId = header(req, "x-key-id") ?? "";
  const signType = header(req, "x-sign-type") ?? "";
  const signature = header(req, "x-signature") ?? "";
  const wellFormed =
    /^\d{1,12}$/.test(timestamp) && /^[A-Za-z0-9]{16,32}$/.test(nonce) && /^[A-Za-z0-9+/]{16,1024}={0,2}$/.test(signature);
  if (!wellFormed) return null;
  return { method: req.method!, target: req.originalUrl, timestamp, nonce, keyId, signType, signature, rawBody: rawBody.toString("utf8") };
}

const isFresh = (timestamp: string, now: number): boolean => Math.abs(Number(timestamp) * 1000 - now) <= TIMESTAMP_TOLERANCE_MS;

const isLive = (key: CallerKey, now: number): boolean => (key.notBefore ?? -Infinity) <= now && now < (key.notAfter ?? Infinity);
