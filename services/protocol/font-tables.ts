/** The tables of a TrueType file by their four-letter tags. */
export type FontTables = Map<string, Buffer>;

const HEADER_BYTES = 12;
const ENTRY_BYTES = 16;
/** OpenType, `head`: all 32-bit words of the file add up to this. */
const WHOLE_FILE_SUM = 0xb1b0afba;
const HEAD_ADJUSTMENT = 8;

const padded = (length: number): number => (length + 3) & ~3;

/** @throws Error when the file ends before a table does */
export function readTables(font: Buffer): FontTables {
  const tables: FontTables = new Map();
  for (let i = 0; i < font.readUInt16BE(4); i++) {
    const entry = HEADER_BYTES + i * ENTRY_BYTES;
    const tag = font.toString("latin1", entry, entry + 4);
    const [from, length] = [font.readUInt32BE(entry + 8), font.readUInt32BE(entry + 12)];
    if (from + length > font.length) throw new Error(`the font's ${tag} table is cut off`);
    tables.set(tag, Buffer.from(font.subarray(from, from + length)));
  }
  return tables;
}

/** @throws Error when the font has no such table */
export function tableOf(tables: FontTables, tag: string): Buffer {
  const table = tables.get(tag);
  if (!table) throw new Error(`the font has no ${tag} table`);
  return table;
}

/** The file again, tables in the order of their tags and with the sums that a reader may check. */
export function writeTables(tables: FontTables): Buffer {
  const sorted = [...tables].sort(([a], [b]) => (a < b ? -1 : 1));
  const log = Math.floor(Math.log2(sorted.length));
  const head = Buffer.alloc(HEADER_BYTES + sorted.length * ENTRY_BYTES);
  head.writeUInt32BE(0x00010000, 0);
  head.writeUInt16BE(sorted.length, 4);
  head.writeUInt16BE(ENTRY_BYTES * 2 ** log, 6);
  head.writeUInt16BE(log, 8);
  head.writeUInt16BE(ENTRY_BYTES * (sorted.length - 2 ** log), 10);

  const parts = [head];
  let at = head.length;
  for (const [index, [tag, table]] of sorted.entries()) {
    // The sum of `head` and of the whole is reckoned with the adjustment left out.
    if (tag === "head") table.writeUInt32BE(0, HEAD_ADJUSTMENT);
    const part = Buffer.alloc(padded(table.length));
    table.copy(part);
    const entry = HEADER_BYTES + index * ENTRY_BYTES;
    head.write(tag, entry, "latin1");
    head.writeUInt32BE(sumOf(part), entry + 4);
    head.writeUInt32BE(at, entry + 8);
    head.writeUInt32BE(table.length, entry + 12);
    parts.push(part);
    at += part.length;
  }
  const font = Buffer.concat(parts);
  font.writeUInt32BE((WHOLE_FILE_SUM - sumOf(font)) >>> 0, head.readUInt32BE(HEADER_BYTES + sorted.findIndex(([tag]) => tag === "head") * ENTRY_BYTES + 8) + HEAD_ADJUSTMENT);
  return font;
}

function sumOf(words: Buffer): number {
  let sum = 0;
  for (let at = 0; at < words.length; at += 4) sum = (sum + words.readUInt32BE(at)) >>> 0;
  return sum;
}
