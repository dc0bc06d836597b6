import { randomBytes } from "node:crypto";
import type { Printer } from "./chromium/printer.ts";
import { fixPdfDates } from "./pdf-dates.ts";
import { cssString, printStylesheet } from "./print-stylesheet.ts";
import { asText, signaturePage, type SignaturePage } from "./signature-page.ts";

/** A signed agreement, ready for paper. */
export interface PrintJob extends SignaturePage {
  /** The agreement exactly as it was signed. */
  html: string;
  /** Becomes both dates of the PDF. */
  signedAt: Date;
  /** Words across every sheet, for what is no contract. */
  watermark?: string;
}

/** Unguessable by a template, so that no style but the platform's is let through; the same for the life of a page. */
const styleNonce = randomBytes(16).toString("base64");
const POLICY = `default-src 'none'; style-src 'nonce-${styleNonce}'; form-action 'none'; base-uri 'none'`;

/** Above the text and out of its flow, so that lines and pages break as they will on the real paper. Fixed: Chromium repeats it on every page. */
const watermarkStyle = (words: string | undefined): string =>
  words === undefined
    ? ""
    : `body::before { content: ${cssString(words)}; position: fixed; z-index: 1; top: 42%; left: 0; width: 100%; text-align: center; font-size: 40pt; font-weight: 700; letter-spacing: 0.1em; color: rgb(204 0 0 / 0.16); transform: rotate(-28deg); }`;

/** The whole document: agreement, then the signature page. */
export function printableDocument(job: PrintJob): string {
  return `<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${asText(POLICY)}">
<title>${asText(job.protocolName)}</title>
<style nonce="${styleNonce}">${printStylesheet(job)}${watermarkStyle(job.watermark)}</style>
</head><body><main>${job.html}</main>${signaturePage(job)}</body></html>`;
}

/**
 * The agreement as an A4 PDF. The same job gives the same bytes with the same Chromium, on any day and after any restart.
 * @throws Error when the browser failed twice, or when the markup of the agreement swallows the signature page
 */
export async function printAgreement(printer: Printer, job: PrintJob): Promise<Buffer> {
  return fixPdfDates(await printer.print(printableDocument(job)), job.signedAt);
}
