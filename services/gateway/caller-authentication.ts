import { createHash } from "node:crypto";
import type { Caller, CallerKey } from "../../config/callers.ts";
import { failure, type ErrorCode } from "../../contract/errors.ts";
import { publicHalf, signatureLength, verifyRequest } from "../../contract/request-signature.ts";
import { clock } from "../../mixins/clock.ts";
import type { SignedRequest } from "../process/process.api.ts";
import { decoyFor } from "./decoy-keys.ts";
import { header, type GatewayRequest } from "./exchange.ts";

const TIMESTAMP_TOLERANCE_MS = 300_000;

export interface AuthenticationParts {
  production: boolean;
  /** Whether a nonce was used up within its life; changes nothing. */
  nonceUsed(caller: string, keyId: string, nonce: string): Promise<boolean>;
  /** Uses a nonce up; false when it was used before. */
  useNonce(caller: string, keyId: string, nonce: string): Promise<boolean>;
}

/** Whoever names a system that does not exist is refused like a known one with a wrong key: by the same work. */
export const NOBODY: Caller = { code: "", keys: [], callbackHosts: [], webhookSecrets: [] };

/**
 * Proves that a request comes from the caller (CONTRACT.md §2.3). Every refusal looks the same and takes the same work: the body
 * hashed, one nonce looked up, one signature verified. Nobody learns by the time which keys exist.
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
  const given = signingHeaders(req);
  const claimed = given ?? NOTHING_CLAIMED;
  const now = clock.now();
  const key = caller.keys.find(({ keyId, signType }) => keyId === claimed.keyId && signType === claimed.signType);
  const usable = given !== null && key !== undefined && isLive(key, now) && isFresh(claimed.timestamp, now);

  const used = await parts.nonceUsed(caller.code, claimed.keyId, claimed.nonce);
  const against = key ?? decoyFor(header(req, "x-sign-type") ?? "");
  const covered = { ...claimed, method: req.method!, target: req.originalUrl, rawBody, systemCode: header(req, "x-system-code") ?? "", businessId: header(req, "x-business-id") ?? "" };
  const holds = verifyRequest(against, covered, ofRightLength(claimed.signature, against));
  if (!usable || !holds || used) throw failure(refusedAs);
  if (!(await parts.useNonce(caller.code, key.keyId, claimed.nonce))) throw failure(refusedAs);
  return { method: covered.method, target: covered.target, ...claimed, ...bodyAsSigned(rawBody), ...whoseKey(key) };
}

/** A signature of the wrong length would be refused without any work; another one that no key has made takes its place. */
function ofRightLength(signature: string, key: CallerKey): string {
  const length = signatureLength(key);
  return Buffer.from(signature, "base64").length === length ? signature : Buffer.alloc(length, 0x0f).toString("base64");
}

/** What an outsider needs to check the body that was signed; see `SignedRequest`. */
const bodyAsSigned = (rawBody: Buffer) => ({ rawBody: rawBody.toString("utf8"), bodySha256: createHash("sha256").update(rawBody).digest("hex") });

function whoseKey(key: CallerKey): Pick<SignedRequest, "publicKey" | "publicKeySha256"> {
  const half = publicHalf(key);
  return half ? { publicKey: half.spki, publicKeySha256: half.sha256 } : {};
}

type SigningHeaders = Pick<SignedRequest, "timestamp" | "nonce" | "keyId" | "signType" | "signature">;
const NOTHING_CLAIMED: SigningHeaders = { timestamp: "0", nonce: "0000000000000000", keyId: "", signType: "", signature: "" };

/** The signing headers, when all are there and well formed. */
function signingHeaders(req: GatewayRequest): SigningHeaders | null {
  const timestamp = header(req, "x-timestamp") ?? "";
  const nonce = header(req, "x-nonce") ?? "";
  const keyId = header(req, "x-key-id") ?? "";
  const signType = header(req, "x-sign-type") ?? "";
  const signature = header(req, "x-signature") ?? "";
  const wellFormed =
    /^\d{1,12}$/.test(timestamp) &&
    /^[A-Za-z0-9]{16,32}$/.test(nonce) &&
    /^[A-Za-z0-9_.-]{1,64}$/.test(keyId) &&
    /^[A-Za-z0-9+/]{16,1024}={0,2}$/.test(signature);
  return wellFormed ? { timestamp, nonce, keyId, signType, signature } : null;
}

const isFresh = (timestamp: string, now: number): boolean => Math.abs(Number(timestamp) * 1000 - now) <= TIMESTAMP_TOLERANCE_MS;

const isLive = (key: CallerKey, now: number): boolean => (key.notBefore ?? -Infinity) <= now && now < (key.notAfter ?? Infinity);
