import type { DocumentKind, Revealable } from "../../contract/disclosure.ts";
import type { Operator } from "../../contract/operator.ts";
import type { PageParams } from "../../contract/paging.ts";
import type { MerchantType, ProcessType, Scene, Status, VerificationStatus, VerificationType } from "../../contract/vocabulary.ts";
import type { ChainState, EvidenceOverview } from "../evidence/evidence.api.ts";
import type { KeyClause, SignatureLine } from "../protocol/protocol.api.ts";
import type { TemplateKind, TemplateVariables } from "../template/template.api.ts";
import type { Started, VerificationResult } from "../verification-bridge/verification-bridge.api.ts";

/** `process.initiate` (§2.1.1). `body` is the parsed JSON as it came; validation is the process service's. */
export interface InitiateParams {
  systemCode: string;
  businessId: string;
  body: unknown;
  /** The request as it was signed, kept as evidence; absent for unsigned callers and bus calls. */
  signed?: SignedRequest;
}
export interface SignedRequest {
  method: string;
  /** Path and query as sent. */
  target: string;
  timestamp: string;
  nonce: string;
  keyId: string;
  signType: string;
  signature: string;
  /** The body as text. Only valid UTF-8 is ever accepted, so its UTF-8 bytes are the very bytes that were signed. */
  rawBody: string;
  /** Lower-case hex SHA-256 of the body's bytes as they came. */
  bodySha256: string;
  /** The key that verified it: base64 of its SPKI (DER). Absent for a shared secret (HMAC-SHA256). */
  publicKey?: string;
  /** Lower-case hex SHA-256 of the SPKI. */
  publicKeySha256?: string;
}
/** `data` of §2.1.1's answer, and of a 409 REQUEST_DUPLICATED. */
export interface Initiated {
  processId: string;
  status: Status;
  h5PageUrl: string;
  expiredAt: string | null;
}

/** `process.get {systemCode, processId}` answers `data` of §2.1.2, masked. */
export interface ProcessQuery {
  systemCode: string;
  processId: string;
}

/** From where a signer's call came. */
export interface SignerOrigin {
  ip: string;
  userAgent: string;
}
/** `process.page {token}` (CONTRACT.md §2.4 `GET /h5/api/process`). */
export interface PageData {
  processId: string;
  status: Status;
  expiredAt: string | null;
  page: { title: string; intro: string; consent: string; button: string };
  protocol: {
    protocolId: string;
    protocolName: string;
    html: string;
    protocolHash: string;
    keyClauses: KeyClause[];
    readSeconds: number;
  };
  signer: { name: string; mobile: string };
  smsCode: { required: boolean };
  verification: VerificationView | null;
  failureReason: string | null;
  downloadUrl: string | null;
}
export interface VerificationView {
  type: VerificationType;
  status: VerificationStatus;
  remainingAttempts: number | null;
  /** Chinese: when the money or the face page can be expected. */
  arrivalHint: string | null;
}
/** `process.open`, `process.signCode`, `process.sign`, `process.decline`, `process.answer`, `process.face`: one signer's call each; `body` is validated there. */
export interface SignerCall {
  token: string;
  origin: SignerOrigin;
  body: unknown;
}

/** `process.verificationStarted`: the bridge got a late start through. */
export interface VerificationStartedParams extends Started {
  processId: string;
}
/** `process.verified`: a result whose authenticity the bridge has checked. Twice, late and out of turn are all answered. */
export interface VerifiedParams extends VerificationResult {
  processId: string;
}
/** What became of a result. ANOMALY: kept as evidence, changed nothing. */
export interface VerifiedOutcome {
  outcome: "ACCEPTED" | "REPEATED" | "LATE" | "ANOMALY";
}

/** `process.expire {processId}`: looks at the deadline and decides. `next` is when to come back; null for never. */
export interface ExpireOutcome {
  next: string | null;
}
/** `process.resend`: the invitation once more; answers like `process.initiate`. */
export interface ResendParams {
  systemCode: string;
  processId: string;
}
export interface CancelParams {
  systemCode: string;
  processId: string;
  reason: string;
}

/** `process.retry`, `process.cancelByOperator`: what an operator does with one process, by name and for a reason. */
export interface OperatorCall {
  processId: string;
  operator: Operator;
}
/** `process.list`: for operators; answers a page of the process shape of CONTRACT.md §2.5. */
export interface ProcessListParams extends PageParams {
  /** Only those that hang. */
  stuck?: boolean;
  /** A process id, a request id, a merchant number or a merchant's whole name. */
  q?: string;
}

/** Who signs, masked. */
export interface MaskedSigner {
  side: "payer" | "payee";
  merchantType: MerchantType;
  name: string;
  mobile: string;
  idCardNo: string | null;
  /** The account that is verified; null where none was given. */
  bankCard: { cardNo: string; accountName: string | null; bankCode: string | null } | null;
}
/** A text that a process has pinned for good. */
export interface PinnedTemplate {
  kind: TemplateKind;
  code: string;
  version: number;
  sha256: string;
  name: string;
  /** Who approved that version, `系统内置` for what came with the platform; null in processes of before there was an approval, like the next. */
  approvedBy: string | null;
  /** The audit entry of the activation by which it was in force. */
  activationId: string | null;
}
export interface DocumentState {
  kind: DocumentKind;
  available: boolean;
  /** Lower-case hex; null while there is none, and for the bundle, which is made anew each time. */
  sha256: string | null;
}
/** `process.inspect {processId}`: the process shape of CONTRACT.md §2.5 and what belongs to it. `chain` is null while the evidence cannot be reached. */
export interface ProcessDetail extends Record<string, unknown> {
  signer: MaskedSigner;
  templates: PinnedTemplate[];
  evidence: EvidenceOverview["items"];
  chain: ChainState | null;
  documents: DocumentState[];
}

/** `process.reveal`: one field in full; who looked and why is in the chain before. */
export interface RevealCall extends OperatorCall {
  /** As it came; judged there. */
  field: unknown;
}
export interface Revealed {
  field: Revealable;
  value: string;
}

/** `process.handOver`: one document in full; who took it and why is in the chain before. */
export interface DocumentCall extends OperatorCall {
  /** As it came; judged there. */
  kind: unknown;
}
export interface HandedOver {
  fileName: string;
  /** Media type. */
  type: string;
  base64: string;
}

/** `process.sample`: the words of a process with sample data, for the preview of a template. */
export interface SampleParams {
  processType: ProcessType;
  scene: Scene;
  signerType: MerchantType;
  /** Absent: as such a signer is verified by the rules. */
  verificationType?: VerificationType;
  codeRequired: boolean;
  protocolName: string;
  /** How many key clauses the signer has acknowledged; only the signature page says it. */
  keyClauses: number;
}
export interface SampleProcess {
  variables: TemplateVariables;
  signaturePage: SignatureLine[];
}
