import { Broken } from "./finding.ts";

export interface PdfSignature {
  /** The file without the signature's own digits, in two pieces. */
  covered: [Uint8Array, Uint8Array];
  /** DER. */
  cms: Uint8Array;
}

const fault = (code: string, message: string): Broken => new Broken(code, "protocol.pdf", message);

/**
 * Finds the one PAdES signature of a PDF. It must cover every byte of the file but its own digits, so that nothing can be
 * added behind it, in front of it or in its gap.
 * @throws Broken when there is no such signature
 */
export function pdfSignature(pdf: Uint8Array): PdfSignature {
  const bytes = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  const text = bytes.toString("latin1");
  const ranges = [...text.matchAll(/\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g)];
  if (ranges.length === 0) throw fault("PDF_UNSIGNED", "PDF 没有数字签名");
  if (ranges.length > 1) throw fault("PDF_SIGNATURES", "PDF 有多个签名，应只有一个");
  const [start, gapStart, gapEnd, rest] = ranges[0]!.slice(1).map(Number) as [number, number, number, number];
  const whole = start === 0 && gapStart < gapEnd && gapEnd + rest === bytes.length && bytes[gapStart] === 0x3c && bytes[gapEnd - 1] === 0x3e;
  if (!whole) throw fault("PDF_COVERAGE", "签名没有覆盖整个 PDF 文件");
  if (!/\/Contents\s*$/.test(text.slice(Math.max(gapStart - 32, 0), gapStart))) throw fault("PDF_COVERAGE", "签名空隙处不是签名内容");
  // The dictionary of the signature holds the range and says which kind it is.
  if (!/\/SubFilter\s*\/ETSI\.CAdES\.detached\b/.test(text)) throw fault("PDF_KIND", "不是 PAdES 签名（ETSI.CAdES.detached）");
  const digits = text.slice(gapStart + 1, gapEnd - 1);
  if (!/^(?:[0-9A-Fa-f]{2})+$/.test(digits)) throw fault("PDF_CMS", "签名内容不是十六进制");
  return { covered: [bytes.subarray(0, gapStart), bytes.subarray(gapEnd)], cms: derOf(Buffer.from(digits, "hex")) };
}

/** The DER value at the start; what follows may only be the zeros that reserve room. */
function derOf(padded: Buffer): Uint8Array {
  const first = padded[1] ?? 0;
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const length = first < 0x80 ? first : lengthBytes >= 1 && lengthBytes <= 4 ? padded.readUIntBE(2, lengthBytes) : NaN;
  const end = 2 + lengthBytes + length;
  if (padded[0] !== 0x30 || !(end <= padded.length) || padded.subarray(end).some((byte) => byte !== 0)) throw fault("PDF_CMS", "签名内容不是完整的 CMS");
  return padded.subarray(0, end);
}
