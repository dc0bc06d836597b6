import { config } from "../../config/index.ts";
import { failure, type FieldError } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { callbackTokenMatches } from "../../mixins/callback-token.ts";
import { clock } from "../../mixins/clock.ts";
import { payReceipts } from "./receipt-evidence.ts";
import type { Receipt, SmsRecord } from "./sms-record.model.ts";
import type { SmsService } from "./sms.service.ts";

/** The sweep appends the evidence when this node dies before it has. */
const EVIDENCE_LEASE_MS = 15_000;
const DETAIL_LENGTH = 256;
const ISO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/**
 * A delivery receipt of the SMS gateway (CONTRACT.md §2). The token is bound to the message, so of the body only `messageId` is
 * read before it holds. Whoever has a right token for a message that is not known here was once given it: that is no attack, and
 * nothing happens. May come before the send call is answered; may come again.
 * @throws CALLBACK_TOKEN_INVALID, PARAM_INVALID with the fields
 */
export async function receive(sms: SmsService, token: unknown, body: unknown): Promise<void> {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const messageId = fields["messageId"];
  const holds = typeof token === "string" && typeof messageId === "string" && callbackTokenMatches(config.callbackTokenSecret, "sms-receipt", messageId, token);
  if (!holds) {
    sms.logger.error("alert: a delivery receipt with a wrong token was refused", { alert: "CALLBACK_TOKEN_INVALID" });
    throw failure("CALLBACK_TOKEN_INVALID");
  }
  const receipt = readReceipt(fields);
  const noted = await amend(sms.collections.records, messageId, (present) => withReceipt(present, receipt, clock.now()));
  if (!noted?.written) return;
  if (noted.doc.receipts!.length > 1) sms.logger.warn("a second receipt contradicts the first, which stands", { alert: "RECEIPT_CONTRADICTED", messageId });
  await payReceipts(sms, messageId);
}

/**
 * The record with the receipt and the evidence it owes; null for a repeat. The first receipt stands, a contradicting one is
 * evidence beside it, and so there are never more than two. A message that has arrived was sent, whatever became of the answer to our call.
 */
export function withReceipt(record: SmsRecord, receipt: Omit<Receipt, "receivedAt">, now: number): SmsRecord | null {
  const known = record.receipts ?? [];
  if (known.some(({ status }) => status === receipt.status)) return null;
  const proven = known.length === 0 && receipt.status === "DELIVERED" && record.status !== "SENT";
  return {
    ...record,
    ...(proven && { status: "SENT" as const, sentAt: new Date(now) }),
    receipts: [...known, { ...receipt, receivedAt: isoSeconds(now) }],
    evidenceOwed: [...(record.evidenceOwed ?? []), receipt.status],
    owedAt: new Date(now + EVIDENCE_LEASE_MS),
  };
}

function readReceipt({ status, at, detail }: Record<string, unknown>): Omit<Receipt, "receivedAt"> {
  const errors: FieldError[] = [];
  const check = (field: string, good: boolean, message: string): void => void (good || errors.push({ field, message }));
  check("status", status === "DELIVERED" || status === "FAILED", "必须是 DELIVERED 或 FAILED");
  check("at", typeof at === "string" && ISO_TIME.test(at) && !Number.isNaN(Date.parse(at)), "必须是 ISO 8601 时间");
  check("detail", detail == null || typeof detail === "string", "必须是文本");
  if (errors.length > 0) throw failure("PARAM_INVALID", { errors });
  return {
    status: status as Receipt["status"],
    at: isoSeconds(Date.parse(at as string)),
    // The gateway's own words, as far as they are kept; a receipt is not worth losing over a long explanation.
    detail: typeof detail === "string" ? Array.from(detail.toWellFormed()).slice(0, DETAIL_LENGTH).join("") : null,
  };
}
