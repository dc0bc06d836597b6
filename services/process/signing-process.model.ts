import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { FailureCode, MerchantType, ProcessType, Scene, Status, VerificationStatus, VerificationType } from "../../contract/vocabulary.ts";
import type { TemplateRef } from "../template/template.api.ts";
import type { Confirmed } from "../verification-bridge/verification-bridge.api.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";

/** What `process` still owes the world, in the order it is to be done (docs/architecture.md). */
export interface OwedEffect {
  /** Unique within what is owed. */
  key: string;
  name: EffectName;
  /** Counts the claims, 0 before the first; a strike-off that names an older one does nothing. */
  attempt: number;
  /** Node that works on it until `leaseUntil` (ms); null when nobody does. */
  owner: string | null;
  leaseUntil: number | null;
  /** Not before this time (ms). */
  dueAt: number;
  /** Code of the last failure, never its text. */
  lastError: string | null;
  /** What was fixed when the command was decided, so that a repeat does the same. */
  params: EffectParams;
}
export const EFFECT_NAMES = ["wake", "agree", "invite", "reinvite", "record", "markSigned", "startVerification", "seal", "announce"] as const;
export type EffectName = (typeof EFFECT_NAMES)[number];
export type EffectParams = Record<string, unknown>;

/** The code that was last sent to the phone; the digits are derived, not stored. */
export interface SignCode {
  /** How many codes this process has sent. */
  sent: number;
  kid: string;
  messageId: string;
  /** ms */
  sentAt: number;
  /** Wrong tries at this code. */
  tries: number;
}

/** The invitations after the first (CONTRACT.md §2, resend). */
export interface Resends {
  /** How many have gone out. */
  sent: number;
  /** When the last of them did, ms. */
  lastAt: number | null;
  /** The one that is under way, asked for at `at` (ms). */
  pending: { messageId: string; at: number } | null;
}

/** Where the signature came from and what it said. */
export interface Signature {
  ip: string;
  userAgent: string;
  keyClauses: string[];
  /** Measured by the server: display to signature, in ms. */
  readMs: number;
  smsCode: { required: boolean; messageId: string | null };
}

export interface Answer {
  answerId: string;
  /** Hex SHA-256 of `amount|remark`: who sends the same words again gets the same reply. */
  said: string;
  /** ms */
  at: number;
  /** Null until the system's reply is known. */
  outcome: Confirmed["outcome"] | null;
  /** When the reply became known, ms. */
  judgedAt: number | null;
}

export interface Verification {
  type: VerificationType;
  status: VerificationStatus;
  attempt: number;
  requestId: string;
  verificationId: string | null;
  remainingAttempts: number | null;
  verifiedAt: string | null;
  /** The signer's last answer. An expiry waits for it, a second tap does not pass it. */
  answer: Answer | null;
  faceUrl: string | null;
  faceUrlExpiresAt: string | null;
}

/** The agreement and the texts this process will use for good, whatever becomes active later. */
export interface Agreement {
  protocolName: string;
  protocolHash: string;
  sm3: string;
  keyClauseIds: string[];
  signatoryA: string;
  signatoryB: string;
  /** PLATFORM_PARTY_NAME and SIGN_SMS_CODE as they were at initiation: the text names both, so neither may change under a signer. */
  platformName: string;
  codeRequired: boolean;
  templates: { protocol: TemplateRef; sms: TemplateRef; smsCode: TemplateRef; h5: TemplateRef; /** Absent in processes of before there was one. */ smsContinue?: TemplateRef };
}

export interface HistoryEntry {
  at: string;
  status: Status;
  command: string;
}

/** `signing_process` of §3.1 under the client's names, and what the actor needs besides. `_id` is `processId`. */
export interface SigningProcess extends Doc {
  processId: string;
  requestId: string;
  systemCode: string;
  businessId: string;
  businessType: string;
  scene: Scene;
  processType: ProcessType;
  /** 0–7 of §3.1; `statusName` gives the word. */
  status: number;
  payerMerchantNo: string;
  payerMerchantName: string;
  payerAccountNo: string;
  payeeMerchantNo: string | null;
  payeeMerchantName: string | null;
  payeeAccountNo: string | null;
  /** The signer's contact, whichever party signs (CONTRACT.md §2.1). */
  payeeContactMobile: string;
  payeeContactName: string;
  payeeContactIdCard: string | null;
  initiatorMerchantNo: string;
  initiatorMerchantName: string;
  fundPurpose: string;
  /** SHA-256 of the link's token, hex; the token itself is nowhere. */
  h5PageToken: string;
  h5PageTokenKid: string;
  /** Without the token. */
  h5PageUrl: string;
  callbackUrl: string;
  protocolId: string;
  verificationId: string | null;
  failureReason: string | null;
  failureCode: FailureCode | null;
  /** Deadline of the present stage; null where there is none. */
  expiredAt: Date | null;
  completedAt: Date | null;
  extInfo: Record<string, string> | null;
  createdAt: Date;
  updatedAt: Date;

  /** The request as parsed: known fields only. */
  request: InitiateRequest;
  signer: "payer" | "payee";
  signerType: MerchantType;
  verificationType: VerificationType;
  agreement: Agreement;
  invitationId: string;
  eventId: string;
  /** The first stage's deadline, as agreement and SMS name it; `expiredAt` moves on. */
  signDeadline: Date;
  openedAt: Date | null;
  signedAt: Date | null;
  signature: Signature | null;
  signCode: SignCode | null;
  /** Null or absent when there was none. */
  resends?: Resends | null;
  verification: Verification | null;
  /** The chain has the VERIFICATION_REQUEST of the present attempt. */
  verificationRequestRecorded: boolean;
  /** Evidence keys of results that came out of turn and were noted: the same one again is a repeat. */
  notedResults: string[];
  history: HistoryEntry[];
  owed: OwedEffect[];
  /** When the first owed effect can be taken by the sweep; absent when nothing is owed. */
  owedDueAt: Date | null;
}

export const signingProcessModel: Model = {
  name: "signing_process",
  fields: {
    processId: "string",
    requestId: "string",
    systemCode: "string",
    businessId: "string",
    businessType: "string",
    scene: "string",
    processType: "string",
    status: "number",
    payerMerchantNo: "string",
    payerMerchantName: "string",
    payerAccountNo: "string",
    payeeMerchantNo: "string",
    payeeMerchantName: "string",
    payeeAccountNo: "string",
    payeeContactMobile: "string",
    payeeContactName: "string",
    payeeContactIdCard: "string",
    initiatorMerchantNo: "string",
    initiatorMerchantName: "string",
    fundPurpose: "string",
    h5PageToken: "string",
    h5PageTokenKid: "string",
    h5PageUrl: "string",
    callbackUrl: "string",
    protocolId: "string",
    verificationId: "string",
    failureReason: "string",
    failureCode: "string",
    expiredAt: "date",
    completedAt: "date",
    extInfo: "json",
    createdAt: "date",
    updatedAt: "date",
    request: "json",
    signer: "string",
    signerType: "string",
    verificationType: "string",
    agreement: "json",
    invitationId: "string",
    eventId: "string",
    signDeadline: "date",
    openedAt: "date",
    signedAt: "date",
    signature: "json",
    signCode: "json",
    resends: "json",
    verification: "json",
    verificationRequestRecorded: "boolean",
    notedResults: "json",
    history: "json",
    owed: "json",
    owedDueAt: "date",
  },
  indexes: [
    { fields: ["processId"], unique: true },
    // §3.1 has request_id unique; the wallet's system and the business type are part of the key (§4.2.5, CONTRACT.md §2.1).
    { fields: ["systemCode", "businessType", "requestId"], unique: true },
    // What an operator has in hand; §3.1 has it indexed by itself.
    { fields: ["requestId", "_id"] },
    { fields: ["businessType"] },
    { fields: ["scene"] },
    { fields: ["status"] },
    // A headquarters is a party of most processes: in the order of an operator's list, so that a page of it costs a page.
    { fields: ["payerMerchantNo", "processId"] },
    { fields: ["payeeMerchantNo", "processId"] },
    { fields: ["payerMerchantName", "processId"] },
    { fields: ["payeeMerchantName", "processId"] },
    { fields: ["h5PageToken"], unique: true },
    { fields: ["expiredAt", "_id"] },
    { fields: ["owedDueAt"], sparse: true },
  ],
  personal: ["payeeContactMobile", "payeeContactName", "payeeContactIdCard", "request", "signature", "verification", "owed"],
};
