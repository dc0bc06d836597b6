import { isoSeconds } from "../../contract/time.ts";
import { callbackAllowed } from "../../config/callers.ts";
import { config } from "../../config/index.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { retryAfterMs, waitBeforeTry } from "./back-off.ts";
import type { DeliveryRecord, OwedCallbackEvidence, TryOutcome } from "./delivery.model.ts";
import { callWallet } from "./drivers/http.ts";
import { payEvidence } from "./evidence-debt.ts";
import type { Notifier } from "./notifier.ts";
import { verdict } from "./verdict.ts";
import { webhookHeaders } from "./webhook-signature.ts";

/** Beyond the try's own timeout: until then no other node makes the same try. */
const LEASE_MARGIN = 15_000;
/** Who made the try appends its evidence; the sweep does when that node dies before. */
const EVIDENCE_LEASE = 15_000;
/** Longer waits are left to the sweep. */
const LONGEST_WAKE = 5 * 60_000;

interface Tried {
  outcome: TryOutcome;
  status: number | null;
  retryAfter: number | null;
}

/** The ids of deliveries with a try or evidence due. */
export async function dueDeliveries(notifier: Notifier, now: number, limit: number): Promise<string[]> {
  const { deliveries } = notifier.collections;
  const at = new Date(now);
  const tries = await deliveries.find({ nextAt: { $lte: at } }, { sort: ["nextAt"], limit });
  const debts = await deliveries.find({ owedAt: { $lte: at } }, { sort: ["owedAt"], limit });
  return [...new Set([...tries, ...debts].map((delivery) => delivery._id))];
}

/** Makes the try that is due, if one is, and appends the evidence that is owed. */
export async function attendDelivery(notifier: Notifier, eventId: string): Promise<void> {
  const delivery = await leaseTry(notifier, eventId);
  if (delivery) await noteTry(notifier, delivery, await tryOnce(notifier, delivery));
  await payEvidence(notifier, eventId);
}

/** Moves the next try behind this one before it is made: of two nodes one makes it, and one that dies in it is followed by another. */
async function leaseTry(notifier: Notifier, eventId: string): Promise<DeliveryRecord | null> {
  const present = await notifier.collections.deliveries.get(eventId);
  const now = clock.now();
  if (present?.state !== "PENDING" || !present.nextAt || present.nextAt.getTime() > now) return null;
  return notifier.collections.deliveries.replaceIfVersion({ ...present, nextAt: new Date(now + notifier.settings.timeoutMs + LEASE_MARGIN) });
}

/** The same bytes each time. Host and secrets are those of CALLERS_FILE now, not of when the process was made. */
async function tryOnce(notifier: Notifier, { _id: eventId, systemCode, businessId, callbackUrl }: DeliveryRecord): Promise<Tried> {
  const event = await notifier.collections.events.get(eventId);
  const caller = notifier.callers.get(systemCode);
  if (!caller || callbackAllowed(config, caller, callbackUrl) !== null) return { outcome: "HOST_NOT_ALLOWED", status: null, retryAfter: null };
  if (!event || caller.webhookSecrets.length === 0) return { outcome: "NO_SECRET", status: null, retryAfter: null };
  const { hostname } = new URL(callbackUrl);
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
    allow: notifier.settings.guardAddresses ? (caller.callbackHosts.find(({ host }) => host === hostname)?.allow ?? []) : null,
    resolve: notifier.resolve,
  });
  const outcome = answer.status === null || (answer.broken && answer.status < 300) ? "FAILED" : verdict(answer.status, answer.body);
  return { outcome, status: answer.status, retryAfter: retryAfterMs(answer.retryAfter, clock.now()) };
}

/** Records the try, plans the next one and what the chain is owed, in one write. */
async function noteTry(notifier: Notifier, { _id: eventId, processId }: DeliveryRecord, { outcome, status, retryAfter }: Tried): Promise<void> {
  const now = clock.now();
  const at = isoSeconds(now);
  const random = notifier.random();
  const noted = await amend(notifier.collections.deliveries, eventId, (present): DeliveryRecord => {
    const attempts = [...present.attempts, { at, outcome, status }];
    const tried = { ...present, attempts };
    if (present.state === "DELIVERED") return tried;
    const wait = outcome === "GONE" ? null : waitBeforeTry(notifier.settings.schedule, attempts.length - present.roundFrom, random, retryAfter);
    if (outcome !== "DELIVERED" && wait !== null) return { ...tried, state: "PENDING", nextAt: new Date(now + wait) };
    const state = outcome === "DELIVERED" ? outcome : "PARKED";
    const owed: OwedCallbackEvidence = { number: attempts.length, at, outcome: state, httpStatus: status };
    return { ...tried, state, nextAt: undefined, evidenceOwed: [...present.evidenceOwed, owed], owedAt: new Date(now + EVIDENCE_LEASE) };
  });
  if (!noted) return;
  const { state, nextAt, attempts } = noted.doc;
  if (state === "PARKED") notifier.logger.error("alert: a callback was parked for an operator", { alert: "CALLBACK_PARKED", eventId, processId, outcome, status, tries: attempts.length });
  if (state !== "PENDING" || !nextAt) return;
  notifier.logger.warn("a callback try came to nothing and will be made again", { eventId, outcome, status, tries: attempts.length });
  const wait = nextAt.getTime() - now;
  if (wait <= LONGEST_WAKE) notifier.wake(eventId, wait);
}
