/**
 * Kangxi radicals and CJK radicals. The font draws many of them with the glyph of the ordinary character (⼦ U+2F26 and 子 U+5B50),
 * and the PDF can say one code point a glyph: Chromium takes the lower one, so that searching the PDF for 电子 finds nothing and a
 * copied name is another name. No name is written with radicals.
 */
export const isRadical = (point: number): boolean => point >= 0x2e80 && point <= 0x2fdf;

const FORMAT_12 = 12;
const GROUP_BYTES = 12;

/**
 * The font with its radicals taken out of the cmap (format 12, the one that FreeType prefers); nothing moves.
 * @throws Error when the font has no such cmap, or one of its groups reaches into the radicals from outside
 */
export function withoutRadicals(font: Buffer): Buffer {
  const patched = Buffer.from(font);
  const cmap = tableOffset(font, "cmap");
  const subtables = Array.from({ length: font.readUInt16BE(cmap + 2) }, (_, i) => cmap + font.readUInt32BE(cmap + 4 + i * 8 + 4));
  const found = [...new Set(subtables)].filter((at) => font.readUInt16BE(at) === FORMAT_12);
  if (found.length === 0) throw new Error("the font has no cmap of format 12");
  for (const at of found) {
    const groups = font.readUInt32BE(at + 12);
    for (let group = at + 16; group < at + 16 + groups * GROUP_BYTES; group += GROUP_BYTES) {
      const [first, last] = [font.readUInt32BE(group), font.readUInt32BE(group + 4)];
      if (!isRadical(first) && !isRadical(last)) continue;
      if (isRadical(first) !== isRadical(last)) throw new Error("a group of the font's cmap reaches into the radicals");
      // A group of one character that has glyph 0, "not there"; the others of the group have none at all.
      patched.writeUInt32BE(first, group + 4);
      patched.writeUInt32BE(0, group + 8);
    }
  }
  return patched;
}

function tableOffset(font: Buffer, tag: string): number {
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const entry = 12 + i * 16;
    if (font.toString("latin1", entry, entry + 4) === tag) return font.readUInt32BE(entry + 8);
  }
  throw new Error(`the font has no ${tag} table`);
}
