import { Broken } from "./finding.ts";

/** One entry as both of its headers describe it. */
export interface Entry {
  name: string;
  /** 0 stored, 8 deflated. */
  method: number;
  crc: number;
  /** Bytes once unpacked, as announced. */
  size: number;
  packed: Buffer;
}
interface Listed extends Omit<Entry, "packed"> {
  flags: number;
  packedSize: number;
  offset: number;
}

const END = 0x06054b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const ENCRYPTED = 0x1;
const DESCRIPTOR = 0x8;

/**
 * Reads a zip's table and checks that it describes the whole file: entries lie one behind the other, local and central headers say the
 * same, no byte belongs to nothing. Two unpackers can then not see two different things.
 * @throws Broken naming the entry, or the offset where there is no name yet
 */
export function walkEntries(zip: Buffer): { entries: Entry[]; comment: Buffer } {
  const end = endOf(zip);
  const count = zip.readUInt16LE(end + 10);
  const size = zip.readUInt32LE(end + 12);
  const start = zip.readUInt32LE(end + 16);
  if (zip.readUInt32LE(end + 4) !== 0 || zip.readUInt16LE(end + 8) !== count || start + size !== end) throw malformed(end);
  const listed: Listed[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at + 46 > end || zip.readUInt32LE(at) !== CENTRAL) throw malformed(at);
    const nameLength = zip.readUInt16LE(at + 28);
    const next = at + 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
    if (next > end) throw malformed(at);
    listed.push({
      name: text(zip.subarray(at + 46, at + 46 + nameLength), at),
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      packedSize: zip.readUInt32LE(at + 20),
      size: zip.readUInt32LE(at + 24),
      offset: zip.readUInt32LE(at + 42),
    });
    at = next;
  }
  if (at !== end) throw malformed(at);
  return { entries: contents(zip, listed, start), comment: zip.subarray(end + 22) };
}

function contents(zip: Buffer, listed: Listed[], tableStart: number): Entry[] {
  let expected = [0];
  const entries: Entry[] = [];
  for (const { name, flags, method, crc, packedSize, size, offset } of listed.toSorted((a, b) => a.offset - b.offset)) {
    const wrong = () => new Broken("ZIP_STRUCTURE", name, "压缩包中该文件的两处描述不一致，或位置有误");
    if (!expected.includes(offset) || offset + 30 > tableStart || zip.readUInt32LE(offset) !== LOCAL || flags & ENCRYPTED) throw wrong();
    const nameEnd = offset + 30 + zip.readUInt16LE(offset + 26);
    const dataStart = nameEnd + zip.readUInt16LE(offset + 28);
    const dataEnd = dataStart + packedSize;
    if (dataEnd > tableStart) throw wrong();
    const sameName = text(zip.subarray(offset + 30, nameEnd), offset) === name;
    const sameWay = zip.readUInt16LE(offset + 6) === flags && zip.readUInt16LE(offset + 8) === method;
    const streamed = (flags & DESCRIPTOR) !== 0;
    const sameSizes = [crc, packedSize, size].every((value, i) => zip.readUInt32LE(offset + 14 + 4 * i) === value);
    if (!sameName || !sameWay || !(sameSizes || streamed)) throw wrong();
    entries.push({ name, method, crc, size, packed: zip.subarray(dataStart, dataEnd) });
    // A streaming packer puts sizes and checksum behind the content, with or without a signature.
    expected = streamed ? [dataEnd + 12, dataEnd + 16] : [dataEnd];
  }
  if (!expected.includes(tableStart)) throw malformed(tableStart);
  return entries;
}

/** Where the end record begins: the one whose comment reaches exactly to the end of the file. */
function endOf(zip: Buffer): number {
  for (let at = zip.length - 22; at >= 0 && at >= zip.length - 22 - 0xffff; at--) {
    if (zip.readUInt32LE(at) === END && at + 22 + zip.readUInt16LE(at + 20) === zip.length) return at;
  }
  throw new Broken("ZIP_UNREADABLE", "zip", "不是完整的 zip 文件");
}

const malformed = (offset: number): Broken => new Broken("ZIP_STRUCTURE", `zip@${offset}`, "压缩包结构有误");

function text(bytes: Uint8Array, offset: number): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(offset);
  }
}
