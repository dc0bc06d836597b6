import { createHmac, timingSafeEqual } from "node:crypto";
import type { RotatingKey } from "../config/parsers.ts";

/** What a token was made for; a token for one purpose opens nothing else. */
export type CallbackPurpose = "verification-callback" | "sms-receipt";

/**
 * The token an outside system must bring back (CONTRACT.md §3.2): `kid.` + base64url of HMAC-SHA256 over purpose and subject.
 * It is derived and never stored, so the database gives none away.
 */
export function callbackToken(keys: readonly RotatingKey[], purpose: CallbackPurpose, subject: string): string {
  const key = keys[0]!;
  return `${key.kid}.${mac(key, purpose, subject).toString("base64url")}`;
}

/** True when any live key made `token` for this purpose and subject. Takes the same time for every wrong token of a known kid. */
export function callbackTokenMatches(keys: readonly RotatingKey[], purpose: CallbackPurpose, subject: string, token: string): boolean {
  const dot = token.indexOf(".");
  const key = keys.find((candidate) => candidate.kid === token.slice(0, dot));
  const given = Buffer.from(token.slice(dot + 1), "base64url");
  const expected = mac(key ?? keys[0]!, purpose, subject);
  return given.length === expected.length && timingSafeEqual(given, expected) && key !== undefined;
}

const mac = (key: RotatingKey, purpose: CallbackPurpose, subject: string): Buffer =>
  createHmac("sha256", key.key).update(`${purpose}:${subject}`).digest();
