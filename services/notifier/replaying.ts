import { failure } from "../../contract/errors.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { DeliveryRecord } from "./delivery.model.ts";
import type { Notifier } from "./notifier.ts";

/**
 * Sends an event once more, with a fresh schedule. One that is still being tried goes on as it is, so that a double click is one replay.
 * @throws NOT_FOUND for an unknown event
 */
export async function replay(notifier: Notifier, eventId: string): Promise<{ eventId: string; state: DeliveryRecord["state"] }> {
  const replayed = await amend(notifier.collections.deliveries, eventId, (present): DeliveryRecord | null =>
    present.state === "PENDING" ? null : { ...present, state: "PENDING", roundFrom: present.attempts.length, nextAt: new Date(clock.now()) },
  );
  if (!replayed) throw failure("NOT_FOUND", { message: "回调事件不存在" });
  if (replayed.written) notifier.wake(eventId);
  return { eventId, state: replayed.doc.state };
}
