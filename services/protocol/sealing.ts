import { failure } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Printer } from "./chromium/printer.ts";
import { printAgreement } from "./print.ts";
import type { MarkedSigned, MarkSignedParams, Sealed, SealParams, SignatureLine } from "./protocol.api.ts";
import type { ProtocolRecord } from "./protocol-record.model.ts";
import { sealPdf } from "./seal.ts";
import { loadSeal } from "./seal-identity.ts";
import { contentName, sha256Hex, type FileStorage } from "./storage/file-storage.ts";

export interface Sealing {
  records: Collection<ProtocolRecord>;
  printer: Printer;
  storage: FileStorage;
  sealKeyFile: string;
  sealCertFile: string;
}

const REASON = "电子签约平台加盖电子签章，固定协议内容与签署记录";
const LOCATION = "中国";

/** Notes the signature; the first one stays, whatever comes later or again. */
export async function markSigned(records: Collection<ProtocolRecord>, params: MarkSignedParams): Promise<MarkedSigned> {
  const { protocolId, protocolHash, signedAt, signIp, signUserAgent } = params;
  const outcome = await amend(records, protocolId, (record) => {
    if (record.evidenceHash !== protocolHash) throw failure("PROTOCOL_CHANGED");
    return record.signedAt ? null : { ...record, signedAt: new Date(signedAt), signIp, signUserAgent };
  });
  if (!outcome) throw failure("PROCESS_NOT_FOUND");
  return { protocolId, signedAt: isoSeconds(outcome.doc.signedAt!) };
}

/**
 * Prints, seals, stores and records. Two sealings differ in bytes: whoever records first wins and everybody answers with that
 * file; the loser's file stays unreferenced. A death before the recording costs a repeat.
 * @param record the frozen agreement, just checked against its hash
 */
export async function seal(on: Sealing, record: ProtocolRecord, { protocolHash, signaturePage }: SealParams): Promise<Sealed> {
  if (record.evidenceHash !== protocolHash) throw failure("PROTOCOL_CHANGED");
  if (record.sealedAt) return sealedOf(record);
  if (!record.signedAt) throw failure("PROCESS_STATE_INVALID");
  const now = Math.floor(clock.now() / 1000) * 1000;
  const sealedAt = new Date(now);
  const identity = await loadSeal(on.sealKeyFile, on.sealCertFile, now);
  const printed = await printAgreement(on.printer, jobOf(record, record.signedAt, signaturePage));
  const pdf = await sealPdf(printed, identity, { reason: REASON, location: LOCATION, sealedAt });
  const storagePath = contentName(record.protocolId, pdf);
  await on.storage.put(storagePath, pdf);
  const file = { storagePath, pdfSha256: sha256Hex(pdf), pdfSize: pdf.length, sealedAt, sealCertSha256: identity.certSha256 };
  const outcome = await amend(on.records, record._id, (present) => (present.sealedAt ? null : { ...present, ...file }));
  if (!outcome) throw failure("PROCESS_NOT_FOUND");
  return sealedOf(outcome.doc);
}

const jobOf = (record: ProtocolRecord, signedAt: Date, lines: SignatureLine[]) => ({
  html: record.protocolContent,
  protocolId: record.protocolId,
  protocolName: record.protocolName,
  protocolHash: record.evidenceHash,
  sm3: record.sm3,
  signedAt,
  lines,
});

const sealedOf = (record: ProtocolRecord): Sealed => ({
  protocolId: record.protocolId,
  pdfSha256: record.pdfSha256!,
  size: record.pdfSize!,
  storagePath: record.storagePath!,
  sealedAt: isoSeconds(record.sealedAt!),
  sealCertSha256: record.sealCertSha256!,
});
