import { missingGlyphs } from "../../mixins/glyphs.ts";
import { parse } from "./language/parse.ts";
import type { Flaw } from "./language/tree.ts";
import { lintAgreement } from "./lint-agreement.ts";
import { lintBlanks, lintCharacters, lintGlyphs, type Run } from "./lint-characters.ts";
import { lintLength } from "./lint-length.ts";
import { lintPage } from "./lint-page.ts";
import { lintSanitized } from "./lint-sanitized.ts";
import { lintSms } from "./lint-sms.ts";
import { lintTables } from "./lint-tables.ts";
import { lintMandatory, lintVariables, type LintPlace } from "./lint-variables.ts";
import { inOrder, readMarkup, withoutTags } from "./markup.ts";
import type { TemplateKind } from "./template.api.ts";

/** What is wrong with a template and where, counted from 1. Messages are for the legal department, so in Chinese. */
export interface LintProblem {
  line: number;
  column: number;
  message: string;
}

/** Characters of a content: an agreement of some forty pages, §3.1's `content_template`, a page's four texts. */
const LONGEST: Readonly<Record<TemplateKind, number>> = { PROTOCOL: 60_000, SMS: 512, H5: 4_000 };
/** More are not read by anybody; mending the first ones mends most. */
const MOST_PROBLEMS = 100;
/** §3.1 `protocol_name`. */
const NAME_LONGEST = 128;

/**
 * Everything that keeps `content` from becoming a version of this kind, in reading order; empty when it may.
 * @param place where it will serve; the pooling ratio, for one, must stand in agreements of POOLING_AUTH only
 */
export function lint(kind: TemplateKind, content: string, place: LintPlace = {}): LintProblem[] {
  const flaws = content.length > LONGEST[kind] ? [{ index: LONGEST[kind], message: `模板不得超过 ${LONGEST[kind]} 个字符` }] : flawsOf(kind, content, place);
  const sorted = flaws.sort((a, b) => a.index - b.index).slice(0, MOST_PROBLEMS);
  return sorted.map(({ index, message }) => ({ ...positionOf(content, index), message }));
}

/** What keeps a title from being printed at the head of an agreement and shown in a message; null when nothing does. */
export function lintName(name: string): string | null {
  if (name.trim() === "" || name.length > NAME_LONGEST) return `名称须为 1 至 ${NAME_LONGEST} 个字符`;
  if (name.trim() !== name) return "名称前后不得有空白";
  const run = { text: name, index: 0 };
  if (/[\n\r\t<>【】]/u.test(name)) return "名称不得含有换行、尖括号或者【】";
  return [...lintCharacters([run]), ...lintGlyphs([run], missingGlyphs)][0]?.message ?? null;
}

function flawsOf(kind: TemplateKind, content: string, place: LintPlace): Flaw[] {
  if (kind === "H5") return lintPage(content);
  const { tree, tags, flaws } = parse(content);
  // A variable that stands in a broken structure is judged when that is mended.
  if (flaws.length === 0) flaws.push(...lintVariables(kind, tree));
  if (kind === "SMS") return [...flaws, ...lintCharacters([{ text: content, index: 0 }]), ...lintSms(content, tree, tags, place)];

  const masked = withoutTags(content, tags);
  const { pieces, flaws: malformed } = readMarkup(masked, tags);
  const structure = malformed.length === 0 ? lintAgreement(pieces, tags) : [];
  const runs = Array.from(inOrder(pieces, tags)).flatMap((step): Run[] => ("is" in step && step.is === "text" ? [step.run] : []));
  flaws.push(...malformed, ...structure, ...lintCharacters(runs), ...lintBlanks(runs), ...lintGlyphs(runs, missingGlyphs));
  if (flaws.length === 0) flaws.push(...lintMandatory(kind, tree, place), ...lintLength(tree), ...lintTables(pieces, tags), ...lintSanitized(masked, pieces));
  return flaws;
}

function positionOf(content: string, index: number): { line: number; column: number } {
  const before = content.slice(0, index).split("\n");
  return { line: before.length, column: before.at(-1)!.length + 1 };
}
