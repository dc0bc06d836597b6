import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { SendSmsParams, SmsOutcome } from "./sms.api.ts";

/** One try as it is kept: when it ended, what became of it, the HTTP status if an answer came. */
export interface SmsAttempt {
  /** ISO time. */
  at: string;
  outcome: "OK" | "REFUSED" | "FAILED";
  status: number | null;
}

/** What the gateway reported of a message it had taken over (CONTRACT.md §2). */
export interface Receipt {
  status: "DELIVERED" | "FAILED";
  /** ISO times: the gateway's own, and ours. */
  at: string;
  receivedAt: string;
  /** The gateway's words, cut; nobody knows what it writes there. */
  detail: string | null;
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
  /** When it was last given to the gateway, or was about to be: from then on it counts for SMS_MOBILE_LIMIT. */
  lastTriedAt?: Date;
  sentAt: Date | null;
  /** The first one stands; a second one contradicts it. Absent when none came. */
  receipts?: Receipt[];
  /** Statuses of the receipts that the chain does not have yet. */
  evidenceOwed?: Receipt["status"][];
  /** When they are to be appended; absent when none is owed. */
  owedAt?: Date;
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
    lastTriedAt: "date",
    sentAt: "date",
    receipts: "json",
    evidenceOwed: "json",
    owedAt: "date",
  },
  indexes: [{ fields: ["processId"] }, { fields: ["mobile", "lastTriedAt"] }, { fields: ["owedAt"], sparse: true }],
  personal: ["mobile", "content", "contentSha256", "contentForEvidence", "receipts"],
  blind: ["mobile"],
};
