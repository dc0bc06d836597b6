const FORMAT_12 = 12;
const HEADER_BYTES = 16;
const GROUP_BYTES = 12;
/** Unicode (full) and Windows (UCS-4): where readers look for a table that reaches beyond U+FFFF. */
const ENCODINGS = [
  [0, 4],
  [3, 10],
] as const;

/**
 * Code point → glyph, as the table of format 12 says it (the one that FreeType and HarfBuzz prefer).
 * @throws Error when the font has no such table
 */
export function readCmap(cmap: Buffer): Map<number, number> {
  const subtables = Array.from({ length: cmap.readUInt16BE(2) }, (_, i) => cmap.readUInt32BE(4 + i * 8 + 4));
  const at = subtables.find((offset) => cmap.readUInt16BE(offset) === FORMAT_12);
  if (at === undefined) throw new Error("the font has no cmap of format 12");
  const glyphs = new Map<number, number>();
  for (let group = 0; group < cmap.readUInt32BE(at + 12); group++) {
    const from = at + HEADER_BYTES + group * GROUP_BYTES;
    const [first, last, glyph] = [cmap.readUInt32BE(from), cmap.readUInt32BE(from + 4), cmap.readUInt32BE(from + 8)];
    for (let point = first; point <= last; point++) glyphs.set(point, glyph + point - first);
  }
  return glyphs;
}

/** A `cmap` with this one table of format 12 and no other that could contradict it. */
export function writeCmap(glyphs: ReadonlyMap<number, number>): Buffer {
  const groups: [first: number, last: number, glyph: number][] = [];
  for (const [point, glyph] of [...glyphs].sort(([a], [b]) => a - b)) {
    const group = groups.at(-1);
    if (group && group[1] === point - 1 && group[2] + point - group[0] === glyph) group[1] = point;
    else groups.push([point, point, glyph]);
  }
  const start = 4 + ENCODINGS.length * 8;
  const cmap = Buffer.alloc(start + HEADER_BYTES + groups.length * GROUP_BYTES);
  cmap.writeUInt16BE(ENCODINGS.length, 2);
  for (const [i, [platform, encoding]] of ENCODINGS.entries()) {
    cmap.writeUInt16BE(platform, 4 + i * 8);
    cmap.writeUInt16BE(encoding, 6 + i * 8);
    cmap.writeUInt32BE(start, 8 + i * 8);
  }
  cmap.writeUInt16BE(FORMAT_12, start);
  cmap.writeUInt32BE(HEADER_BYTES + groups.length * GROUP_BYTES, start + 4);
  cmap.writeUInt32BE(groups.length, start + 12);
  for (const [i, group] of groups.entries()) for (const [j, value] of group.entries()) cmap.writeUInt32BE(value, start + HEADER_BYTES + i * GROUP_BYTES + j * 4);
  return cmap;
}
