import { failure } from "../../contract/errors.ts";
import { SIGNING_COMPLETED, SIGNING_FAILED, type SigningEvent } from "../../contract/events.ts";
import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import { waitBeforeTry } from "./back-off.ts";
import { placeInFeed } from "./feed.ts";
import type { Notifier } from "./notifier.ts";
import type { RecordParams } from "./notifier.api.ts";
import type { SigningEventRecord } from "./signing-event.model.ts";

/**
 * Takes an event over: from the first insert on its words are fixed, from the second on it is delivered and in the wallet's feed. Twice is once, the
 * first body stays. Should we die between the two inserts, the actor still owes this call and its repeat completes it.
 */
export async function recordEvent(notifier: Notifier, params: RecordParams): Promise<{ eventId: string }> {
  const { eventId } = params.event;
  const event = await keepEvent(notifier, params);
  const firstTryAt = await keepDelivery(notifier, params);
  // A hint for whoever listens; lost when we die here, and nobody relies on it (CONTRACT.md §4).
  if (firstTryAt !== null) {
    const { type } = JSON.parse(event.body) as SigningEvent;
    await notifier.broker.broadcast(type === "SIGNING_PROCESS_COMPLETED" ? SIGNING_COMPLETED : SIGNING_FAILED, JSON.parse(event.body));
    notifier.wake(eventId, firstTryAt - clock.now());
  }
  return { eventId };
}

async function keepEvent(notifier: Notifier, { event, systemCode }: RecordParams): Promise<SigningEventRecord> {
  const { events } = notifier.collections;
  try {
    const { processId } = event.payload;
    return await events.insert({ _id: event.eventId, systemCode, processId, body: JSON.stringify(event), recordedAt: new Date(clock.now()) });
  } catch (error) {
    const first = isUniqueViolation(error) ? await events.get(event.eventId) : null;
    if (first) return first;
    if (!isUniqueViolation(error)) throw error;
    notifier.logger.error("alert: a process has a second outcome, which was refused", { alert: "EVENT_CONFLICT", eventId: event.eventId });
    throw failure("INTERNAL_ERROR");
  }
}

/** @returns when the first try is due; null when the delivery was there already */
async function keepDelivery(notifier: Notifier, { event, systemCode, businessId, callbackUrl }: RecordParams): Promise<number | null> {
  const now = clock.now();
  const nextAt = now + (waitBeforeTry(notifier.inForce.value("callbackSchedule", notifier.settings.schedule), 0, notifier.random()) ?? 0);
  const { deliveries } = notifier.collections;
  try {
    const kept = await deliveries.insert({
      _id: event.eventId,
      processId: event.payload.processId,
      systemCode,
      businessId,
      callbackUrl,
      state: "PENDING",
      attempts: [],
      roundFrom: 0,
      nextAt: new Date(nextAt),
      evidenceOwed: [],
      createdAt: new Date(now),
    });
    await placeInFeed(notifier, kept);
    return nextAt;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  // Who came first may not have got as far as that.
  const first = await deliveries.get(event.eventId);
  if (first) await placeInFeed(notifier, first);
  return null;
}
