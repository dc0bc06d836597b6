import type { VerificationStatus, VerificationType } from "../../contract/vocabulary.ts";

/**
 * `verification-bridge.start`: accepts responsibility for one attempt, idempotent under `requestId`. Tries at once; when the
 * system does not answer the attempt stays NOT_STARTED and the bridge goes on trying (5 s doubling to 10 min) until `giveUpAt`,
 * then reports through `process.verificationStarted`.
 */
export interface StartParams {
  processId: string;
  /** `<processId>-<attempt>`: the idempotency key that moves money at most once. */
  requestId: string;
  attempt: number;
  type: VerificationType;
  merchantNo: string;
  merchantName: string;
  bankCardInfo: { cardNo: string; accountName: string; bankCode: string } | null;
  name: string;
  idCardNo: string | null;
  protocolHash: string;
  /** ISO time: end of the window. */
  giveUpAt: string;
}
export interface Started {
  requestId: string;
  status: "NOT_STARTED" | "PENDING";
  verificationId: string | null;
  /** ISO time the system accepted; null while not started. */
  startedAt: string | null;
  faceUrl: string | null;
  faceUrlExpiresAt: string | null;
}

/** `verification-bridge.confirm`: passes the signer's answer on exactly once (§6: user actions are never retried). */
export interface ConfirmParams {
  processId: string;
  verificationId: string;
  answerId: string;
  amount: string;
  remark: string;
}
export interface Confirmed {
  answerId: string;
  /** UNREACHABLE: no usable answer came; the answer may or may not have arrived. */
  outcome: "SUCCESS" | "MISMATCH" | "FAILED" | "UNREACHABLE";
  remainingAttempts: number | null;
}

/** `verification-bridge.query {processId}`: asks the system now; never changes the process by itself. */
export interface QueryAnswer {
  status: VerificationStatus | "UNREACHABLE" | "UNKNOWN";
  result: VerificationResult | null;
}

/** A result as callback, bus event and query bring it (§2.1.3). */
export interface VerificationResult {
  verificationId: string;
  requestId: string;
  status: "SUCCESS" | "FAILED";
  /** ISO time. */
  verifiedAt: string;
  failureReason: string | null;
  evidence: Record<string, unknown> | null;
  source: "CALLBACK" | "EVENT" | "QUERY";
}

/** `verification-bridge.callback {token, body}`: authenticates §2.1.3 and hands the result to `process.verified`. */
export interface CallbackParams {
  token: string | null;
  body: unknown;
}

/** `verification-bridge.inspect`, `.unstarted`, `.hurry`: an attempt as an operator may see it. */
export interface AttemptState {
  processId: string;
  requestId: string;
  attempt: number;
  type: VerificationType;
  status: VerificationStatus;
  /** Rounds that have come to nothing since the last progress. */
  tries: number;
  /** ISO time of the next try; null when none will be made by itself. */
  dueAt: string | null;
  /** ISO time. */
  giveUpAt: string;
  /** The process has not been told yet that a late start got through. */
  owesStarted: boolean;
  /** The process has not been told the result yet. */
  owesResult: boolean;
}
