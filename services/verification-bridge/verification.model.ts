import type { VerificationStatus, VerificationType } from "../../contract/vocabulary.ts";
import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { Confirmed, StartParams, VerificationResult } from "./verification-bridge.api.ts";

/** One answer of the signer; `outcome` is null from before it is sent until it is known. */
export interface Confirmation {
  answerId: string;
  /** ISO time. */
  at: string;
  outcome: Confirmed["outcome"] | null;
  remainingAttempts: number | null;
}

/** One attempt at one verification; `_id` is its `requestId`. */
export interface VerificationRecord extends Doc {
  processId: string;
  attempt: number;
  type: VerificationType;
  /** The system's own id; absent until a start's answer, a query or a callback has named it. */
  verificationId?: string;
  status: VerificationStatus;
  /** What the start call says; needed for as long as it may have to be said again. */
  start: StartParams;
  /** When the sweep has something to do: a start try, a message to the process, a query. Absent when it has not. */
  dueAt?: Date;
  /** Rounds of start tries, queries or messages that have come to nothing since the last progress. */
  tries: number;
  giveUpAt: Date;
  startedAt: Date | null;
  /** The first wait between two queries; short after an answer, then VERIFICATION_QUERY_AFTER doubling. */
  queryEveryMs: number;
  faceUrl: string | null;
  faceUrlExpiresAt: string | null;
  /** The process has not yet been told that a late start got through. */
  owesStarted: boolean;
  /** The first terminal result; it stays. */
  result: VerificationResult | null;
  /** The process has not yet been told the result. */
  owesResult: boolean;
  confirmations: Confirmation[];
  createdAt: Date;
}

export const verificationModel: Model = {
  name: "verifications",
  fields: {
    processId: "string",
    attempt: "number",
    type: "string",
    verificationId: "string",
    status: "string",
    start: "json",
    dueAt: "date",
    tries: "number",
    giveUpAt: "date",
    startedAt: "date",
    queryEveryMs: "number",
    faceUrl: "string",
    faceUrlExpiresAt: "string",
    owesStarted: "boolean",
    result: "json",
    owesResult: "boolean",
    confirmations: "json",
    createdAt: "date",
  },
  indexes: [
    { fields: ["processId", "attempt"], unique: true },
    { fields: ["verificationId"], unique: true, sparse: true },
    { fields: ["dueAt"], sparse: true },
    { fields: ["status", "dueAt", "_id"] },
  ],
  personal: ["start", "faceUrl", "result"],
};
