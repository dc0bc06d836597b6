import { createHash } from "node:crypto";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { faultOf } from "../../mixins/fault.ts";
import type { AppendParams, ChainHead } from "../evidence/evidence.api.ts";
import type { Notifier } from "./notifier.ts";

/** Fixed and short: a chain without it is not complete, and a node that was replaced is back within seconds. */
const NEXT_TRY = 10_000;

/**
 * Appends what the chain is owed about a delivery and strikes it off. An item's key names event and try, so that a repeat after a
 * crash adds nothing. On failure it stays owed and the sweep comes back.
 */
export async function payEvidence(notifier: Notifier, eventId: string): Promise<void> {
  const { deliveries, events } = notifier.collections;
  const delivery = await deliveries.get(eventId);
  if (!delivery || delivery.evidenceOwed.length === 0) return;
  const event = await events.get(eventId);
  const bodySha256 = createHash("sha256").update(event!.body).digest("hex");
  const items = delivery.evidenceOwed.map(({ number, at, outcome, httpStatus }) => ({
    key: `CALLBACK:${eventId}:${number}`,
    type: "CALLBACK" as const,
    at,
    data: { eventId, attempt: number, outcome, httpStatus, bodySha256 },
  }));
  try {
    await notifier.broker.call<ChainHead, AppendParams>("evidence.append", { processId: delivery.processId, systemCode: delivery.systemCode, items });
  } catch (error) {
    notifier.logger.warn("evidence of a callback could not be appended and stays owed", { eventId, fault: faultOf(error) });
    // Another node may have paid meanwhile: a debt of nothing would be due for ever.
    await amend(deliveries, eventId, (present) => (present.evidenceOwed.length > 0 ? { ...present, owedAt: new Date(clock.now() + NEXT_TRY) } : null));
    return;
  }
  const paid = new Set(delivery.evidenceOwed.map((owed) => owed.number));
  await amend(deliveries, eventId, (present) => {
    const evidenceOwed = present.evidenceOwed.filter((owed) => !paid.has(owed.number));
    return { ...present, evidenceOwed, owedAt: evidenceOwed.length > 0 ? present.owedAt : undefined };
  });
}
