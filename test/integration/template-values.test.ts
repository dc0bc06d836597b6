import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import type { Page } from "puppeteer-core";
import { missingGlyphs, printableCodePoints } from "../../mixins/glyphs.ts";
import { launchBrowser, type LaunchedBrowser } from "../../services/protocol/chromium/launch.ts";
import { createPrinter, type Printer } from "../../services/protocol/chromium/printer.ts";
import { printAgreement } from "../../services/protocol/print.ts";
import { ATTRIBUTES, TAGS } from "../../services/template/agreement-markup.ts";
import { sanitized } from "../../services/template/lint-sanitized.ts";
import { compile } from "../../services/template/render.ts";
import { VARIABLES } from "../../templates/variables.ts";
import { PAYLOADS } from "../unit/template/bypass-payloads.ts";
import { paperPages, unspaced } from "./paper-text.ts";

/** In a real browser: whatever stands in a variable is shown and printed as exactly that text, and no payload gets further than that. */
jest.setTimeout(120_000);

const asset = (name: string) => readFileSync(resolve(__dirname, "../../public-h5/assets", name), "utf8");
let home: string;
let printer: Printer;
let launched: LaunchedBrowser;
let phone: Page;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "esign-values-test-"));
  const launch = () => launchBrowser({ workDir: join(home, "browser"), timeoutMs: 60_000 });
  printer = createPrinter({ launch, logger: { info() {}, warn() {}, error() {} }, pages: 1, recycleAfter: 1_000, timeoutMs: 60_000 });
  launched = await launch();
  phone = await launched.browser.newPage();
  // No policy here: what is tried must fail by what the page builds, not by what a policy forbids.
  await phone.setContent('<!doctype html><html lang="zh-CN"><meta charset="utf-8"><article class="agreement"></article></html>');
  for (const script of ["elements.js", "agreement-html.js"]) await phone.addScriptTag({ content: asset(script) });
});
afterAll(async () => {
  await printer.close();
  await launched.browser.close();
  await launched.cleanUp();
  rmSync(home, { recursive: true, force: true });
});

interface Seen {
  texts: string[];
  tags: string[];
  attributes: string[];
  ran: boolean;
}
/** What the signer's page builds of an agreement's markup, by its own script. */
const shown = async (html: string): Promise<Seen> =>
  (await phone.evaluate(`(() => {
    const article = document.querySelector(".agreement");
    article.textContent = "";
    esign.agreementHtml.render(${JSON.stringify(html)}, article);
    const all = [...article.querySelectorAll("*")];
    return {
      texts: [...article.querySelectorAll("p")].map((p) => p.textContent),
      tags: all.map((one) => one.localName),
      attributes: all.flatMap((one) => one.getAttributeNames()),
      ran: "ran" in window,
    };
  })()`)) as Seen;

/** What any browser makes of a markup, nothing kept from it. */
const parsed = async (html: string): Promise<Pick<Seen, "tags" | "attributes">> =>
  (await phone.evaluate(`(() => {
    const all = [...new DOMParser().parseFromString(${JSON.stringify(html)}, "text/html").body.querySelectorAll("*")];
    return { tags: all.map((one) => one.localName), attributes: all.flatMap((one) => one.getAttributeNames()) };
  })()`)) as Pick<Seen, "tags" | "attributes">;

const names = Object.keys(VARIABLES).filter((name) => VARIABLES[name]!.kinds.includes("PROTOCOL") && VARIABLES[name]!.type === "text");
const fields = Object.keys(VARIABLES["parties"]!.fields!);
const fill = compile(
  "PROTOCOL",
  names.map((name) => `<p><%= ${name} %></p>`).join("") + `<% for (const one of parties) { %>${fields.map((field) => `<p><%= one.${field} %></p>`).join("")}<% } %>`,
);

/** Any text that a request may bring: the API refuses control and format characters and halves of characters (CONTRACT.md §2.1). */
const markup = fc.array(fc.constantFrom("<", ">", "&", '"', "'", "<%=", "%>", "&lt;", "&#60;", "</p>", "<p>", "<script>", "${", "}", "\\", "`", "A", "甲", "橡胶", "fi", "——", "　", "  "), { maxLength: 10 }).map((parts) => parts.join(""));
const allowed = (text: string): boolean => !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(text);
const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 20 }), fc.string({ maxLength: 20 }), markup).filter(allowed);
/** Of these what the font can print; marks are left out, which a printer joins with their letters (é is one glyph however it is spelled). */
const points = [...printableCodePoints()].filter((point) => !/[\p{C}\p{M}\n\r\t]/u.test(String.fromCodePoint(point)));
const printable = fc.oneof(fc.string({ unit: fc.constantFrom(...points.map((point) => String.fromCodePoint(point))), maxLength: 20 }), markup);

const valuesOf = (text: fc.Arbitrary<string>) =>
  fc.record({ texts: fc.tuple(...names.map(() => text)), parties: fc.array(fc.tuple(...fields.map(() => text)), { minLength: 1, maxLength: 2 }) });
function filled({ texts, parties }: { texts: string[]; parties: string[][] }): { html: string; expected: string[] } {
  const named = Object.fromEntries(names.map((name, index) => [name, texts[index]!]));
  const entries = parties.map((party) => Object.fromEntries(fields.map((field, index) => [field, party[index]!])));
  return { html: fill({ ...named, parties: entries }), expected: [...texts, ...parties.flat()] };
}

test("whatever a request puts into whatever variable, the signer's page shows exactly that text and builds nothing of it", async () => {
  await fc.assert(
    fc.asyncProperty(valuesOf(anyText), async (values) => {
      const { html, expected } = filled(values as { texts: string[]; parties: string[][] });
      const seen = await shown(html);
      expect(seen.texts).toEqual(expected);
      expect(new Set(seen.tags)).toEqual(new Set(["p"]));
      expect([seen.attributes, seen.ran]).toEqual([[], false]);
    }),
    { numRuns: 60 },
  );
});

test("whatever printable text stands in whatever variable, the PDF is read back as exactly that text", async () => {
  await fc.assert(
    fc.asyncProperty(valuesOf(printable), async (values) => {
      const { html, expected } = filled(values as { texts: string[]; parties: string[][] });
      const pdf = await printAgreement(printer, { html, protocolId: "PROTO_1", protocolName: "协议", protocolHash: "a".repeat(64), sm3: "b".repeat(64), signedAt: new Date("2026-11-24T08:00:00Z"), lines: [] });
      const pages = (await paperPages(pdf)).map(({ text }) => text);
      const body = pages.slice(0, pages.findIndex((text) => text.startsWith("电子签名页"))).join("");
      expect(body).toBe(unspaced(expected.join("")));
    }),
    { numRuns: 12 },
  );
});

describe.each(PAYLOADS)("%s", (_why, payload) => {
  test("as a value is a text on the page and, where it can be printed, on paper", async () => {
    const text = payload.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "");
    const html = compile("PROTOCOL", "<p><%= partyAName %></p>")({ partyAName: text });
    expect(await shown(html)).toEqual({ texts: [text], tags: ["p"], attributes: [], ran: false });
    expect(missingGlyphs(text)).toEqual([]);
  });

  test("as a template past every check still runs nothing on the signer's page and keeps no handler, address or style", async () => {
    const seen = await shown(payload);
    expect(seen.attributes.filter((name) => /^on|^(style|href|src|srcdoc|action|formaction|data|hidden|id|name|popover)$/.test(name))).toEqual([]);
    expect(seen.tags.filter((tag) => /^(script|style|img|svg|math|iframe|object|embed|form|input|button|a|meta|base|link|template|audio|video)$/.test(tag))).toEqual([]);
    expect(seen.ran).toBe(false);
  });

  test("past the second barrier is, to a real browser, made of the elements of an agreement only", async () => {
    const { tags, attributes } = await parsed(sanitized(payload.replaceAll("<%", "").replaceAll("%>", "")));
    expect(tags.filter((tag) => !TAGS.includes(tag))).toEqual([]);
    expect(attributes.filter((name) => !ATTRIBUTES.includes(name))).toEqual([]);
  });
});
