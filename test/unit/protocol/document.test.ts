import { fixPdfDates } from "../../../services/protocol/pdf-dates.ts";
import { printableDocument, type PrintJob } from "../../../services/protocol/print.ts";
import { cssString } from "../../../services/protocol/print-stylesheet.ts";

const job = (change: Partial<PrintJob> = {}): PrintJob => ({
  html: "<h1>协议</h1>",
  protocolId: "PROTO_20261124ABC",
  protocolName: "天财分账业务授权协议",
  protocolHash: "a".repeat(64),
  sm3: "b".repeat(64),
  signedAt: new Date("2026-11-24T07:30:00Z"),
  lines: [{ label: "签署人", value: "张三" }],
  ...change,
});

test("the agreement is printed to the byte as it was signed, and the signature page follows", () => {
  const html = '<section data-key-clause="x"><p>a &amp; b</p></section>\n';
  expect(printableDocument(job({ html }))).toMatch(new RegExp(`<main>${html}</main><section class="signature-page">`));
});

test.each([
  ["a name that is markup", { lines: [{ label: "<i>甲方</i>", value: `<script>alert("1")</script>'&` }] }, "&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;"],
  ["a title that ends the head", { protocolName: "</title><b>x" }, "<title>&lt;/title&gt;&lt;b&gt;x</title>"],
  ["a browser's name that the font lacks", { lines: [{ label: "签署设备", value: "WeChat 😀" }] }, "<td>WeChat [U+1F600]</td>"],
])("%s stays text", (_, change, expected) => {
  expect(printableDocument(job(change))).toContain(expected);
});

test("a title that closes the stylesheet stays in its string", () => {
  const style = /<style nonce="[^"]+">([\s\S]*?)<\/style>/.exec(printableDocument(job({ protocolName: '</style>"; } body { display: none' })))![1]!;
  expect(style).toContain("@page");
  expect(style).toContain(cssString('</style>"; } body { display: none'));
  expect(cssString('a"\\<\n')).toBe('"a\\22 \\5c \\3c \\a "');
});

test("only the platform's stylesheet is let through, and a template cannot know its nonce", () => {
  const printed = printableDocument(job());
  const [, nonce] = /style-src &#39;nonce-([^&]+)&#39;/.exec(printed)!;
  expect(printed).toContain("default-src &#39;none&#39;");
  expect(Buffer.from(nonce!, "base64")).toHaveLength(16);
});

const pdf = (dates: string) => Buffer.from(`%PDF-1.4\n1 0 obj <<${dates}>>\n`, "latin1");
const both = "/CreationDate (D:20261124134959+00'00')\n/ModDate (D:20261124134959+00'00')";

test("both dates become the time of the signature without moving a byte", () => {
  const fixed = fixPdfDates(pdf(both), new Date("2026-01-02T03:04:05Z"));
  expect(fixed).toHaveLength(pdf(both).length);
  expect(fixed.toString("latin1")).toContain("/CreationDate (D:20260102030405+00'00')\n/ModDate (D:20260102030405+00'00')");
});

test.each([
  ["no modification date", both.split("\n")[0]!],
  ["a creation date twice", `${both}\n${both.split("\n")[0]}`],
  ["dates in another form", both.replaceAll("+00'00'", "Z")],
])("a PDF with %s is refused rather than left different each time", (_, dates) => {
  expect(() => fixPdfDates(pdf(dates), new Date())).toThrow("in the known form");
});
