import { isDeepStrictEqual } from "node:util";
import { Parser } from "htmlparser2";
import sanitizeHtml from "sanitize-html";
import type { Flaw } from "./language/tree.ts";
import { ATTRIBUTES, CLASSES, TAGS } from "./agreement-markup.ts";
import type { Piece } from "./markup.ts";

/** What a parser made of a markup; texts that follow one another are one. */
type Event = { at: number } & ({ open: string; attributes: Record<string, string> } | { close: string } | { text: string });

/**
 * The second barrier, independent of our own reading: htmlparser2 must read the markup exactly as we did, and sanitize-html, told the
 * same allow-list, must find nothing to take away. What a sanitizer repairs is refused and never silently stored in another form: the
 * lawyer's text and the stored one are the same bytes.
 * @param masked the content without its language (markup.ts)
 * @param pieces how we read it
 */
export function lintSanitized(masked: string, pieces: readonly Piece[]): Flaw[] {
  const parsed = eventsOf(masked);
  const differs = firstDifference(parsed, eventsOfPieces(pieces)) ?? firstDifference(parsed, eventsOf(sanitized(masked)));
  return differs === null ? [] : [{ index: differs, message: "此处的标记会被安全过滤器改写，请改用规范写法" }];
}

/** The markup as sanitize-html lets it pass. */
export const sanitized = (markup: string): string =>
  sanitizeHtml(markup, {
    allowedTags: [...TAGS],
    allowedAttributes: { "*": [...ATTRIBUTES] },
    allowedClasses: Object.fromEntries(TAGS.map((tag) => [tag, [...(CLASSES[tag] ?? [])]])),
    allowedSchemes: [],
    allowProtocolRelative: false,
    disallowedTagsMode: "discard",
    enforceHtmlBoundary: false,
  });

/** @returns the offset of the first event of `some` that `others` does not have there; null when they are the same */
function firstDifference(some: readonly Event[], others: readonly Event[]): number | null {
  const same = (a: Event, b: Event | undefined): boolean => b !== undefined && isDeepStrictEqual({ ...a, at: 0 }, { ...b, at: 0 });
  const at = some.findIndex((event, index) => !same(event, others[index]));
  if (at >= 0) return some[at]!.at;
  return some.length === others.length ? null : (some.at(-1)?.at ?? 0);
}

function eventsOf(markup: string): Event[] {
  const events: Event[] = [];
  const parser = new Parser({
    onopentag: (open, attributes) => void events.push({ at: parser.startIndex, open, attributes: { ...attributes } }),
    onclosetag: (close) => void events.push({ at: parser.startIndex, close }),
    ontext: (text) => write(events, text, parser.startIndex),
    oncomment: (text) => void events.push({ at: parser.startIndex, open: "!--", attributes: { text } }),
    onprocessinginstruction: (text) => void events.push({ at: parser.startIndex, open: "?", attributes: { text } }),
  });
  parser.end(markup);
  return events;
}

function eventsOfPieces(pieces: readonly Piece[]): Event[] {
  const events: Event[] = [];
  for (const piece of pieces) {
    if (piece.is === "open") events.push({ at: piece.index, open: piece.name, attributes: { ...piece.attributes } });
    else if (piece.is === "close") events.push({ at: piece.index, close: piece.name });
    else write(events, piece.run.text, piece.index);
  }
  return events;
}

function write(events: Event[], text: string, at: number): void {
  const last = events.at(-1);
  if (last && "text" in last) last.text += text;
  else events.push({ at, text });
}
