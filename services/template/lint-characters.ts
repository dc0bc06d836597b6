import type { Flaw } from "./language/tree.ts";

/** A stretch of text as a reader gets it, and where it stands in the content. */
export interface Run {
  text: string;
  /** Offset of its first character; an entity is a run of its own. */
  index: number;
}

/**
 * Nobody sees these, or they change what others look like: control and format characters (among them those that turn the direction of
 * writing), halves of characters, private and unassigned ones, line and paragraph separators, whatever a renderer leaves out
 * (Default_Ignorable_Code_Point: joiners, fillers, selectors), and the Braille blank. Tab and line end are white space.
 */
const UNSEEN = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Marks that are drawn onto their neighbours: a stroke through a word takes it back, and no search finds it. */
const COMBINING = /\p{M}/gu;
/** A gap that pushes the rest out of sight. */
const GAP = /[\p{Zs}\t]{20,}/gu;
/** Left to be filled in by hand: the text would be signed with a hole in it. */
const BLANK = /【\s*】|_{2,}|＿{2,}|〔\s*〕/gu;

/** A text in a script that the font lacks has thousands, and each is looked for. */
const MOST_NAMED = 50;

/** `U+202E`, as Unicode writes it. */
export const codePointName = (point: number): string => `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;

/** What must not stand in any text, literally or as an entity. */
export function lintCharacters(runs: readonly Run[]): Flaw[] {
  return [
    ...matches(runs, UNSEEN, (found) => `含有看不见或者改变显示的字符 ${codePointName(found.codePointAt(0)!)}，请删除`),
    ...matches(runs, COMBINING, (found) => `含有叠加在其他字上的符号 ${codePointName(found.codePointAt(0)!)}，请删除`),
    ...matches(runs, GAP, () => "连续空白过长，请删除"),
  ];
}

/** Places left to be filled in by hand. */
export const lintBlanks = (runs: readonly Run[]): Flaw[] => matches(runs, BLANK, () => "留有未填写的空白，请写明内容或者使用变量");

/**
 * Characters the PDF could not print, each once; those that lintCharacters names are left to it.
 * @param missing code points of a text that the fonts lack (mixins/glyphs.ts)
 */
export function lintGlyphs(runs: readonly Run[], missing: (text: string) => number[]): Flaw[] {
  const { text, origins } = joined(runs);
  const points = missing(text.replace(UNSEEN, "").replace(COMBINING, "")).slice(0, MOST_NAMED);
  return points.map((point) => {
    return { index: origins[text.indexOf(String.fromCodePoint(point))]!, message: `字符 ${codePointName(point)} 无法打印，请更换` };
  });
}

/** Judged together, so that what is split into entities is seen as it is shown. */
function matches(runs: readonly Run[], pattern: RegExp, message: (found: string) => string): Flaw[] {
  const { text, origins } = joined(runs);
  return Array.from(text.matchAll(pattern), (match) => ({ index: origins[match.index]!, message: message(match[0]) }));
}

function joined(runs: readonly Run[]): { text: string; origins: number[] } {
  const origins: number[] = [];
  for (const { text, index } of runs) for (let at = 0; at < text.length; at += 1) origins.push(index + at);
  return { text: runs.map(({ text }) => text).join(""), origins };
}
