import { FONT_FAMILY } from "./fonts.ts";

/** What stands at the foot and head of every page. */
export interface RunningText {
  protocolName: string;
  protocolId: string;
  protocolHash: string;
}

/** A CSS string literal of any text. */
export const cssString = (text: string): string =>
  `"${text.replace(/["\\<>\p{Cc}]/gu, (char) => `\\${char.codePointAt(0)!.toString(16)} `)}"`;

/**
 * The platform's own print sheet. A template brings structure only (h1, h2, p, ol, table, `data-key-clause`); the document's CSP
 * lets no style of its own through, so it can neither hide nor shrink a clause on paper.
 */
export function printStylesheet({ protocolName, protocolId, protocolHash }: RunningText): string {
  const running = `font: 7.5pt/1.4 "${FONT_FAMILY}"; color: #555; vertical-align: top; margin-top: 3.5mm; padding-top: 2.5mm; white-space: pre;`;
  return `
@page {
  size: A4;
  margin: 28mm 25mm 26mm 25mm;
  @top-left { content: ${cssString(protocolName)}; ${running} white-space: normal; overflow-wrap: anywhere; vertical-align: bottom; margin: 0; padding: 0 0 5mm; text-align: left; width: 100%; }
  @bottom-left { content: "协议编号  " ${cssString(protocolId)} "\\A SHA-256  " ${cssString(protocolHash)}; ${running} text-align: left; width: 75%; border-top: 0.4pt solid #999; }
  @bottom-right { content: "第 " counter(page) " 页 / 共 " counter(pages) " 页"; ${running} text-align: right; width: 25%; border-top: 0.4pt solid #999; }
}
@page :first { @top-left { content: none; } }
${BODY}`;
}

const BODY = `
* { box-sizing: border-box; }
html { font: 10.5pt/1.72 "${FONT_FAMILY}"; font-variant-ligatures: none; font-feature-settings: "ccmp" 0; color: #111; -webkit-print-color-adjust: exact; }
body { margin: 0; text-align: start; line-break: strict; overflow-wrap: anywhere; text-autospace: normal; text-spacing-trim: normal; orphans: 3; widows: 2; }
h1 { font-size: 18pt; line-height: 1.45; font-weight: 700; text-align: center; margin: 1mm 0 6mm; letter-spacing: 0.04em; text-wrap: balance; }
h2, h3, h4 { font-weight: 700; break-after: avoid; break-inside: avoid; text-align: left; }
h2 { font-size: 12pt; line-height: 1.6; margin: 5.5mm 0 1.8mm; }
h3, h4 { font-size: 10.5pt; margin: 3mm 0 1mm; }
p { margin: 0 0 2mm; text-wrap: pretty; break-inside: avoid; }
p:has(+ ol), p:has(+ ul), p:has(+ table), p:has(+ blockquote) { break-after: avoid; }
ol, ul { margin: 0 0 2mm; padding-left: 2.2em; }
li { margin: 0 0 1.2mm; text-wrap: pretty; }
li > p { margin: 0; }
li { break-inside: avoid; }
li:first-child:not(:last-child) { break-after: avoid; }
li:last-child:not(:first-child) { break-before: avoid; }
table { width: calc(100% - 0.5pt); border-collapse: collapse; margin: 2mm 0 4mm; font-size: 9.5pt; line-height: 1.6; text-align: left; }
caption { font-weight: 700; text-align: left; padding-bottom: 1.5mm; break-after: avoid; }
th, td { border: 0.5pt solid #8a8a8a; padding: 1.2mm 2.4mm; vertical-align: top; }
th { font-weight: 700; background: #f2f2f2; white-space: nowrap; }
tr { break-inside: avoid; }
thead { display: table-header-group; }
blockquote { margin: 0 0 2mm; padding-left: 2em; }
hr { border: 0; border-top: 0.5pt solid #8a8a8a; margin: 4mm 0; }
b, strong { font-weight: 700; }
.meta { font-size: 8.5pt; line-height: 1.6; color: #444; margin: 0 0 0.6mm; text-align: center; text-wrap: balance; word-break: keep-all; }
.notice { border: 0.5pt solid #8a8a8a; padding: 2.4mm 3.2mm; margin: 4mm 0.25pt; font-size: 9.5pt; line-height: 1.7; break-inside: avoid; }
.parties th { width: 48mm; }
img, svg, video, audio, canvas, iframe, object, embed, input, button { display: none; }

[data-key-clause] { display: block; font-weight: 700; border-left: 2.2pt solid #111; background: #f4f4f4; padding: 2mm 3.2mm; margin: 3mm 0; break-inside: avoid; -webkit-box-decoration-break: clone; box-decoration-break: clone; }
[data-key-clause]::before { content: "重点条款"; display: block; width: fit-content; font-size: 7.5pt; line-height: 1.5; font-weight: 700; color: #fff; background: #111; padding: 0 1.6mm; margin-bottom: 1.4mm; }
[data-key-clause] > :first-child { margin-top: 0; }
[data-key-clause] > :last-child { margin-bottom: 0; }

.signature-page { break-before: page; }
.signature-page h1 { font-size: 16pt; margin: 0 0 1mm; }
.signature-page .lead { text-align: center; font-size: 8.5pt; color: #444; margin: 0; }
.signature-page h2 { font-size: 10.5pt; margin: 3.4mm 0 1.2mm; }
.signature-page table { font-size: 8.5pt; line-height: 1.45; margin: 0; }
.signature-page th { width: 36mm; }
.signature-page th, .signature-page td { padding: 0.6mm 2.2mm; overflow-wrap: anywhere; }
.signature-page .how { break-inside: avoid; }
.signature-page ol { font-size: 8.5pt; line-height: 1.55; padding-left: 1.6em; margin: 0; }
.signature-page li { margin: 0 0 0.8mm; }
`;
