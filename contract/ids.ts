import { randomBytes } from "node:crypto";

const PREFIXES = { process: "ESIGN_PROC_", protocol: "PROTO_", event: "EVT_SIGN_", audit: "AUDIT_" } as const;
const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** `length` random characters of Crockford's base32, five bits each. */
export function randomBase32(length: number): string {
  return Array.from(randomBytes(length), (byte) => CROCKFORD[byte & 31]).join("");
}

/**
 * A new identifier (CONTRACT.md §2): prefix, UTC day and random base32, at most 32 characters (§3.1).
 * @param now milliseconds since the epoch, from the clock
 */
export function newId(kind: keyof typeof PREFIXES, now: number): string {
  const head = PREFIXES[kind] + new Date(now).toISOString().slice(0, 10).replaceAll("-", "");
  return head + randomBase32(Math.min(32 - head.length, 13));
}
