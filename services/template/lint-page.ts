import { parse } from "./language/parse.ts";
import { everyNode, type Flaw, type Node } from "./language/tree.ts";
import { lintCharacters } from "./lint-characters.ts";
import { lintVariables } from "./lint-variables.ts";
import { PAGE_TEXTS } from "./render.ts";
import { hasLink } from "./sms-text.ts";

/** Longest of each text on a phone's screen, variables not counted. */
const LONGEST: Readonly<Record<string, number>> = { title: 60, intro: 600, consent: 300, button: 20 };
/** Variables each may print: a name may have 128 characters, and what is on a button must stay on it. */
const MOST_VARIABLES: Readonly<Record<string, number>> = { title: 3, intro: 20, consent: 10, button: 0 };

/** A text of the page as it is written: `origins` are the offsets in the content of its characters, and of its end. */
interface Written {
  key: string;
  text: string;
  origins: number[];
  escaped: boolean;
}

/** Rules of the signer's page: a JSON object of exactly the four texts, each of the language, without links and brackets. */
export function lintPage(content: string): Flaw[] {
  let page: unknown;
  try {
    page = JSON.parse(content);
  } catch (error) {
    return [{ index: brokenAt(error), message: "页面模板不是合法的 JSON" }];
  }
  const texts = page !== null && typeof page === "object" && !Array.isArray(page) ? (page as Record<string, unknown>) : {};
  const written = readTexts(content);
  const exact = written.map(({ key }) => key).sort().join() === [...PAGE_TEXTS].sort().join();
  if (!exact || !Object.values(texts).every((text) => typeof text === "string" && text.trim() !== "")) {
    return [{ index: 0, message: `页面模板须且只能包含非空文本 ${PAGE_TEXTS.join("、")}，各一次` }];
  }
  return written.flatMap(lintText);
}

function lintText({ key, text, origins, escaped }: Written): Flaw[] {
  const { tree, tags, flaws } = parse(text);
  const found = [...flaws, ...(flaws.length ? [] : lintVariables("H5", tree))];
  // A tag spelled with JSON escapes could not be found again by whoever reads the file.
  if (escaped) found.push(...tags.filter(({ index, length }) => origins[index + length]! - origins[index]! !== length).map(({ index }) => ({ index, message: "变量标记不得使用 JSON 转义书写" })));
  const literals = Array.from(everyNode(tree)).flatMap((node) => (node.is === "text" ? [node] : []));
  found.push(...lintCharacters(literals));
  for (const { text: literal, index } of literals) {
    const bracket = literal.search(/[【】]/u);
    if (bracket >= 0) found.push({ index: index + bracket, message: "页面文本不得使用【】" });
    if (hasLink(literal)) found.push({ index, message: "页面文本不得含有链接" });
    const line = literal.search(/[\n\r\t]/u);
    if (line >= 0) found.push({ index: index + line, message: "页面文本不得换行" });
  }
  const length = literals.reduce((sum, { text: literal }) => sum + literal.length, 0);
  if (length > LONGEST[key]!) found.push({ index: 0, message: `${key} 不得超过 ${LONGEST[key]} 个字` });
  if (flaws.length === 0 && !saysSomething(tree)) found.push({ index: 0, message: `${key} 在某些情形下没有文字` });
  const prints = tags.filter(({ tag }) => tag.is === "print");
  const most = MOST_VARIABLES[key]!;
  if (prints.length > most) found.push({ index: prints[most]!.index, message: most === 0 ? `${key} 不得输出变量` : `${key} 最多输出 ${most} 次变量` });
  return found.map(({ index, message }) => ({ index: origins[index]!, message }));
}

/** Whether words remain along every path; a variable may be absent, so it does not count. */
const saysSomething = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => (node.is === "text" && node.text.trim() !== "") || (node.is === "if" && saysSomething(node.then) && saysSomething(node.otherwise)));

/** Node names the place only in words. */
function brokenAt(error: unknown): number {
  const position = /position (\d+)/.exec(String(error));
  return position ? Number(position[1]) : 0;
}

/** The top level's texts of a valid JSON object, in order, also those that a later one of the same name would hide. */
function readTexts(content: string): Written[] {
  const strings = Array.from(content.matchAll(/"(?:[^"\\]|\\.)*"/gs), ({ 0: raw, index }) => ({ raw, index }));
  const written: Written[] = [];
  for (let at = 0; at < strings.length; at += 1) {
    const { raw, index } = strings[at]!;
    const value = strings[at + 1];
    if (!value || !/^\s*:\s*$/.test(content.slice(index + raw.length, value.index))) continue;
    written.push({ key: JSON.parse(raw) as string, ...unescaped(value.raw, value.index) });
    at += 1;
  }
  return written;
}

function unescaped(raw: string, start: number): Omit<Written, "key"> {
  let text = "";
  const origins: number[] = [];
  let at = 1;
  while (at < raw.length - 1) {
    const length = raw[at] !== "\\" ? 1 : raw[at + 1] === "u" ? 6 : 2;
    text += length === 1 ? raw[at] : (JSON.parse(`"${raw.slice(at, at + length)}"`) as string);
    origins.push(start + at);
    at += length;
  }
  origins.push(start + at);
  return { text, origins, escaped: raw.includes("\\") };
}
