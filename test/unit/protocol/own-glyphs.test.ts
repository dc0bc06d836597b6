import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { create, openSync } from "fontkit";
import { FONT_FILES } from "../../../mixins/glyphs.ts";
import { withOwnGlyphs } from "../../../services/protocol/own-glyphs.ts";

describe.each(FONT_FILES.map((file) => [basename(file), file]))("the font %s as it is printed with", (_name, file) => {
  const given = openSync(file);
  const reworked = create(withOwnGlyphs(readFileSync(file)));
  const glyphOf = (char: string): number => reworked.glyphForCodePoint(char.codePointAt(0)!).id;

  test("has the same characters, and no two share a glyph, so that a PDF can say which of them stands there", () => {
    expect(reworked.characterSet).toEqual(given.characterSet);
    expect(new Set(given.characterSet.map((point) => given.glyphForCodePoint(point).id)).size).toBeLessThan(given.characterSet.length);
    expect(new Set(reworked.characterSet.map((point) => reworked.glyphForCodePoint(point).id)).size).toBe(given.characterSet.length);
  });

  test("draws every character as before and as wide", () => {
    const drawn = (font: typeof given, point: number) => {
      const glyph = font.glyphForCodePoint(point);
      return `${glyph.advanceWidth} ${glyph.path.toSVG()}`;
    };
    // All of those that changed their glyph, and each fiftieth of the others.
    const looked = given.characterSet.filter((point, i) => i % 50 === 0 || given.glyphForCodePoint(point).id !== reworked.glyphForCodePoint(point).id);
    expect(looked.length).toBeGreaterThan(given.characterSet.length / 50 + 400);
    expect(looked.filter((point) => drawn(given, point) !== drawn(reworked, point))).toEqual([]);
  });

  test("leaves usual characters the glyph that the font's own spacing rules know", () => {
    for (const char of "胶幐子〈〉·…／①-　不 ") expect([char, glyphOf(char)]).toEqual([char, given.glyphForCodePoint(char.codePointAt(0)!).id]);
  });
});

test("a file that is no such font is refused, and nothing is printed with it", () => {
  const font = readFileSync(FONT_FILES[0]);
  expect(() => withOwnGlyphs(font.subarray(0, font.length / 2))).toThrow("cut off");
  const without = Buffer.from(font);
  without.write("xmap", without.indexOf("cmap"), "latin1");
  expect(() => withOwnGlyphs(without)).toThrow("the font has no cmap table");
});
