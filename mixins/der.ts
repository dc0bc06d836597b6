/**
 * The little ASN.1 that seals and certificates need: DER out, and DER in from sources that are trusted to be well-formed
 * (our own certificate). Pure.
 */
export const SEQUENCE = 0x30;
export const SET = 0x31;
export const OCTET_STRING = 0x04;
export const NULL = Buffer.from([0x05, 0x00]);

/** An element: tag, length, the parts one after the other. */
export function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 0x80) return Buffer.concat([Buffer.from([tag, body.length]), body]);
  const hex = body.length.toString(16);
  const length = Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.from([tag, 0x80 | length.length]), length, body]);
}

/** An object identifier from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first, second, ...rest] = dotted.split(".").map(Number) as [number, number, ...number[]];
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const groups = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) groups.unshift((left & 0x7f) | 0x80);
    return groups;
  });
  return der(0x06, Buffer.from(bytes));
}

/** A small non-negative number. */
export const integer = (value: number): Buffer => der(0x02, Buffer.from([value]));

/** A bit string; `unused` counts the bits at its end that mean nothing. */
export const bitString = (bytes: Buffer, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes);

/** UTCTime up to 2049 and GeneralizedTime from 2050 on, as RFC 5280 has it. */
export function time(at: Date): Buffer {
  const text = at.toISOString().slice(0, 19).replace(/[-T:]/g, "") + "Z";
  return at.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(text.slice(2))) : der(0x18, Buffer.from(text));
}

/** Length of header and body of the element at the start of `bytes`. */
function extent(bytes: Buffer): { header: number; body: number } {
  const first = bytes[1]!;
  if (first < 0x80) return { header: 2, body: first };
  const size = first & 0x7f;
  return { header: 2 + size, body: bytes.readUIntBE(2, size) };
}
/** The body of an element. */
export function content(element: Buffer): Buffer {
  const { header, body } = extent(element);
  return element.subarray(header, header + body);
}
/** The elements in a body, each with its header. */
export function members(bytes: Buffer): Buffer[] {
  const list: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const { header, body } = extent(rest);
    list.push(rest.subarray(0, header + body));
    rest = rest.subarray(header + body);
  }
  return list;
}
