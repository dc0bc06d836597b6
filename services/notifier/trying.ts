import { callbackAllowed, rangesOf } from "../../config/callers.ts";
import { config } from "../../config/index.ts";
import { clock } from "../../mixins/clock.ts";
import { retryAfterMs } from "./back-off.ts";
import type { DeliveryRecord, TryOutcome } from "./delivery.model.ts";
import { callWallet } from "./drivers/http.ts";
import type { Notifier } from "./notifier.ts";
import { verdict } from "./verdict.ts";
import { webhookHeaders } from "./webhook-signature.ts";

export interface Tried {
  outcome: TryOutcome;
  /** HTTP status; null when no answer came. */
  status: number | null;
  /** Milliseconds the wallet asked for; null when it did not. */
  retryAfter: number | null;
}

const unsent = (outcome: TryOutcome): Tried => ({ outcome, status: null, retryAfter: null });

/**
 * One try. Id and body are the same bytes each time; time and signature are of this try, as Standard Webhooks has it. Host and secrets are
 * those of CALLERS_FILE now, not of when the process was made.
 */
export async function tryOnce(notifier: Notifier, { _id: eventId, systemCode, businessId, callbackUrl }: DeliveryRecord): Promise<Tried> {
  const event = await notifier.collections.events.get(eventId);
  const caller = notifier.callers.get(systemCode);
  if (!caller || callbackAllowed(config, caller, callbackUrl) !== null) return unsent("HOST_NOT_ALLOWED");
  if (!event || caller.webhookSecrets.length === 0) return unsent("NO_SECRET");
  const answer = await callWallet({
    url: callbackUrl,
    headers: {
      "content-type": "application/json; charset=utf-8",
      "x-system-code": "ESIGN",
      "x-business-id": businessId,
      ...webhookHeaders(eventId, Math.floor(clock.now() / 1000), event.body, caller.webhookSecrets),
    },
    body: event.body,
    timeoutMs: notifier.settings.timeoutMs,
    allow: notifier.settings.guardAddresses ? (rangesOf(caller, new URL(callbackUrl).hostname) ?? []) : null,
    resolve: notifier.resolve,
  });
  if (answer.addressRefused) return unsent("ADDRESS_NOT_ALLOWED");
  const outcome = answer.status === null || (answer.broken && answer.status < 300) ? "FAILED" : verdict(answer.status, answer.body);
  return { outcome, status: answer.status, retryAfter: retryAfterMs(answer.retryAfter, clock.now()) };
}
