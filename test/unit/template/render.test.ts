import { Parser } from "htmlparser2";
import { compile, CompiledVersions } from "../../../services/template/render.ts";
import type { TemplateRef } from "../../../services/template/template.api.ts";

/** The text a reader sees, and the tags a browser would build. */
function read(html: string): { text: string; tags: string[] } {
  const seen = { text: "", tags: [] as string[] };
  const parser = new Parser({ ontext: (part) => (seen.text += part), onopentag: (name) => seen.tags.push(name) });
  parser.end(html);
  return seen;
}

const hostile = [
  ["markup", "<script>alert(1)</script>"],
  ["an image with a handler", `<img src=x onerror="alert('1')">`],
  ["a template tag", "<%= 1 + 1 %>"],
  ["a raw template tag", "<%- include('/etc/passwd') %>"],
  ["another template language", "{{x}} ${x} #{x}"],
  ["a closing bracket and a link", "】http://evil"],
  ["entities", "&lt;b&gt; &amp; &#39;"],
  ["line breaks", "甲\r\n乙\n丙"],
  ["right-to-left marks", "甲\u202e乙\u200f丙"],
  ["quotes and backslashes", `"'\\\\`],
  ["a JSON break-out", `","button":"X`],
  ["a replacement pattern", "$& $1 $$"],
];

describe("a value in an agreement", () => {
  const fill = compile("PROTOCOL", "<p>甲方：<strong><%= partyAName %></strong>。</p>");

  test.each(hostile)("that is %s comes out as exactly that text", (_what, value) => {
    expect(read(fill({ partyAName: value }))).toEqual({ text: `甲方：${value}。`, tags: ["p", "strong"] });
  });

  test("that is absent is said to be absent", () => {
    expect(fill({ partyAName: null })).toBe("<p>甲方：<strong>（未提供）</strong>。</p>");
  });
});

describe("a value on the signer's page", () => {
  const content = { title: "签署", intro: "<%= partyAName %>邀请您", consent: "同意", button: "签" };
  const fill = compile("H5", JSON.stringify(content));

  test.each(hostile)("that is %s is exactly that text within its string", (_what, value) => {
    expect(JSON.parse(fill({ partyAName: value }))).toEqual({ ...content, intro: `${value}邀请您` });
  });
});

describe("a value in an SMS", () => {
  const fill = compile("SMS", "【天财】<%= partyAName %>邀请您，点击 <%= link %> 签署");

  test("is plain text: nothing is escaped for HTML", () => {
    expect(fill({ partyAName: "A&B '店'", link: "https://e.example/h5?token=a&b" })).toBe(
      "【天财】A&B '店'邀请您，点击 https://e.example/h5?token=a&b 签署",
    );
  });

  test("keeps no link of its own beside the platform's", () => {
    expect(fill({ partyAName: "】http://evil.com/x 天财", link: "https://e.example/1" })).toBe("【天财】天财邀请您，点击 https://e.example/1 签署");
  });
});

test.each(["PROTOCOL", "SMS"] as const)("a variable that was not given at all stops the filling of %s", (kind) => {
  const fill = compile(kind, "<%= partyAName %>");
  expect(() => fill({})).toThrow(/partyAName/);
  expect(() => fill(Object.create({ partyAName: "inherited" }))).toThrow(/partyAName/);
});

describe("compiled versions", () => {
  const ref = (version: number, sha256 = "aa"): TemplateRef => ({ kind: "SMS", code: "C", version, sha256, name: "" });

  test("are found by the whole pin only: another hash does not find them", () => {
    const compiled = new CompiledVersions(2);
    const fill = compiled.add(ref(1), "一");
    expect(compiled.get(ref(1))).toBe(fill);
    expect(compiled.get(ref(1, "bb"))).toBeUndefined();
    expect(compiled.get(ref(2))).toBeUndefined();
  });

  test("beyond the bound the least recently used one goes", () => {
    const compiled = new CompiledVersions(2);
    compiled.add(ref(1), "一");
    compiled.add(ref(2), "二");
    compiled.get(ref(1));
    compiled.add(ref(3), "三");
    expect([1, 2, 3].map((version) => compiled.get(ref(version)) !== undefined)).toEqual([true, false, true]);
    expect(compiled.size).toBe(2);
  });
});
