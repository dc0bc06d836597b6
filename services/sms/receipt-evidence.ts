import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { faultOf } from "../../mixins/fault.ts";
import type { AppendParams, ChainHead, EvidenceItem } from "../evidence/evidence.api.ts";
import type { SmsService } from "./sms.service.ts";

/** Fixed and short: without a receipt the chain is not complete, and a node that was replaced is back within seconds. */
const NEXT_TRY_MS = 10_000;
/** The gateway of the receipts waits 10 s; what is not appended by then the sweep appends. */
const APPEND_MS = 5_000;

/** The ids of messages whose receipts the chain is still owed. */
export async function dueReceipts(sms: SmsService, now: number, limit: number): Promise<string[]> {
  const due = await sms.collections.records.find({ owedAt: { $lte: new Date(now) } }, { sort: ["owedAt"], limit });
  return due.map((record) => record._id);
}

/**
 * Appends what the chain is owed about receipts and strikes it off. An item's key names message and status, so that a repeat after
 * a crash adds nothing. On failure it stays owed and the sweep comes back.
 */
export async function payReceipts(sms: SmsService, messageId: string): Promise<void> {
  const { records } = sms.collections;
  const record = await records.get(messageId);
  const owed = record?.evidenceOwed ?? [];
  if (!record || owed.length === 0) return;
  const items = record.receipts!.filter(({ status }) => owed.includes(status)).map(({ status, at, receivedAt, detail }): EvidenceItem => ({
    key: `SMS_RECEIPT:${messageId}:${status}`,
    type: "SMS_RECORD",
    at: receivedAt,
    data: { messageId, kind: "RECEIPT", status, reportedAt: at, detail },
  }));
  try {
    await sms.broker.call<ChainHead, AppendParams>("evidence.append", { processId: record.processId, items }, { timeout: APPEND_MS });
  } catch (error) {
    sms.logger.warn("evidence of a receipt could not be appended and stays owed", { messageId, fault: faultOf(error) });
    // Another node may have paid meanwhile: a debt of nothing would be due for ever.
    await amend(records, messageId, (present) => (present.evidenceOwed?.length ? { ...present, owedAt: new Date(clock.now() + NEXT_TRY_MS) } : null));
    return;
  }
  await amend(records, messageId, (present) => {
    const left = (present.evidenceOwed ?? []).filter((status) => !owed.includes(status));
    return { ...present, evidenceOwed: left, owedAt: left.length > 0 ? present.owedAt : undefined };
  });
}
