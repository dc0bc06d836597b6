import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { SendSmsParams, SmsOutcome } from "./sms.api.ts";

/** One try as it is kept: when it ended, what became of it, the HTTP status if an answer came. */
export interface SmsAttempt {
  /** ISO time. */
  at: string;
  outcome: "OK" | "REFUSED" | "FAILED";
  status: number | null;
}

/** One message and what became of it; `_id` is `messageId`. The text is fixed by the insert: every try sends this one. */
export interface SmsRecord extends Doc {
  processId: string;
  kind: SendSmsParams["kind"];
  mobile: string;
  content: string;
  /** Lower-case hex SHA-256 of the exact content. */
  contentSha256: string;
  contentForEvidence: string;
  templateCode: string;
  status: "PENDING" | SmsOutcome["status"];
  /** The gateway's own number of the message. */
  smsId: string | null;
  attempts: SmsAttempt[];
  createdAt: Date;
  sentAt: Date | null;
}

export const smsRecordModel: Model = {
  name: "sms_record",
  fields: {
    processId: "string",
    kind: "string",
    mobile: "string",
    content: "string",
    contentSha256: "string",
    contentForEvidence: "string",
    templateCode: "string",
    status: "string",
    smsId: "string",
    attempts: "json",
    createdAt: "date",
    sentAt: "date",
  },
  indexes: [{ fields: ["processId"] }, { fields: ["mobile"] }],
  personal: ["mobile", "content", "contentSha256", "contentForEvidence"],
  blind: ["mobile"],
};
