import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { TemplateRef } from "../template/template.api.ts";
import type { KeyClause } from "./protocol.api.ts";

/** One agreement, from its freezing at initiation to the sealed PDF. `_id` is the protocolId. */
export interface ProtocolRecord extends Doc {
  protocolId: string;
  processId: string;
  /** The template's code; its pinned version and hash are in `templateRef`. */
  templateId: string;
  templateRef: TemplateRef;
  protocolName: string;
  /** HTML exactly as it is shown, signed and printed. */
  protocolContent: string;
  keyClauses: KeyClause[];
  signatoryA: string;
  signatoryB: string;
  /** 1 company, 2 person. */
  signatoryBType: number;
  signedAt: Date | null;
  signIp: string | null;
  signUserAgent: string | null;
  /** `protocolHash`: SHA-256 of the UTF-8 bytes of `protocolContent`. */
  evidenceHash: string;
  sm3: string;
  /** §3.1 has it required; there is no PDF before the sealing, so until then it is null. */
  storagePath: string | null;
  pdfSha256: string | null;
  pdfSize: number | null;
  sealedAt: Date | null;
  sealCertSha256: string | null;
  createdAt: Date;
}

/** §3.1 `protocol_record`. */
export const protocolRecordModel: Model = {
  name: "protocol_record",
  fields: {
    protocolId: "string",
    processId: "string",
    templateId: "string",
    templateRef: "json",
    protocolName: "string",
    protocolContent: "string",
    keyClauses: "json",
    signatoryA: "string",
    signatoryB: "string",
    signatoryBType: "number",
    signedAt: "date",
    signIp: "string",
    signUserAgent: "string",
    evidenceHash: "string",
    sm3: "string",
    storagePath: "string",
    pdfSha256: "string",
    pdfSize: "number",
    sealedAt: "date",
    sealCertSha256: "string",
    createdAt: "date",
  },
  indexes: [{ fields: ["protocolId"], unique: true }, { fields: ["processId"] }],
  // Key clauses may quote the parties; the agreement quotes them all.
  personal: ["protocolContent", "keyClauses", "signIp", "signUserAgent"],
};
