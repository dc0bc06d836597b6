import { diffArrays, diffChars } from "diff";

export interface DiffPart {
  text: string;
  changed: boolean;
}
/** One line of one side, numbered from 1; `parts` only where the line was changed and they could be told. */
export interface DiffLine {
  line: number;
  text: string;
  parts?: DiffPart[];
}
/** One row of two texts side by side. `left` is absent of an added line, `right` of a deleted one. */
export interface DiffRow {
  op: "same" | "add" | "del" | "change";
  left?: DiffLine;
  right?: DiffLine;
}

/** Lines less alike than this are told as one taken out and another put in. */
const ALIKE = 0.35;
/** A block of more pairs than this is paired in order: comparing every line with every other would take seconds. */
const MAX_PAIRS = 2_500;
/** Characters put in or taken out of a line, beyond which it is shown as changed altogether. */
const MAX_EDITS = 400;
/** Lines put in or taken out, beyond which the texts are two texts: telling them apart better would hold the node up. */
const MAX_LINE_EDITS = 300;

/**
 * Two texts side by side, line by line, with what changed within a line by character, as suits Chinese, which has no spaces.
 * @param left null when there is nothing to compare with: then every line is new
 */
export function diffRows(left: string | null, right: string): DiffRow[] {
  const rows: DiffRow[] = [];
  const at = { left: 0, right: 0 };
  const taken: string[] = [];
  const put: string[] = [];
  const flush = (): void => {
    for (const [old, now] of paired(taken.splice(0), put.splice(0))) {
      const one = old === null ? undefined : { line: ++at.left, text: old };
      const other = now === null ? undefined : { line: ++at.right, text: now };
      if (one && other) rows.push({ op: "change", ...withParts(one, other) });
      else rows.push(one ? { op: "del", left: one } : { op: "add", right: other! });
    }
  };
  const [before, after] = [left === null ? [] : left.split("\n"), right.split("\n")];
  const changes = diffArrays(before, after, { maxEditLength: MAX_LINE_EDITS }) ?? [
    { removed: true, added: false, value: before },
    { removed: false, added: true, value: after },
  ];
  for (const { added, removed, value } of changes) {
    if (removed) taken.push(...value);
    else if (added) put.push(...value);
    else {
      flush();
      rows.push(...value.map((text): DiffRow => ({ op: "same", left: { line: ++at.left, text }, right: { line: ++at.right, text } })));
    }
  }
  flush();
  return rows;
}

type Pair = [before: string | null, after: string | null];

/** Pairs the lines of a changed block so that as much as possible stands beside what it became, in the order of both. */
function paired(before: string[], after: string[]): Pair[] {
  if (before.length * after.length > MAX_PAIRS) return Array.from({ length: Math.max(before.length, after.length) }, (_, i) => [before[i] ?? null, after[i] ?? null]);
  const like = before.map((one) => after.map((other) => likeness(one, other)));
  // best[i][j]: the most likeness that the lines from i and from j on can have.
  const best = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0));
  const beside = (i: number, j: number): number => (like[i]![j]! < ALIKE ? -1 : like[i]![j]! + best[i + 1]![j + 1]!);
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) best[i]![j] = Math.max(best[i + 1]![j]!, best[i]![j + 1]!, beside(i, j));
  }
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && j < after.length && beside(i, j) >= 0 && beside(i, j) === best[i]![j]) pairs.push([before[i++]!, after[j++]!]);
    else if (i < before.length && (j === after.length || best[i + 1]![j]! >= best[i]![j + 1]!)) pairs.push([before[i++]!, null]);
    else pairs.push([null, after[j++]!]);
  }
  return pairs;
}

/** How much of two lines is the same, from 0 to 1: their pairs of neighbouring characters (Dice). */
function likeness(one: string, other: string): number {
  const [a, b] = [bigrams(one), bigrams(other)];
  const size = count(a) + count(b);
  if (size === 0) return one.trim() === other.trim() ? 1 : 0;
  let shared = 0;
  for (const [gram, times] of a) shared += Math.min(times, b.get(gram) ?? 0);
  return (2 * shared) / size;
}
function bigrams(line: string): Map<string, number> {
  const text = line.trim();
  const found = new Map<string, number>();
  for (let at = 0; at + 1 < text.length; at++) found.set(text.slice(at, at + 2), (found.get(text.slice(at, at + 2)) ?? 0) + 1);
  return found;
}
const count = (grams: Map<string, number>): number => [...grams.values()].reduce((sum, times) => sum + times, 0);

function withParts(left: DiffLine, right: DiffLine): { left: DiffLine; right: DiffLine } {
  const changes = likeness(left.text, right.text) < ALIKE ? undefined : diffChars(left.text, right.text, { maxEditLength: MAX_EDITS });
  if (!changes) return { left, right };
  const parts = { left: [] as DiffPart[], right: [] as DiffPart[] };
  changes.forEach(({ value, added, removed }, index) => {
    // One character that stayed between two changes is no help to whoever reads.
    const stray = !added && !removed && Array.from(value).length === 1 && index > 0 && index < changes.length - 1;
    const changed = added || removed || stray;
    if (!added) push(parts.left, value, changed);
    if (!removed) push(parts.right, value, changed);
  });
  return { left: { ...left, parts: parts.left }, right: { ...right, parts: parts.right } };
}

function push(parts: DiffPart[], text: string, changed: boolean): void {
  const last = parts.at(-1);
  if (last?.changed === changed) last.text += text;
  else parts.push({ text, changed });
}
