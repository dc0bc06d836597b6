import { createHash } from "node:crypto";
import { readAgreement } from "../../../services/protocol/agreement.ts";

test.each<[string, string, { id: string; text: string }[]]>([
  ["an agreement without key clauses has none", "<h1>协议</h1><p>正文</p>", []],
  ["key clauses come in document order", '<p data-key-clause="b">二</p><p data-key-clause="a">一</p>', [{ id: "b", text: "二" }, { id: "a", text: "一" }]],
  [
    "blocks inside a clause are kept apart by one blank",
    '<section data-key-clause="fee">\n <h2>第三条</h2>\n\n<p>费用由<b>甲方</b>承担。</p></section><p>以外</p>',
    [{ id: "fee", text: "第三条 费用由甲方承担。" }],
  ],
  ["entities are read as what they show", '<p data-key-clause="n">甲 &lt;b&gt; &amp; 乙</p>', [{ id: "n", text: "甲 <b> & 乙" }]],
  [
    "a clause within a clause belongs to both",
    '<div data-key-clause="outer">外<p data-key-clause="inner">内</p>尾</div>',
    [{ id: "outer", text: "外 内 尾" }, { id: "inner", text: "内" }],
  ],
  ["a clause that is never closed reaches to the end", '<p data-key-clause="open">甲<br>乙', [{ id: "open", text: "甲 乙" }]],
])("%s", (_, html, expected) => {
  expect(readAgreement(html).keyClauses).toEqual(expected);
});

test.each([
  ["twice the same id", '<p data-key-clause="a">1</p><p data-key-clause="a">2</p>'],
  ["an empty id", '<p data-key-clause="">1</p>'],
])("an agreement with %s is refused: acknowledging it would mean nothing", (_, html) => {
  expect(() => readAgreement(html)).toThrow("key clause");
});

test("the hashes are those of the UTF-8 bytes, white space and markup included", () => {
  const html = "<p>天财  𠀀</p>\n";
  const { protocolHash, sm3 } = readAgreement(html);
  expect(protocolHash).toBe(createHash("sha256").update(Buffer.from(html, "utf8")).digest("hex"));
  // GB/T 32905 through OpenSSL, over the same bytes.
  expect(sm3).toBe(createHash("sm3").update(Buffer.from(html, "utf8")).digest("hex"));
  expect(readAgreement(html.trim()).protocolHash).not.toBe(protocolHash);
});

test("the hash is the standard's for the standard's example", () => {
  expect(readAgreement("abc").sm3).toBe("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
});
