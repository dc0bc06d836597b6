import { createHash } from "node:crypto";
import { isoSeconds } from "../../contract/time.ts";
import type { SmsAttempt, SmsRecord } from "./sms-record.model.ts";
import type { SendSmsParams, SmsOutcome } from "./sms.api.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A link's token ends before a full stop that ends the sentence. */
const LINK_TOKEN = /\btoken=([A-Za-z0-9_~.%-]*[A-Za-z0-9_~%-])/g;

/**
 * The text as evidence keeps it: whoever reads a bundle can prove which link was sent and can neither open it nor use the code.
 * @param code the six digits when the message carries them
 */
export function contentForEvidence(content: string, code: string | null): string {
  const withoutToken = content.replace(LINK_TOKEN, (_, token: string) => `token-sha256=${sha256(token)}`);
  return code ? withoutToken.replaceAll(code, "******") : withoutToken;
}

/** The record of a message that nobody has tried to send yet. */
export function composeRecord(params: SendSmsParams, content: string, now: number): SmsRecord {
  const { code } = params.variables;
  return {
    _id: params.messageId,
    processId: params.processId,
    kind: params.kind,
    mobile: params.mobile,
    content,
    contentSha256: sha256(content),
    contentForEvidence: contentForEvidence(content, typeof code === "string" ? code : null),
    templateCode: params.template.code,
    status: "PENDING",
    smsId: null,
    attempts: [],
    createdAt: new Date(now),
    lastTriedAt: new Date(now),
    sentAt: null,
  };
}

/**
 * What `sms.send` answers, from the record alone, so that a repeat says the same: of a message that is out the tries up to the one
 * that got it out, since a node that was paused may have noted one more behind it.
 */
export function outcomeOf(record: SmsRecord): SmsOutcome {
  const out = record.status === "SENT" ? record.attempts.findIndex(({ outcome }) => outcome === "OK") : -1;
  const attempts = out < 0 ? record.attempts : record.attempts.slice(0, out + 1);
  const last = attempts.at(-1);
  return {
    messageId: record._id,
    status: record.status === "SENT" ? "SENT" : "FAILED",
    smsId: record.smsId,
    attempts: attempts.length,
    at: last?.at ?? isoSeconds(record.createdAt),
    templateCode: record.templateCode,
    contentForEvidence: record.contentForEvidence,
    contentSha256: record.contentSha256,
    failure: record.status === "SENT" ? null : reason(last),
  };
}

function reason(last: SmsAttempt | undefined): string {
  if (last?.outcome === "REFUSED") return `短信网关拒绝发送（HTTP ${last.status}）`;
  return last?.status ? `短信网关处理失败（HTTP ${last.status}）` : "短信网关没有响应";
}
