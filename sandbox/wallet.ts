import { createHmac, timingSafeEqual } from "node:crypto";
import { isoSeconds } from "../contract/time.ts";
import { clock } from "../mixins/clock.ts";
import type { Books, Webhook } from "./books.ts";
import { readCaller } from "./caller-keys.ts";
import { success, type End } from "./http-exchange.ts";

const TOLERANCE_S = 300;

/** `POST /sandbox/gateway/wallet`: where the platform calls the sandbox's wallet back (CONTRACT.md §3.3). Keeps each call, good or bad. */
export const walletEnd =
  (books: Books, callersFile: string): End =>
  (call) => {
    const rawBody = call.rawBody.toString("utf8");
    const secrets = readCaller(callersFile, "WALLET").webhookSecrets ?? [];
    books.keepWebhook({
      headers: call.headers,
      rawBody,
      body: parsed(rawBody),
      signature: checkWebhook(call.headers, rawBody, secrets, clock.now()),
      at: isoSeconds(clock.now()),
    });
    return success();
  };

/** The process a webhook is about; null when it does not say. */
export const processOf = (webhook: Webhook): string | null =>
  (webhook.body as { payload?: { processId?: string } } | null)?.payload?.processId ?? null;

/**
 * Checks a Standard Webhooks signature the way a wallet would, by its own reading of that standard and not by the platform's code.
 * @param secrets `whsec_` + base64, any of which may have signed
 * @param now milliseconds since the epoch
 */
export function checkWebhook(
  headers: Record<string, string>,
  rawBody: string,
  secrets: string[],
  now: number,
): { valid: boolean; reason: string } {
  const id = headers["webhook-id"];
  const timestamp = headers["webhook-timestamp"];
  const signatures = headers["webhook-signature"];
  const bad = (reason: string) => ({ valid: false, reason });
  if (!id || !timestamp || !signatures) return bad("缺少 webhook-id、webhook-timestamp 或 webhook-signature");
  if (!secrets.length) return bad("调用方配置中没有钱包的 webhookSecrets，无法验签");
  if (!(Math.abs(now / 1000 - Number(timestamp)) <= TOLERANCE_S)) return bad("时间戳与当前时间相差超过 5 分钟");
  const given = signatures.split(" ").map((part) => Buffer.from(part));
  const good = secrets.some((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
    const expected = Buffer.from(`v1,${createHmac("sha256", key).update(`${id}.${timestamp}.${rawBody}`).digest("base64")}`);
    return given.some((part) => part.length === expected.length && timingSafeEqual(part, expected));
  });
  return good ? { valid: true, reason: "签名与请求内容一致" } : bad("签名与请求内容不一致");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
