import { spellUnprintable } from "../../mixins/glyphs.ts";
import type { SignatureLine } from "./protocol.api.ts";

/** What the last page of every agreement says. */
export interface SignaturePage {
  protocolId: string;
  protocolName: string;
  protocolHash: string;
  sm3: string;
  /** Who, when, from where, verified how: printed in this order. */
  lines: SignatureLine[];
}

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text as HTML text: whatever a name contains stays a name; a character without a glyph is spelled out. */
export const asText = (text: string): string => spellUnprintable(text).replace(/[&<>"']/g, (char) => ENTITIES[char]!);

const row = (label: string, value: string): string =>
  `<tr><th scope="row">${asText(label)}</th><td>${asText(value)}</td></tr>`;

/** The signature page as an HTML section. */
export function signaturePage(page: SignaturePage): string {
  return `<section class="signature-page">
<h1>电子签名页</h1>
<p class="lead">本页由电子签约平台根据签署过程记录生成，与协议正文同为一份文件，并由平台加盖电子签章固定。</p>
<h2>签署记录</h2>
<table><tbody>
${row("协议名称", page.protocolName)}
${row("协议编号", page.protocolId)}
${page.lines.map((line) => row(line.label, line.value)).join("\n")}
</tbody></table>
<h2>协议正文摘要</h2>
<table><tbody>
${row("SHA-256", page.protocolHash)}
${row("SM3", page.sm3)}
</tbody></table>
<div class="how">
<h2>如何核验</h2>
<ol>
<li>核验电子签章：用支持数字签名的 PDF 阅读器打开本文件，“签名面板”显示签章有效且“文档自签名后未被修改”，即表明加盖签章之后没有任何改动。首次核验须先信任平台公布的签章根证书。</li>
<li>核验协议正文：对签署人所见的协议原文（HTML 的 UTF-8 字节）重新计算 SHA-256 或者 SM3（GB/T 32905）摘要，结果与上列数值逐字符一致，即为当时签署的同一文本。各页页脚印有同一 SHA-256 摘要，可用于核对各页属于同一份协议。</li>
<li>核验签署过程：向平台申请本次签约的证据包，用平台提供的核验程序离线独立核验本文件及逐项相扣的签署过程记录，无须依赖平台的陈述。</li>
</ol>
</div>
</section>`;
}
