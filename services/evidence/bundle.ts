import { PERSONAL_EVIDENCE } from "../../contract/vocabulary.ts";
import type { PdfFile } from "../protocol/protocol.api.ts";
import { evidenceFile, jsonText, manifestOf, MEMBER, sha256Hex, type EvidenceFile } from "./bundle-format.ts";
import { readmeText } from "./bundle-readme.ts";
import { writeZip } from "./bundle-zip.ts";
import { chainFaults, type ChainEvent } from "./chain.ts";
import type { EvidenceEvent } from "./evidence-chain.model.ts";
import { signManifest } from "./manifest-signature.ts";
import { asChainEvent } from "./overview.ts";
import type { SealKey } from "./seal-key.ts";

/** A bundle that would not prove what it says is not handed out. The reason names no personal data. */
export class BundleRefused extends Error {}

export interface BundleSources {
  /** The sealed PDF as the protocol service keeps it. */
  readPdf(protocolId: string): Promise<PdfFile>;
  seal(): SealKey;
}

/**
 * The evidence bundle of CONTRACT.md §5 over all events of one process. Same events and same seal give the same members but for
 * the signature, so an extraction can be repeated and compared.
 * @param rows every event of the process, by `seq`
 * @throws BundleRefused when the chain does not hold or the PDF is not the one that was recorded
 */
export async function writeBundle(processId: string, rows: readonly EvidenceEvent[], redacted: boolean, sources: BundleSources): Promise<Buffer> {
  const all = rows.map(asChainEvent);
  const fault = chainFaults(processId, all)[0];
  if (fault) throw new BundleRefused(`${fault.code} at event ${fault.position}`);
  const evidence = evidenceFile(processId, redacted ? all.map(withoutPersonal) : all);
  const pdf = showsAgreement(evidence) ? await sealedPdf(evidence.events, sources) : null;
  const seal = sources.seal();

  const members = new Map<string, Uint8Array>([
    [MEMBER.evidence, Buffer.from(jsonText(evidence))],
    [MEMBER.certificates, Buffer.from(seal.certificates)],
    [MEMBER.readme, Buffer.from(readmeText(evidence, pdf !== null))],
  ]);
  if (pdf) members.set(MEMBER.pdf, pdf);
  const manifest = Buffer.from(jsonText(manifestOf(members)));
  members.set(MEMBER.manifest, manifest);
  members.set(MEMBER.manifestSignature, signManifest(manifest, seal.key));
  return writeZip(members);
}

function withoutPersonal(event: ChainEvent): ChainEvent {
  if (!PERSONAL_EVIDENCE.includes(event.type)) return event;
  const { seq, type, at, prev, dataHash, hash } = event;
  return { seq, type, at, prev, dataHash, hash };
}

/** The PDF says what the agreement says, so it goes where the agreement's text goes. */
const showsAgreement = ({ events, redacted = [] }: EvidenceFile): boolean =>
  !events.some(({ type, seq }) => type === "PROTOCOL" && redacted.includes(seq));

/** The PDF that the chain recorded, or null before the sealing. */
async function sealedPdf(events: readonly ChainEvent[], sources: BundleSources): Promise<Buffer | null> {
  const sealing = events.find(({ type }) => type === "PROTOCOL_SEALED")?.data;
  if (!sealing) return null;
  const file = await sources.readPdf(String(sealing["protocolId"]));
  const bytes = Buffer.from(file.base64, "base64");
  if (sha256Hex(bytes) !== sealing["pdfSha256"]) throw new BundleRefused("the stored PDF is not the one that was sealed");
  return bytes;
}
