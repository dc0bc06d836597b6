import { codePointName, missingGlyphs, spellUnprintable } from "../../../mixins/glyphs.ts";

test.each<[string, string, string[]]>([
  ["a company's name can be printed", "北京天财餐饮有限公司（总部）—“A&B”·①", []],
  ["rare characters of names can be printed", "䶮㛃𬭎龘堃", []],
  ["white space of a text needs no glyph", "a\tb\nc\r\nd", []],
  ["a private use character is named", "张\uE123三", ["U+E123"]],
  ["an emoji is named by its one code point", "天财😀", ["U+1F600"]],
  ["each code point is named once", "\uE123\uE124\uE123", ["U+E123", "U+E124"]],
  ["half a surrogate pair is no character", "a\uD83D", ["U+D83D"]],
  ["a radical that looks like a character is not one: whoever searches for the name would not find it", "⼦⺠", ["U+2F26", "U+2EA0"]],
  ["a variation selector asks for a shape that the font does not have", "葛\u{E0100}", ["U+E0100"]],
])("%s", (_, text, expected) => {
  expect(missingGlyphs(text).map(codePointName)).toEqual(expected);
});

test("what cannot be printed is spelled out where it has to be", () => {
  expect(spellUnprintable("微信 😀 8.0")).toBe("微信 [U+1F600] 8.0");
});
