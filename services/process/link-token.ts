import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { RotatingKey } from "../../config/parsers.ts";

/**
 * The signing link's token: an HMAC of the process id, so that the link can be made again and nothing but its SHA-256 needs
 * to be stored (CONTRACT.md §2.4).
 * @returns 43 characters of base64url
 */
export const linkToken = (key: RotatingKey, processId: string): string =>
  createHmac("sha256", key.key).update(`h5-link:${processId}`).digest("base64url");

/** Lower-case hex SHA-256, the form in which a token is stored and looked up. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** True when the token is the one the key gives; the stored hash alone would go on accepting a withdrawn key's links. */
export function isToken(key: RotatingKey, processId: string, token: string): boolean {
  const expected = Buffer.from(linkToken(key, processId));
  const given = Buffer.from(token);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/**
 * The six digits that confirm a signature: derived, never stored, and bound to process, agreement and number of the code.
 * @param n 1 for the process's first code
 */
export function signCode(key: RotatingKey, processId: string, protocolHash: string, n: number): string {
  const mac = createHmac("sha256", key.key).update(`sign-code:${processId}:${protocolHash}:${n}`).digest();
  return (Number(mac.readBigUInt64BE() % 1_000_000n)).toString().padStart(6, "0");
}

/** Constant-time comparison of what the signer typed with the code. */
export function isCode(expected: string, typed: string): boolean {
  const a = createHash("sha256").update(expected).digest();
  const b = createHash("sha256").update(typed.normalize("NFKC").trim()).digest();
  return timingSafeEqual(a, b);
}

/** Names an answer without keeping its words: hex SHA-256 of `amount|remark`. An amount has no `|`. */
export const answerDigest = ({ amount, remark }: { amount: string; remark: string }): string =>
  createHash("sha256").update(`${amount}|${remark}`).digest("hex");
