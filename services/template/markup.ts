import type { TagToken } from "./language/tokens.ts";
import type { Flaw } from "./language/tree.ts";
import type { Run } from "./lint-characters.ts";

/** One thing in the markup of an agreement. Offsets are into the content. */
export type Piece =
  | { is: "open"; name: string; attributes: Record<string, string>; index: number }
  | { is: "close"; name: string; index: number }
  | { is: "text"; run: Run; index: number };

export interface Markup {
  pieces: Piece[];
  flaws: Flaw[];
}

/**
 * The few forms an agreement is written in. Whatever browsers, htmlparser2 and sanitize-html might read differently (comments,
 * declarations, unquoted or doubled attributes, capitals, self-closing, stray brackets) has no form here, so there is nothing left for
 * them to differ about.
 */
const OPEN = /<([a-z][a-z0-9]*)((?: +[a-z][a-z0-9-]*="[^"<>&]*")*) *>/y;
const CLOSE = /<\/([a-z][a-z0-9]*)>/y;
const ATTRIBUTE = / +([a-z][a-z0-9-]*)="([^"]*)"/g;
const ENTITY = /&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|([A-Za-z][A-Za-z0-9]{1,31}));/y;
const NAMED: Readonly<Record<string, string>> = {
  amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0", ensp: "\u2002", emsp: "\u2003", middot: "·", times: "×", sect: "§", yen: "¥",
  ldquo: "“", rdquo: "”", lsquo: "‘", rsquo: "’", hellip: "…", mdash: "—", ndash: "–",
};

/**
 * The content without its language: what prints becomes a Han character as long as the tag, what decides becomes spaces. Nothing moves,
 * so offsets stay those of the content.
 */
export function withoutTags(content: string, tags: readonly TagToken[]): string {
  let masked = "";
  let from = 0;
  for (const { tag, index, length } of tags) {
    masked += content.slice(from, index) + (tag.is === "print" ? "字" : " ").repeat(length);
    from = index + length;
  }
  return masked + content.slice(from);
}

/** Reads the markup of a content whose language has been masked. Every mistake is found; what is malformed is left out of the pieces. */
export function readMarkup(masked: string, tags: readonly TagToken[]): Markup {
  const pieces: Piece[] = [];
  const flaws: Flaw[] = [];
  const flaw = (index: number, message: string): void => void flaws.push({ index, message });
  const write = (text: string, index: number): void => void (text && pieces.push({ is: "text", run: { text, index }, index }));
  const special = /[<&]/g;
  let from = 0;
  for (let at = special.exec(masked); at; at = special.exec(masked)) {
    const { index } = at;
    write(masked.slice(from, index), from);
    const end = at[0] === "&" ? readEntity(index) : readTag(index);
    for (const tag of at[0] === "<" ? tags : []) {
      if (tag.index > index && tag.index < end) flaw(tag.index, "变量、条件和循环只能写在正文中，不得写在标签、属性或者注释里");
    }
    from = end;
    special.lastIndex = end;
  }
  write(masked.slice(from), from);
  return { pieces, flaws };

  /** @returns where the tag ends */
  function readTag(index: number): number {
    OPEN.lastIndex = CLOSE.lastIndex = index;
    const close = CLOSE.exec(masked);
    if (close) {
      pieces.push({ is: "close", name: close[1]!, index });
      return CLOSE.lastIndex;
    }
    const open = OPEN.exec(masked);
    if (!open) return refuseTag(index);
    const attributes: Record<string, string> = Object.create(null) as Record<string, string>;
    for (const [, name, value] of open[2]!.matchAll(ATTRIBUTE)) {
      if (name! in attributes) flaw(index, `属性 ${name} 重复`);
      attributes[name!] ??= value!;
    }
    pieces.push({ is: "open", name: open[1]!, attributes, index });
    return OPEN.lastIndex;
  }

  function refuseTag(index: number): number {
    const rest = masked.slice(index, index + 4);
    if (rest === "<!--") {
      flaw(index, "不允许使用注释，请删去");
      const end = masked.indexOf("-->", index + 4);
      return end < 0 ? masked.length : end + 3;
    }
    if (/^<[!?]/.test(rest)) flaw(index, "不允许使用声明或处理指令，请删去");
    else if (/^<\/?[A-Za-z]/.test(rest)) flaw(index, '标签写法有误：须为小写字母，不得自行闭合，属性须写作 名称="值"，值中不得有 < > &');
    else {
      flaw(index, "“<”须写作 &lt;");
      return index + 1;
    }
    const end = masked.indexOf(">", index);
    return end < 0 ? masked.length : end + 1;
  }

  function readEntity(index: number): number {
    ENTITY.lastIndex = index;
    const found = ENTITY.exec(masked);
    if (!found) {
      flaw(index, "“&”须写作 &amp;");
      return index + 1;
    }
    const [written, decimal, hex, name] = found;
    const text = name === undefined ? numbered(decimal === undefined ? parseInt(hex!, 16) : Number(decimal)) : Object.hasOwn(NAMED, name) ? NAMED[name]! : null;
    if (text === null) flaw(index, `字符实体 ${written} 不在允许之列，请直接写出该字符`);
    else write(text, index);
    return ENTITY.lastIndex;
  }
}

/** Numbers below 160 that are not plain ASCII mean other characters to a browser than their own (they are read as Windows-1252). */
function numbered(point: number): string | null {
  const plain = (point >= 0x20 && point < 0x7f) || point >= 0xa0;
  return plain && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff) ? String.fromCodePoint(point) : null;
}

/** Pieces and tags in the order of the content. The masks of the tags are no text of their own. */
export function* inOrder(pieces: readonly Piece[], tags: readonly TagToken[]): Generator<Piece | TagToken> {
  let next = 0;
  for (const piece of pieces) {
    if (piece.is !== "text") {
      while (next < tags.length && tags[next]!.index < piece.index) yield tags[next++]!;
      yield piece;
      continue;
    }
    let { text, index } = piece.run;
    while (next < tags.length && tags[next]!.index < piece.index) yield tags[next++]!;
    while (next < tags.length && tags[next]!.index < index + text.length) {
      const { index: at, length } = tags[next]!;
      if (at > index) yield { is: "text", run: { text: text.slice(0, at - index), index }, index };
      yield tags[next++]!;
      text = text.slice(at - index + length);
      index = at + length;
    }
    if (text) yield { is: "text", run: { text, index }, index };
  }
  yield* tags.slice(next);
}
