import { readCmap, writeCmap } from "./cmap.ts";
import { readTables, tableOf, writeTables, type FontTables } from "./font-tables.ts";

const METRIC_BYTES = 4;
const MAX_GLYPHS = 0xffff;

/**
 * The font with a glyph of its own for every code point. Noto draws 482 pairs with one glyph (胶 U+80F6 and 㬵 U+3B35, ⼦ U+2F26 and
 * 子 U+5B50, 〈 U+3008 and U+2329), and a PDF can say one code point a glyph: Chromium takes the lower, so that 橡胶 is copied,
 * searched and read out as 橡㬵. Here the rarer of such code points get copies of the glyph; nothing looks different.
 * @throws Error when the font is not built as expected: the platform then does not print with it
 */
export function withOwnGlyphs(font: Buffer): Buffer {
  const tables = readTables(font);
  const glyphs = readCmap(tableOf(tables, "cmap"));
  const copies = claimCopies(glyphs, tableOf(tables, "maxp").readUInt16BE(4));
  appendGlyphs(tables, copies);
  tables.set("cmap", writeCmap(glyphs));
  return writeTables(tables);
}

/**
 * ― U+2015: the font's rules for Chinese draw — U+2014 with its glyph, which would be read back as U+2015. With a copy of its own for
 * U+2015, that glyph stands for nothing but the — that was replaced.
 */
const REPLACEMENTS: ReadonlySet<number> = new Set([0x2015]);

/** Gives all but the most usual code point of each glyph a new glyph number, and answers of which glyphs those are copies, in order. */
function claimCopies(glyphs: Map<number, number>, count: number): number[] {
  const holders = new Map<number, number>();
  for (const [point, glyph] of glyphs) {
    const holder = holders.get(glyph);
    if (holder === undefined || rarity(point) < rarity(holder)) holders.set(glyph, point);
  }
  const copies: number[] = [];
  for (const [point, glyph] of [...glyphs].sort(([a], [b]) => a - b)) {
    if (holders.get(glyph) === point && !REPLACEMENTS.has(point)) continue;
    glyphs.set(point, count + copies.length);
    copies.push(glyph);
  }
  if (count + copies.length > MAX_GLYPHS) throw new Error("the font has no room for more glyphs");
  return copies;
}

/** What the font's own spacing rules know are the glyph numbers of usual punctuation: those must stay where they are. */
const USUAL: readonly (readonly [number, number])[] = [
  [0x20, 0x2ff],
  [0x3000, 0x30ff],
  [0xff01, 0xff5e],
  [0x4e00, 0x9fff],
  [0x2000, 0x206f],
];
const rarity = (point: number): number => {
  const block = USUAL.findIndex(([first, last]) => point >= first && point <= last);
  return (block < 0 ? USUAL.length : block) * 0x110000 + point;
};

function appendGlyphs(tables: FontTables, copies: readonly number[]): void {
  const [head, maxp] = [tableOf(tables, "head"), tableOf(tables, "maxp")];
  const count = maxp.readUInt16BE(4);
  maxp.writeUInt16BE(count + copies.length, 4);
  appendOutlines(tables, head, count, copies);
  appendMetrics(tables, count, copies);
  // Nothing is set vertically.
  for (const tag of ["vhea", "vmtx"]) tables.delete(tag);
  // Format 3: no glyph names, so none that would have to be added.
  const post = Buffer.from(tableOf(tables, "post").subarray(0, 32));
  post.writeUInt32BE(0x00030000, 0);
  tables.set("post", post);
}

function appendOutlines(tables: FontTables, head: Buffer, count: number, copies: readonly number[]): void {
  const [loca, glyf] = [tableOf(tables, "loca"), tableOf(tables, "glyf")];
  const long = head.readInt16BE(50) === 1;
  const offsets = Array.from({ length: count + 1 }, (_, i) => (long ? loca.readUInt32BE(i * 4) : loca.readUInt16BE(i * 2) * 2));
  const parts = [aligned(glyf.subarray(0, offsets[count]))];
  let end = parts[0]!.length;
  offsets[count] = end;
  for (const glyph of copies) {
    // A glyph without an outline (a space) stays one: it ends where it begins.
    const outline = aligned(glyf.subarray(offsets[glyph], offsets[glyph + 1]));
    parts.push(outline);
    offsets.push((end += outline.length));
  }
  const wide = Buffer.alloc(offsets.length * 4);
  for (const [i, offset] of offsets.entries()) wide.writeUInt32BE(offset, i * 4);
  head.writeInt16BE(1, 50);
  tables.set("glyf", Buffer.concat(parts));
  tables.set("loca", wide);
}

const aligned = (outline: Buffer): Buffer => Buffer.concat([outline, Buffer.alloc(-outline.length & 3)]);

/** Only fonts that have a full metric for every glyph: with a shared last one, a copy's advance could not be said. */
function appendMetrics(tables: FontTables, count: number, copies: readonly number[]): void {
  const [hhea, hmtx] = [tableOf(tables, "hhea"), tableOf(tables, "hmtx")];
  if (hhea.readUInt16BE(34) !== count) throw new Error("the font's hmtx table shares metrics");
  hhea.writeUInt16BE(count + copies.length, 34);
  const own = copies.map((glyph) => hmtx.subarray(glyph * METRIC_BYTES, (glyph + 1) * METRIC_BYTES));
  tables.set("hmtx", Buffer.concat([hmtx.subarray(0, count * METRIC_BYTES), ...own]));
}
