import type { TemplateRef, TemplateVariables } from "../template/template.api.ts";

/**
 * `sms.send`: one message, idempotent under `messageId`: sent already gives the recorded outcome; a failed one is tried again
 * with the same id. Up to three tries inside the call, never longer than `SMS_BUDGET_MS`.
 */
export interface SendSmsParams {
  messageId: string;
  processId: string;
  kind: "INVITATION" | "SIGN_CODE";
  mobile: string;
  template: TemplateRef;
  variables: TemplateVariables;
}
/** `sms.reserve`: a place within SMS_MOBILE_LIMIT for a message that is about to be caused; `sms.send` uses it. RATE_LIMITED when there is none. */
export interface ReserveParams {
  messageId: string;
  mobile: string;
}
/** `sms.receipt`: a delivery receipt as it came (CONTRACT.md §2); token and body are judged there. */
export interface ReceiptParams {
  token: string | null;
  body: unknown;
}
export interface SmsOutcome {
  messageId: string;
  status: "SENT" | "FAILED";
  smsId: string | null;
  attempts: number;
  /** ISO time of the last try's end. */
  at: string;
  templateCode: string;
  /** What was sent, with link token and code replaced: the token by its SHA-256, the code by stars. */
  contentForEvidence: string;
  /** Lower-case hex SHA-256 of the exact content. */
  contentSha256: string;
  /** Why it failed, without personal data; null when sent. */
  failure: string | null;
}
