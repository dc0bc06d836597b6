import { createHmac } from "node:crypto";

/**
 * The headers of the Standard Webhooks specification: one `v1,` signature for each secret, newest first, so that a wallet can
 * change its secret without losing a callback (CONTRACT.md §2.3, §3.3).
 * @param timestamp unix seconds of this try
 * @param secrets `whsec_` and base64; at most two
 */
export function webhookHeaders(id: string, timestamp: number, body: string, secrets: readonly string[]): Record<string, string> {
  const signatures = secrets.slice(0, 2).map((secret) => `v1,${webhookSignature(id, timestamp, body, secret)}`);
  return { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signatures.join(" ") };
}

/** Base64 of HMAC-SHA256 over `id.timestamp.body`. */
export function webhookSignature(id: string, timestamp: number, body: string, secret: string): string {
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  return createHmac("sha256", key).update(`${id}.${timestamp}.${body}`).digest("base64");
}
