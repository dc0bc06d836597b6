import { createOutbound } from "../../../mixins/outbound.ts";
import type { SmsDriver, SmsDriverOptions } from "./driver.ts";

/** The gateway of CONTRACT.md §3.1: one signed POST a try. */
export function httpSmsDriver({ url, timeoutMs, keyFile }: SmsDriverOptions): SmsDriver {
  const outbound = createOutbound({ timeoutMs, keyFile });
  return {
    async send(message, left) {
      const { outcome, status, json } = await outbound.post(url, message, { timeoutMs: left });
      if (outcome !== "OK") return { outcome, status, smsId: null };
      const { code, data } = json as { code?: unknown; data?: { smsId?: unknown } | null };
      // A 2xx that does not say SUCCESS is no proof of anything: asking again with the same messageId is safe.
      if (code !== "SUCCESS") return { outcome: "FAILED", status, smsId: null };
      return { outcome, status, smsId: isSmsId(data?.smsId) ? data.smsId : null };
    },
    close: () => outbound.close(),
  };
}

/** The gateway's own number goes into evidence: anything that is no number is left out, the message has been sent all the same. */
const isSmsId = (value: unknown): value is string => typeof value === "string" && /^[\x21-\x7e]{1,64}$/.test(value);
