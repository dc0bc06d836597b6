import fc from "fast-check";
import { readAgreement } from "../../../services/protocol/agreement.ts";
import { lint } from "../../../services/template/lint.ts";
import { lintAgreement } from "../../../services/template/lint-agreement.ts";
import { readMarkup } from "../../../services/template/markup.ts";
import { variableNames } from "../../../services/template/placeholders.ts";
import { compile } from "../../../services/template/render.ts";
import type { TemplateKind, TemplateVariables } from "../../../services/template/template.api.ts";
import { VARIABLES } from "../../../templates/variables.ts";
import { agreementWith } from "./corpus-agreement.ts";
import { page } from "./corpus-messages.ts";

/** Parts of agreements, whole and broken, in any order: most are refused, and what is not must hold on every path. */
const part = fc.constantFrom(
  "<p>", "</p>", "<p>甲方</p>", "<strong>重点</strong>", "<strong>", "</strong>", "<ol>", "</ol>", "<li>一</li>", "<table><tbody>", "</tbody></table>", "<tr><th>名称</th><td>", "</td></tr>",
  '<section data-key-clause="more"><p>9.1　乙方知悉并同意上述内容。</p></section>', '<p class="notice">', '<p data-clause="delivery">送达地址</p>', "<h2>第九条　其他</h2>", "文字", "\n", "&lt;", "&",
  "<% if (byFace) { %>", "<% if (payeeName) { %>", "<% } else { %>", "<% } %>", "<% for (const p of parties) { %>", "<%= p.name %>", "<%= payeeName %>", "<%= nobody %>", "<%= byFace %>",
);
const wrapped = fc.oneof(
  { weight: 2, arbitrary: fc.array(part, { maxLength: 8 }) },
  { weight: 3, arbitrary: fc.array(fc.constantFrom("<p>甲方</p>", "<p><%= payeeName %></p>", "<% if (byFace) { %>", "<% } else { %>", "<% } %>", "<% for (const p of parties) { %>", "<p><%= p.name %></p>", "<ol><li>一</li></ol>"), { maxLength: 8 }) },
);

const given = (flags: boolean, absent: boolean): TemplateVariables =>
  Object.fromEntries(
    Object.entries(VARIABLES).map(([name, { type, fields }]) => {
      if (type === "flag") return [name, flags];
      if (type === "list") return [name, ["甲", "乙"].map((mark) => Object.fromEntries(Object.keys(fields!).map((field) => [field, `〈${mark}${field}〉`])))];
      return [name, absent && /^(payee|bank|signerIdCardNo|poolingRatio)/.test(name) ? null : `〈${name}〉`];
    }),
  );

test("whatever lint accepts is, filled in any way, a well-formed agreement with all it must have, and says every mandatory value", () => {
  let accepted = 0;
  fc.assert(
    fc.property(wrapped, fc.boolean(), fc.boolean(), (parts, flags, absent) => {
      const content = agreementWith(parts.join(""));
      if (lint("PROTOCOL", content).length > 0) return;
      accepted += 1;
      const html = compile("PROTOCOL", content)(given(flags, absent));
      const { pieces, flaws } = readMarkup(html, []);
      expect([...flaws, ...lintAgreement(pieces, [])]).toEqual([]);
      const { text, keyClauses } = readAgreement(html);
      expect(keyClauses.length).toBeGreaterThanOrEqual(2);
      for (const [name, { mandatory }] of Object.entries(VARIABLES)) if (mandatory?.includes("PROTOCOL")) expect(text).toContain(`〈${name}〉`);
      expect(html).not.toMatch(/<%|%>|undefined|null|\[object/);
    }),
    { numRuns: 2_000 },
  );
  expect(accepted).toBeGreaterThan(50);
});

test.each<TemplateKind>(["PROTOCOL", "SMS", "H5"])("whatever is uploaded as %s, lint answers with places that are in it and with words for a lawyer", (kind) => {
  const piece = fc.oneof(part, fc.string({ unit: "binary", maxLength: 6 }), fc.constantFrom("<", ">", "&#", "&#x110000;", "<!--", "-->", '"', "\\", "\ud800", "【", "】", "<%", "%>", '{"title":"', '","intro":"', '"}', "<%= link %>"));
  const noise = fc.array(piece, { maxLength: 20 }).map((parts) => parts.join(""));
  const content = kind === "H5" ? fc.oneof(noise, noise.map((intro) => page({ intro }))) : noise;
  fc.assert(
    fc.property(content, (text) => {
      const lines = text.split("\n");
      for (const { line, column, message } of lint(kind, text)) {
        expect(line >= 1 && line <= lines.length && column >= 1 && column <= lines[line - 1]!.length + 1).toBe(true);
        expect(message).toMatch(/[\u4e00-\u9fff]{2}/u);
      }
    }),
    { numRuns: 1_000 },
  );
});

test("the names that a content uses are told of the built-in form and of broken ones alike", () => {
  expect(variableNames("<%= a %><% if (b) { %><% for (const p of c) { %><%= p.x %><%= a %><%- d %>")).toEqual(["a", "b", "c"]);
});
