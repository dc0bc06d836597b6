import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Page } from "puppeteer-core";
import { VERIFICATION_TYPES, type VerificationType } from "../../contract/vocabulary.ts";
import { templateVariables } from "../../services/process/agreement-variables.ts";
import { readAgreement } from "../../services/protocol/agreement.ts";
import { launchBrowser, type LaunchedBrowser } from "../../services/protocol/chromium/launch.ts";
import { createPrinter, type Printer } from "../../services/protocol/chromium/printer.ts";
import { printableCodePoints } from "../../mixins/glyphs.ts";
import { printAgreement } from "../../services/protocol/print.ts";
import { readBuiltIns, templatesFolder } from "../../services/template/built-in.ts";
import { lint } from "../../services/template/lint.ts";
import { compile } from "../../services/template/render.ts";
import { select } from "../../services/template/select.ts";
import type { TemplateRow } from "../../services/template/stored.ts";
import { draftOf, requestOf, SIGNED_FLOWS, type SignedFlow } from "../fixtures/flows.ts";
import { agreementWith } from "../unit/template/corpus-agreement.ts";
import { paperPages, unspaced } from "./paper-text.ts";

/** Screen and paper say the same: every agreement as the signer's page shows it, beside its PDF as a reader copies it. */
jest.setTimeout(120_000);

/** Ligatures, characters that share a glyph with another, a dash that Chinese setting replaces, brackets that are squeezed, markup. */
const TRAPS = "橡胶㬵〈ﬁ fi〉fl·A—B——“引‘号’”／～①❶（㈱）《》、，。幐 ffi <b>&amp;</b>𬭎";

const rows: TemplateRow[] = readBuiltIns(templatesFolder()).map((text) => ({ ...text, version: 1, isActive: true, origin: "BUILT_IN", createdAt: new Date(0) }));
const asset = (name: string) => readFileSync(resolve(__dirname, "../../public-h5/assets", name), "utf8");

let home: string;
let printer: Printer;
let browser: LaunchedBrowser;
let phone: Page;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "esign-paper-test-"));
  const launch = () => launchBrowser({ workDir: join(home, "browser"), timeoutMs: 60_000 });
  printer = createPrinter({ launch, logger: { info() {}, warn() {}, error() {} }, pages: 1, recycleAfter: 1_000, timeoutMs: 60_000 });
  browser = await launch();
  phone = await browser.browser.newPage();
  await phone.setViewport({ width: 390, height: 844 });
});
afterAll(async () => {
  await printer.close();
  await browser.browser.close();
  await browser.cleanUp();
  rmSync(home, { recursive: true, force: true });
});

/** What a signer sees of the agreement: built by the page's own script and styles, with the numbers of its lists. */
async function screenText(html: string): Promise<string> {
  const styles = ["base.css", "components.css", "agreement.css"].map(asset).join("\n");
  await phone.setContent(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><style>${styles}</style><article class="agreement"></article></html>`);
  for (const script of ["elements.js", "agreement-html.js"]) await phone.addScriptTag({ content: asset(script) });
  return unspaced(
    (await phone.evaluate(`(() => {
      const article = document.querySelector(".agreement");
      esign.agreementHtml.render(${JSON.stringify(html)}, article);
      for (const list of article.querySelectorAll("ol")) [...list.children].forEach((item, i) => item.prepend((i + 1) + ". "));
      for (const clause of article.querySelectorAll("[data-key-clause]")) clause.prepend("重点条款");
      return article.innerText;
    })()`)) as string,
  );
}

async function onPaper(html: string, protocolId = "PROTO_20261124K7M2Q9X4", protocolName = "天财分账业务授权协议") {
  const hash = readAgreement(html).protocolHash;
  const lines = [{ label: "签署设备", value: `Mozilla/5.0 ${TRAPS}` }];
  const pdf = await printAgreement(printer, { html, protocolId, protocolName, protocolHash: hash, sm3: "b".repeat(64), signedAt: new Date("2026-11-24T08:03:12Z"), lines });
  const pages = await paperPages(pdf);
  const signature = pages.findIndex(({ text }) => text.startsWith("电子签名页"));
  return { hash, pages, body: pages.slice(0, signature), signature: pages.slice(signature) };
}

/** The agreement of a flow, with names that are short and plain or as long and as odd as a request may send. */
function agreement(one: SignedFlow, type: VerificationType, codeRequired: boolean, names: "plain" | "odd"): string {
  const { processType, scene } = one.flow;
  const templates = select(rows, { processType, scene, signerType: one.signerType, fundPurpose: "", accountType: null }).chosen!;
  const request = structuredClone(requestOf(one, type));
  if (names === "odd") {
    const long = (size: number) => TRAPS.repeat(Math.ceil(size / TRAPS.length)).slice(0, size).replace(/[\uD800-\uDBFF]$/, "");
    for (const party of [request.payerInfo, request.payeeInfo]) if (party) party.merchantName = long(128);
    const own = request[`${one.flow.signer}Info`]!;
    own.contactInfo!.name = long(64);
    own.bankCardInfo!.accountName = long(128);
    request.fundPurpose = long(64);
  }
  const process = draftOf(one, type, { request, templates, codeRequired });
  return compile("PROTOCOL", rows.find(({ kind, code }) => kind === "PROTOCOL" && code === templates.protocol.code)!.content)(templateVariables(process));
}

/** Each flow by both ways of verification, one with odd names; with a code and without in turn, so that each wording is printed four times. */
const cases = SIGNED_FLOWS.flatMap((one, index) =>
  VERIFICATION_TYPES.map((type) => {
    const code = (type === "FACE") === (index % 2 === 0);
    const names = type === "FACE" ? ("odd" as const) : ("plain" as const);
    return { one, type, code, names, title: `${one.flow.processType} ${one.flow.scene} ${one.signerType}` };
  }),
);

describe.each(cases)("$title by $type (code $code, $names names)", ({ one, type, code, names }) => {
  let html: string;
  let paper: Awaited<ReturnType<typeof onPaper>>;
  beforeAll(async () => {
    html = agreement(one, type, code, names);
    paper = await onPaper(html);
  });

  test("says on paper exactly what the signer's page says", async () => {
    expect(paper.body.map(({ text }) => text).join("")).toBe(await screenText(html));
  });

  test("numbers its pages and bears its hash on each", () => {
    for (const [index, { running }] of paper.pages.entries()) {
      expect(running).toContain(`第${index + 1}页/共${paper.pages.length}页`);
      expect(running).toContain(paper.hash);
      expect(running).toContain("PROTO_20261124K7M2Q9X4");
    }
  });

  test("tears no clause, and leaves no heading and no list's first words alone at the foot of a page", () => {
    for (const { text } of readAgreement(html).keyClauses) expect(paper.body.filter((page) => page.text.includes(`重点条款${unspaced(text)}`))).toHaveLength(1);
    const clauses = Array.from(html.matchAll(/<(p|li)>(.*?)<\/\1>/g), ([, , inner]) => unspaced(readAgreement(inner!).text));
    expect(clauses.length).toBeGreaterThan(50);
    for (const clause of clauses) expect(paper.body.some((page) => page.text.includes(clause))).toBe(true);
    const headings = Array.from(html.matchAll(/<h2>(.*?)<\/h2>/g), ([, heading]) => unspaced(heading!));
    for (const { text } of paper.body.slice(0, -1)) {
      expect(text).not.toMatch(/：$/);
      for (const heading of headings) expect(text.endsWith(heading)).toBe(false);
    }
  });

  test("ends with one signature page", () => {
    expect(paper.signature).toHaveLength(1);
    expect(paper.signature[0]!.text).toContain(unspaced(`Mozilla/5.0 ${TRAPS}`));
  });
});

test("the widest tables that an upload may have are whole on paper", async () => {
  const head = (...widths: number[]) => `<tr>${widths.map((width) => `<th>${"宽".repeat(width)}</th>`).join("")}</tr>`;
  const row = (cell: string, count: number) => `<tr>${`<td>${cell}</td>`.repeat(count)}</tr>`;
  const table = (rows: string, parties = false) => `<table${parties ? ' class="parties"' : ""}><tbody>${rows}</tbody></table>`;
  const tables = [table(head(6, 6, 6, 6, 6, 6) + row("六", 6)), table(head(6, 6, 6, 6, 6, 6) + row("六", 6), true), table(head(20, 16)), table(row("<ol><li>一</li></ol>", 6)), table(head(20) + row("<ol><li>一</li></ol>", 5))];
  const html = agreementWith(`${tables.join("")}<section data-key-clause="wide">${tables.join("")}<p>4.9 以上各表为协议的组成部分。</p></section>`);
  expect(lint("PROTOCOL", html)).toEqual([]);
  const { body } = await onPaper(html);
  expect(body.map(({ text }) => text).join("")).toBe(await screenText(html));
});

test("the longest title runs whole at the head of every page but the first", async () => {
  const title = Array.from({ length: 32 }, (_, at) => `长名${at + 10}`).join("");
  const { pages } = await onPaper(agreementWith(`<p>${"字".repeat(3_000)}</p>`), undefined, title);
  expect([title.length, pages.length]).toEqual([128, expect.any(Number)]);
  expect(pages.length).toBeGreaterThan(3);
  for (const { running } of pages.slice(1)) expect(running).toContain(title);
});

test("every character that can be printed is read back as itself, whichever glyph it shares in the font", async () => {
  // Those that share a glyph with others lie in the blocks of symbols and compatibility; of the other ideographs each seventh.
  const points = [...printableCodePoints()].filter((point) => !/[\s\p{C}\p{M}]/u.test(String.fromCodePoint(point)) && (point % 7 === 0 || point < 0x3400 || point > 0xf8ff || TRAPS.includes(String.fromCodePoint(point))));
  expect(points.length).toBeGreaterThan(5_000);
  const html = `<p>${points.map((point) => `&#${point};`).join(" ")}</p>`;
  expect((await onPaper(html)).body.map((page) => page.text).join("")).toBe(String.fromCodePoint(...points));
});
