import { failure } from "../../contract/errors.ts";
import { operatorKey } from "../../contract/operator.ts";
import { isoSeconds } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { AppendParams, ChainHead } from "../evidence/evidence.api.ts";
import type { DeliveryRecord } from "./delivery.model.ts";
import { deliveryView } from "./listing.ts";
import type { OperatorReplay, Replayed } from "./notifier.api.ts";
import type { Notifier } from "./notifier.ts";

/**
 * Sends an event once more, with a fresh schedule. One that is still being tried goes on as it is, so that a double click is one replay.
 * @throws NOT_FOUND for an unknown event
 */
export async function replay(notifier: Notifier, eventId: string): Promise<{ eventId: string; state: DeliveryRecord["state"] }> {
  const { doc } = await startRound(notifier, eventId);
  return { eventId, state: doc.state };
}

/**
 * The same for an operator, whose name and reason are in the chain before anything is sent: without evidence no replay.
 * @throws NOT_FOUND for an unknown event
 */
export async function replayByOperator(notifier: Notifier, { eventId, operator }: OperatorReplay): Promise<Replayed> {
  const present = typeof eventId === "string" ? await notifier.collections.deliveries.get(eventId) : null;
  if (!present) throw unknownEvent();
  const event = await notifier.collections.events.get(present._id);
  if (present.state === "PENDING") return { replayed: false, delivery: deliveryView(present, event) };
  const { name, reason, via } = operator;
  const data = { by: "OPERATOR", action: "REPLAY", name, reason, via, eventId, state: present.state, attempts: present.attempts.length };
  const items: AppendParams["items"] = [{ key: operatorKey(operator), type: "INCIDENT", at: isoSeconds(clock.now()), data }];
  await notifier.broker.call<ChainHead, AppendParams>("evidence.append", { processId: present.processId, systemCode: present.systemCode, items });
  const { doc, written } = await startRound(notifier, eventId);
  return { replayed: written, delivery: deliveryView(doc, event) };
}

async function startRound(notifier: Notifier, eventId: string): Promise<{ doc: DeliveryRecord; written: boolean }> {
  const replayed = await amend(notifier.collections.deliveries, eventId, (present): DeliveryRecord | null =>
    present.state === "PENDING" ? null : { ...present, state: "PENDING", roundFrom: present.attempts.length, nextAt: new Date(clock.now()) },
  );
  if (!replayed) throw unknownEvent();
  if (replayed.written) notifier.wake(eventId);
  return replayed;
}

const unknownEvent = (): Error => failure("NOT_FOUND", { message: "回调事件不存在" });
