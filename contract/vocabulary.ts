/**
 * The words every service, wallet and document shares. Numbers are those of §3.1 of the client's design;
 * names are those of CONTRACT.md. Adding a word here is a change of the contract.
 */

/** Process states in the order of their stored numbers (§3.1 `signing_process.status`, §4.2.4). */
export const STATUSES = [
  "INIT",
  "SMS_SENT",
  "PROTOCOL_SIGNED",
  "VERIFICATION_PENDING",
  "VERIFICATION_SUCCESS",
  "COMPLETED",
  "FAILED",
  "EXPIRED",
] as const;
export type Status = (typeof STATUSES)[number];

/** The number §3.1 stores for a status. */
export const statusNumber = (status: Status): number => STATUSES.indexOf(status);

/** The name of a stored status number; throws on a number outside 0–7. */
export function statusName(stored: number): Status {
  const name = STATUSES[stored];
  if (name === undefined) throw new RangeError(`no status has the number ${stored}`);
  return name;
}

/** Nothing leaves these (§4.2.4). */
export const TERMINAL: readonly Status[] = ["COMPLETED", "FAILED", "EXPIRED"];

export const BUSINESS_TYPES = ["TIANCAI_SPLIT_ACCOUNT"] as const;
export const SCENES = ["POOLING", "BATCH_PAYMENT", "MEMBER_SETTLEMENT"] as const;
export type Scene = (typeof SCENES)[number];
export const PROCESS_TYPES = ["RELATION_BINDING", "OPEN_PAYMENT", "POOLING_AUTH"] as const;
export type ProcessType = (typeof PROCESS_TYPES)[number];
export const MERCHANT_TYPES = ["ENTERPRISE", "INDIVIDUAL"] as const;
export type MerchantType = (typeof MERCHANT_TYPES)[number];
export const ACCOUNT_TYPES = ["TIANCAI_RECEIVE_ACCOUNT", "TIANCAI_RECEIVER_ACCOUNT"] as const;

/** §3.1 `signatory_type` and `signatory_b_type`: 1 is a company, 2 a person. */
export const SIGNATORY_NUMBER: Readonly<Record<MerchantType, number>> = { ENTERPRISE: 1, INDIVIDUAL: 2 };

export const VERIFICATION_TYPES = ["REMITTANCE", "FACE"] as const;
export type VerificationType = (typeof VERIFICATION_TYPES)[number];
/** `verificationInfo.status` of CONTRACT.md §2.1. */
export const VERIFICATION_STATUSES = ["NOT_STARTED", "PENDING", "SUCCESS", "FAILED"] as const;
export type VerificationStatus = (typeof VERIFICATION_STATUSES)[number];

/** `failureCode` of CONTRACT.md §2.1, with the Chinese text that becomes `failureReason` when nothing more exact is known. */
export const FAILURES = {
  SMS_SEND_FAILED: "签约短信发送失败，请核对手机号后重新发起",
  VERIFICATION_FAILED: "身份认证未通过",
  SIGN_TIMEOUT: "未在有效期内完成签署，流程已过期",
  VERIFICATION_TIMEOUT: "未在有效期内完成身份认证，流程已过期",
  SIGNER_DECLINED: "签署人拒绝签署",
  CANCELLED: "发起方已取消签约",
} as const;
export type FailureCode = keyof typeof FAILURES;

/** `evidence_type` of CONTRACT.md §5. */
export const EVIDENCE_TYPES = [
  "REQUEST",
  "SMS_RECORD",
  "LINK_OPENED",
  "PROTOCOL",
  "READING",
  "SIGNATURE",
  "VERIFICATION_REQUEST",
  "VERIFICATION_ANSWER",
  "VERIFICATION_RESULT",
  "VERIFICATION_ANOMALY",
  "LATE_RESULT",
  "PROTOCOL_SEALED",
  "STATE",
  "CALLBACK",
  "CUSTODY",
  "INCIDENT",
] as const;
export type EvidenceType = (typeof EVIDENCE_TYPES)[number];

/**
 * Evidence whose data names or traces a person: left out of the redacted view and of nothing else (CONTRACT.md §5).
 * PROTOCOL is among them because its data holds the agreement's full text; its hash stands in READING, SIGNATURE and PROTOCOL_SEALED too.
 */
export const PERSONAL_EVIDENCE: readonly EvidenceType[] = [
  "REQUEST",
  "PROTOCOL",
  "SMS_RECORD",
  "LINK_OPENED",
  "READING",
  "SIGNATURE",
  "VERIFICATION_REQUEST",
  "VERIFICATION_ANSWER",
  "VERIFICATION_RESULT",
  "VERIFICATION_ANOMALY",
  "LATE_RESULT",
  "INCIDENT",
];

/** The nine services of the client's stack, in the order they start. */
export const SERVICE_NAMES = [
  "template",
  "evidence",
  "sms",
  "protocol",
  "verification-bridge",
  "notifier",
  "expiry",
  "process",
  "gateway",
] as const;
export type ServiceName = (typeof SERVICE_NAMES)[number];
