import { CLASSES, CLAUSE, CLAUSE_HOLDERS, ELEMENTS, KEY_CLAUSE, MANDATORY_CLAUSES, MAX_DEPTH } from "./agreement-markup.ts";
import type { TagToken } from "./language/tokens.ts";
import type { Flaw } from "./language/tree.ts";
import { inOrder, type Piece } from "./markup.ts";

const CLAUSE_ID = /^[a-z][a-z0-9-]{0,31}$/;
/** Shorter than this is no clause. */
const CLAUSE_LEAST = 10;
/** `meta` prints small: enough for a number or a date, not for a clause. */
const META_MOST = 100;
/** More small lines than this are small print. */
const METAS_MOST = 8;
/** What one signature can acknowledge (`keyClauses` of the call that signs). */
const KEY_CLAUSES_MOST = 64;
/** A heading cell does not break its line: what is longer runs off the paper. */
const HEADING_MOST = 20;
/** Fields that the platform itself keeps short. */
const SHORT_FIELDS: readonly string[] = ["role"];

interface Element {
  name: string;
  attributes: Record<string, string>;
  index: number;
  /** Conditions and loops around it. */
  blocks: number;
  /** What it says whatever the process, with the names of the variables it prints. */
  text: string;
  /** Characters in it along all paths together. */
  length: number;
}

/**
 * Structure of an agreement: a fragment of plain semantic HTML, well-formed along every path through its conditions; one title; key
 * clauses `<section data-key-clause="id">`, which the signer acknowledges one by one; and the clauses no agreement may lack.
 * @param pieces its markup, without flaws of form
 */
export function lintAgreement(pieces: readonly Piece[], tags: readonly TagToken[]): Flaw[] {
  const flaws: Flaw[] = [];
  const flaw = (index: number, message: string): void => void flaws.push({ index, message });
  const open: Element[] = [];
  /** How many elements were open where each condition or loop began, and which of the two it is. */
  const blocks: { depth: number; loop: boolean }[] = [];
  const keyClauses: Element[] = [];
  const clauses: Element[] = [];
  const titles: Element[] = [];
  let metas = 0;

  const begin = ({ name, attributes, index }: Piece & { is: "open" }): void => {
    const parent = open.at(-1);
    const rule = Object.hasOwn(ELEMENTS, name) ? ELEMENTS[name]! : null;
    if (!rule) flaw(index, `不允许使用标签 <${name}>，请删去，或者改用 ${Object.keys(ELEMENTS).join("、")}`);
    else if (!rule.in.includes(parent?.name ?? "root") && (!parent || Object.hasOwn(ELEMENTS, parent.name))) {
      flaw(index, `标签 <${name}> 不能写在${parent ? ` <${parent.name}> 之内` : "最外层"}`);
    }
    if (open.length >= MAX_DEPTH) flaw(index, `标签最多嵌套 ${MAX_DEPTH} 层`);
    const element: Element = { name, attributes, index, blocks: blocks.length, text: "", length: 0 };
    open.push(element);
    if (name === "h1") titles.push(element);
    lintAttributes(element);
  };

  const lintAttributes = (element: Element): void => {
    const { name, attributes, index } = element;
    for (const [attribute, value] of Object.entries(attributes)) {
      if (attribute === "class" && CLASSES[name]?.includes(value)) continue;
      if (attribute === KEY_CLAUSE && name === "section") continue;
      if (attribute === CLAUSE && CLAUSE_HOLDERS.includes(name)) continue;
      flaw(index, `<${name}> 不允许使用属性 ${attribute}="${value.slice(0, 40)}"，请删去`);
    }
    const mark = attributes[CLAUSE];
    if (name === "p" && attributes["class"] === "meta") {
      if (++metas > METAS_MOST) flaw(index, `meta 最多 ${METAS_MOST} 处`);
      if (mark !== undefined) flaw(index, "必备条款不得写成 meta");
    }
    if (mark !== undefined && CLAUSE_HOLDERS.includes(name)) {
      if (!Object.hasOwn(MANDATORY_CLAUSES, mark)) flaw(index, `必备条款标记 ${CLAUSE} 只能是 ${Object.keys(MANDATORY_CLAUSES).join("、")}`);
      else if (clauses.some(({ attributes: other }) => other[CLAUSE] === mark)) flaw(index, `必备条款标记 ${mark} 重复`);
      else if (blocks.length > 0) flaw(index, `必备条款 ${mark} 不得写在条件或者循环之内`);
      clauses.push(element);
    }
    if (name !== "section") return;
    const id = attributes[KEY_CLAUSE];
    if (id === undefined && mark !== undefined) return;
    if (id === undefined || !CLAUSE_ID.test(id)) return flaw(index, `重点条款须有由小写字母、数字和连字符组成的编号 ${KEY_CLAUSE}`);
    if (keyClauses.some(({ attributes: other }) => other[KEY_CLAUSE] === id)) flaw(index, `重点条款编号 ${id} 重复`);
    if (blocks.some(({ loop }) => loop)) flaw(index, "重点条款不得写在循环之内");
    keyClauses.push(element);
    if (keyClauses.length > KEY_CLAUSES_MOST) flaw(index, `重点条款最多 ${KEY_CLAUSES_MOST} 项，再多则无法签署`);
  };

  const end = (element: Element): void => {
    const said = element.text.replace(/\s+/g, "");
    const { [CLAUSE]: mark, [KEY_CLAUSE]: id, class: style } = element.attributes;
    if (id !== undefined && said.length < CLAUSE_LEAST) flaw(element.index, `重点条款 ${id} 没有写明内容`);
    if (style === "meta" && element.length > META_MOST) flaw(element.index, `meta 只用于标题下的编号、日期等，不得超过 ${META_MOST} 个字`);
    if (element.name === "th" && element.length > HEADING_MOST) flaw(element.index, `表头 <th> 不换行，不得超过 ${HEADING_MOST} 个字，长文字请写在 <td> 中`);
    if (element.name === "h1" && said === "") flaw(element.index, "标题 <h1> 没有内容");
    for (const { what, pattern } of (mark !== undefined && MANDATORY_CLAUSES[mark]?.says) || []) {
      if (!pattern.test(said)) flaw(element.index, `必备条款“${MANDATORY_CLAUSES[mark!]!.label}”须写明${what}`);
    }
  };

  const close = ({ name, index }: Piece & { is: "close" }): void => {
    const at = open.findLastIndex((element) => element.name === name);
    const floor = blocks.at(-1)?.depth ?? 0;
    if (at < 0) return flaw(index, `多余的结束标签 </${name}>`);
    if (at < floor) return flaw(index, `</${name}> 与它的开始标签须在同一个条件或者循环之内`);
    unclosed(at + 1);
    end(open.pop()!);
  };
  const unclosed = (from: number): void => {
    for (const element of open.splice(from)) flaw(element.index, `标签 <${element.name}> 没有正确闭合`);
  };

  const write = (text: string, index: number): void => {
    const parent = open.at(-1);
    const first = text.search(/\S/);
    if (first >= 0 && (!parent || ELEMENTS[parent.name]?.text === false)) flaw(index + first, `文字须写在 <p> 等标签之内，不能直接写在${parent ? ` <${parent.name}> 之内` : "最外层"}`);
    for (const element of open) {
      element.length += text.replace(/\s+/g, "").length;
      if (element.blocks === blocks.length) element.text += text;
    }
  };

  const steer = ({ tag, index }: TagToken): void => {
    if (tag.is === "if" || tag.is === "for") return void blocks.push({ depth: open.length, loop: tag.is === "for" });
    if (tag.is === "print") {
      if (open.some(({ name }) => name === "th") && !SHORT_FIELDS.includes(tag.field ?? "")) flaw(index, "表头 <th> 不换行，变量可能过长而被截断，请写在 <td> 中");
      return write(tag.name, index);
    }
    if (tag.is !== "else" && tag.is !== "end") return;
    unclosed(blocks.at(-1)?.depth ?? 0);
    if (tag.is === "end") blocks.pop();
  };

  for (const step of inOrder(pieces, tags)) {
    if ("tag" in step) steer(step);
    else if (step.is === "open") begin(step);
    else if (step.is === "close") close(step);
    else write(step.run.text, step.index);
  }
  unclosed(0);

  if (titles.length !== 1 || titles[0]!.blocks > 0) flaw(titles[1]?.index ?? titles[0]?.index ?? 0, "协议须有且只有一个标题 <h1>，且不在条件之内");
  if (!keyClauses.some(({ blocks: around }) => around === 0)) flaw(0, `协议须至少标出一项无条件的重点条款（${KEY_CLAUSE}）`);
  for (const [mark, { label }] of Object.entries(MANDATORY_CLAUSES)) {
    if (!clauses.some(({ attributes }) => attributes[CLAUSE] === mark)) flaw(0, `协议缺少必备条款“${label}”：请在该条款的标签上写 ${CLAUSE}="${mark}"`);
  }
  return flaws;
}
