import { createHash } from "node:crypto";
import { PDF, PdfArray, PdfDict, PdfName, PdfNumber, PdfString } from "@libpdf/core";
import { detachedSignature } from "./cms.ts";
import { pdfDate } from "./pdf-dates.ts";
import type { LoadedSeal } from "./seal-identity.ts";

export interface SealMetadata {
  reason: string;
  location: string;
  /** Claimed by the platform; it is not a timestamp. */
  sealedAt: Date;
}

/** Any number of ten digits: keeps the place of the real one. */
const HELD = 9_999_999_999;
/** Bytes of the signature apart from its certificates: signed attributes, an RSA signature of up to 8192 bits, structure. */
const ROOM_BESIDE_CERTIFICATES = 2048;

/**
 * Seals a PDF, PAdES B-B (ETSI.CAdES.detached): libpdf writes the signature field as an incremental update, the signature
 * itself comes from `cms.ts` (docs/decisions/own-pdf-signer.md). Sealing the same PDF twice gives different bytes.
 */
export async function sealPdf(pdf: Buffer, seal: LoadedSeal, metadata: SealMetadata): Promise<Buffer> {
  const room = ROOM_BESIDE_CERTIFICATES + seal.chain.reduce((sum, certificate) => sum + certificate.raw.length, 0);
  const prepared = await withEmptySignature(pdf, room, seal.name, metadata);
  const contents = prepared.indexOf(`/Contents <${"0".repeat(64)}`, pdf.length, "latin1");
  const byteRange = prepared.indexOf(`/ByteRange [0 ${HELD}`, pdf.length, "latin1");
  if (contents < 0 || byteRange < 0) throw new Error("the prepared PDF has no place for the signature");

  const hexStart = contents + "/Contents <".length;
  const hexEnd = hexStart + room * 2;
  const ranges = [0, hexStart - 1, hexEnd + 1, prepared.length - hexEnd - 1];
  const held = `/ByteRange [0 ${HELD} ${HELD} ${HELD}]`;
  prepared.write(`/ByteRange [${ranges.join(" ")}]`.padEnd(held.length), byteRange, "latin1");

  const digest = createHash("sha256").update(prepared.subarray(0, hexStart - 1)).update(prepared.subarray(hexEnd + 1)).digest();
  const signature = await detachedSignature(digest, seal);
  if (signature.length > room) throw new Error(`the signature has ${signature.length} bytes and does not fit into ${room}`);
  prepared.write(signature.toString("hex"), hexStart, "latin1");
  return prepared;
}

/** The PDF plus an incremental update with an invisible signature field on its last page, its values still blank. */
async function withEmptySignature(pdf: Buffer, room: number, name: string, metadata: SealMetadata): Promise<Buffer> {
  const document = await PDF.load(pdf);
  const page = document.getPages().at(-1);
  if (!page) throw new Error("a PDF without pages cannot be sealed");
  const signature = PdfDict.of({
    Type: PdfName.of("Sig"),
    Filter: PdfName.of("Adobe.PPKLite"),
    SubFilter: PdfName.of("ETSI.CAdES.detached"),
    ByteRange: PdfArray.of(PdfNumber.of(0), PdfNumber.of(HELD), PdfNumber.of(HELD), PdfNumber.of(HELD)),
    Contents: PdfString.fromBytes(Buffer.alloc(room)),
    M: PdfString.fromString(pdfDate(metadata.sealedAt)),
    Name: PdfString.fromString(name),
    Reason: PdfString.fromString(metadata.reason),
    Location: PdfString.fromString(metadata.location),
  });
  const field = document.register(
    PdfDict.of({
      Type: PdfName.of("Annot"),
      Subtype: PdfName.of("Widget"),
      FT: PdfName.of("Sig"),
      T: PdfString.fromString("ESignSeal"),
      F: PdfNumber.of(132), // printed and locked
      Rect: PdfArray.of(PdfNumber.of(0), PdfNumber.of(0), PdfNumber.of(0), PdfNumber.of(0)),
      P: page.ref,
      V: document.register(signature),
    }),
  );
  const present = page.dict.get("Annots");
  if (present) throw new Error("the last page has annotations of its own: it is not the platform's signature page");
  page.dict.set("Annots", PdfArray.of(field));
  // SigFlags 3: signatures exist, change only by appending.
  document.getCatalog().set("AcroForm", document.register(PdfDict.of({ Fields: PdfArray.of(field), SigFlags: PdfNumber.of(3) })));
  const blocker = document.canSaveIncrementally();
  if (blocker) throw new Error(`the PDF cannot be sealed by appending: ${blocker}`);
  return Buffer.from(await document.save({ incremental: true }));
}
