import { createHmac, timingSafeEqual } from "node:crypto";
import type { RotatingKey } from "../../config/parsers.ts";

/** The parts of a link as they came; anything may be in them. */
export interface LinkParts {
  protocolId: unknown;
  expires: unknown;
  kid: unknown;
  sig: unknown;
}

const pathOf = (protocolId: string): string => `/protocol/download/${protocolId}.pdf`;

/** base64url of HMAC-SHA256 over `GET\npath\nexpires` (CONTRACT.md §2). */
const signature = (key: Buffer, protocolId: string, expires: string): string =>
  createHmac("sha256", key).update(`GET\n${pathOf(protocolId)}\n${expires}`).digest("base64url");

/**
 * A download link.
 * @param keys DOWNLOAD_SECRET: the first signs
 * @param expiresAt milliseconds since the epoch; the link says whole seconds
 */
export function mintLink(baseUrl: string, protocolId: string, keys: readonly RotatingKey[], expiresAt: number): string {
  const { kid, key } = keys[0]!;
  const expires = String(Math.floor(expiresAt / 1000));
  const query = new URLSearchParams({ expires, kid, sig: signature(key, protocolId, expires) });
  return `${baseUrl}${pathOf(protocolId)}?${query}`;
}

/** The protocolId of a link that holds at `now` (ms); null for any other, whatever is wrong with it. */
export function protocolOfLink({ protocolId, expires, kid, sig }: LinkParts, keys: readonly RotatingKey[], now: number): string | null {
  if (typeof protocolId !== "string" || typeof expires !== "string" || typeof kid !== "string" || typeof sig !== "string") return null;
  const key = keys.find((candidate) => candidate.kid === kid);
  // For an unknown kid the work is done all the same: the time does not tell which kids there are.
  const expected = Buffer.from(signature((key ?? keys[0]!).key, protocolId, expires));
  const given = Buffer.from(sig);
  const holds = given.length === expected.length && timingSafeEqual(given, expected);
  if (!holds || !key || !/^[1-9]\d{0,11}$/.test(expires)) return null;
  return now < Number(expires) * 1000 ? protocolId : null;
}
