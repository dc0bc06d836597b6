import type { TemplateRef, TemplateVariables } from "../template/template.api.ts";

export interface KeyClause {
  id: string;
  text: string;
}

/** `protocol.prepare`: renders, stores nothing. PARAM_INVALID names the field and code point of a character the PDF font lacks. */
export interface PrepareParams {
  protocolId: string;
  template: TemplateRef;
  variables: TemplateVariables;
  /** Which request field each variable came from, for error messages: `{payeeName: "payeeInfo.merchantName"}`. */
  fields: Record<string, string>;
}
export interface Prepared {
  /** Lower-case hex SHA-256 of the UTF-8 bytes of the agreement's HTML. */
  protocolHash: string;
  /** Lower-case hex SM3 of the same bytes (GB/T 32905). */
  sm3: string;
  keyClauses: KeyClause[];
}

/** `protocol.preview`: an agreement with sample data as a signer would see it and, on request, as it would print. Nothing is stored. */
export interface PreviewParams {
  html: string;
  protocolName: string;
  signaturePage: SignatureLine[];
  pdf: boolean;
}
export interface Previewed {
  keyClauses: KeyClause[];
  /** Of the PDF. */
  base64?: string;
}

/** `protocol.freeze`: stores the agreement; twice is once. A render that no longer gives `protocolHash` fails. */
export interface FreezeParams {
  protocolId: string;
  processId: string;
  template: TemplateRef;
  variables: TemplateVariables;
  protocolHash: string;
  signatoryA: string;
  signatoryB: string;
  /** 1 company, 2 person (§3.1). */
  signatoryBType: number;
  /** ISO time. */
  createdAt: string;
}

/** Answer of `protocol.freeze`. */
export interface Frozen {
  protocolId: string;
  protocolHash: string;
}

/** `protocol.show {protocolId}`: what the signer's page displays. */
export interface Shown extends Prepared {
  protocolId: string;
  protocolName: string;
  html: string;
}

/** `protocol.markSigned`: §3.1 signed_at, sign_ip, sign_user_agent; the first one stays. */
export interface MarkSignedParams {
  protocolId: string;
  protocolHash: string;
  /** ISO time. */
  signedAt: string;
  signIp: string;
  signUserAgent: string;
}

/** Answer of `protocol.markSigned`: the signature that counts. */
export interface MarkedSigned {
  protocolId: string;
  /** ISO time of the first signature. */
  signedAt: string;
}

/** One printed line of the signature page: Chinese label and value. */
export interface SignatureLine {
  label: string;
  value: string;
}
/**
 * `protocol.seal`: prints, adds the signature page, seals, stores; twice is once and gives the recorded file. Not signed is
 * PROCESS_STATE_INVALID. The first one after a start waits for Chromium: give it 60 s.
 */
export interface SealParams {
  protocolId: string;
  protocolHash: string;
  /** Who, when, from where, verified how; hashes are added by the service. */
  signaturePage: SignatureLine[];
}
export interface Sealed {
  protocolId: string;
  /** Lower-case hex SHA-256 of the sealed PDF's bytes. */
  pdfSha256: string;
  size: number;
  storagePath: string;
  /** ISO time. */
  sealedAt: string;
  /** Lower-case hex SHA-256 of the sealing certificate (DER). */
  sealCertSha256: string;
}

/** `protocol.link {protocolId}`: a fresh signed download link (DOWNLOAD_LINK_TTL). */
export interface DownloadLink {
  url: string;
}
/** `protocol.download {protocolId, expires, kid, sig}` → checks the link; `protocol.read {protocolId}` → the same without a link, for the bundle; not sealed is PROCESS_STATE_INVALID. */
export interface PdfFile {
  /** Base64 of the PDF's bytes, re-hashed on this read. */
  base64: string;
  sha256: string;
}
export interface DownloadParams {
  protocolId: string;
  expires: string;
  kid: string;
  sig: string;
}

/** `protocol.health`: whether PDFs can be printed and kept right now. */
export interface ProtocolHealth {
  chromium: "UP" | "DOWN";
  storage: "UP" | "DOWN";
}
