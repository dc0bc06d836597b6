import type { Context } from "moleculer";
import { failure } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { config } from "../../config/index.ts";
import { amend } from "../../mixins/amend.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { withTries } from "../../mixins/outbound.ts";
import type { RecentHealth } from "../../mixins/recent-health.ts";
import type { Rendered, RenderParams } from "../template/template.api.ts";
import type { SmsDriver } from "./drivers/driver.ts";
import { composeRecord } from "./message.ts";
import type { SmsAttempt, SmsRecord } from "./sms-record.model.ts";
import type { SendSmsParams } from "./sms.api.ts";

/** Three tries, 200 and 400 ms apart (§6), at most 7 s in all: `sms.send` must answer within 8 s. */
const TRIES = { tries: 3, baseMs: 200, budgetMs: 7_000 };

/** The record of this message. Whoever inserts first fixes the text; who comes second sends that one. */
export async function recordedMessage(records: Collection<SmsRecord>, ctx: Context<SendSmsParams>): Promise<SmsRecord> {
  const { messageId, template, variables } = ctx.params;
  const present = await records.get(messageId);
  if (present) return present;
  const { text } = await ctx.call<Rendered, RenderParams>("template.render", { ref: template, variables });
  try {
    return await records.insert(composeRecord(ctx.params, text, clock.now()));
  } catch (error) {
    const first = isUniqueViolation(error) ? await records.get(messageId) : null;
    if (!first) throw error;
    return first;
  }
}

/** Sends the recorded text and records how it went. A message that another node got through meanwhile, or that has arrived already, stays SENT. */
export async function sendRecorded(records: Collection<SmsRecord>, driver: SmsDriver, record: SmsRecord, health: RecentHealth): Promise<SmsRecord> {
  const token = callbackToken(config.callbackTokenSecret, "sms-receipt", record._id);
  const message = {
    messageId: record._id,
    mobile: record.mobile,
    templateCode: record.templateCode,
    content: record.content,
    receiptUrl: `${config.publicBaseUrl}/api/internal/esign/callback/sms?token=${token}`,
  };
  const attempts: SmsAttempt[] = [];
  const last = await withTries(async (leftMs) => {
    const result = await driver.send(message, leftMs);
    health.note(result.outcome);
    attempts.push({ at: isoSeconds(clock.now()), outcome: result.outcome, status: result.status });
    return result;
  }, TRIES);
  const sent = last.outcome === "OK";
  const recorded = await amend(records, record._id, (present): SmsRecord => {
    const tried = { ...present, attempts: [...present.attempts, ...attempts], smsId: present.smsId ?? last.smsId, lastTriedAt: new Date(clock.now()) };
    if (present.status === "SENT") return tried;
    return { ...tried, status: sent ? "SENT" : "FAILED", sentAt: sent ? new Date(clock.now()) : null };
  });
  if (!recorded) throw failure("INTERNAL_ERROR");
  return recorded.doc;
}
