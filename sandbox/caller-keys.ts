import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { signRequest, type SigningKey } from "../contract/request-signature.ts";
import { clock } from "../mixins/clock.ts";

interface Caller {
  keys?: SigningKey[];
  webhookSecrets?: string[];
}

/** A caller's row of CALLERS_FILE as it is now; empty when the file or the row is absent. */
export function readCaller(callersFile: string, systemCode: string): Caller {
  try {
    return (JSON.parse(readFileSync(callersFile, "utf8")) as Record<string, Caller>)[systemCode] ?? {};
  } catch {
    // The platform alerts about a bad file; a stand-in just has no key then.
    return {};
  }
}

/**
 * Headers of a call in the name of `systemCode` (CONTRACT.md §2.3). It is signed when the callers file holds something to sign
 * with, which is a shared secret. Otherwise it goes unsigned.
 */
export function callerHeaders(
  callersFile: string,
  call: { systemCode: string; businessId: string; url: string; body: string },
): Record<string, string> {
  const { systemCode, businessId, body } = call;
  const headers = { "X-System-Code": systemCode, ...(businessId && { "X-Business-Id": businessId }) };
  const key = readCaller(callersFile, systemCode).keys?.find((candidate) => candidate.secret);
  if (!key) return headers;
  const { pathname, search } = new URL(call.url);
  const timestamp = String(Math.floor(clock.now() / 1000));
  const nonce = randomBytes(16).toString("hex");
  const parts = { method: "POST", target: pathname + search, timestamp, nonce, systemCode, businessId, rawBody: body };
  return {
    ...headers,
    "X-Timestamp": timestamp,
    "X-Nonce": nonce,
    "X-Key-Id": key.keyId,
    "X-Sign-Type": key.signType,
    "X-Signature": signRequest(key, parts),
  };
}
