import { tagsOf, type Tag, type TagToken } from "./tokens.ts";
import type { ChoiceNode, Flaw, LoopNode, Node } from "./tree.ts";

/** Conditions and loops within one another. */
const MAX_DEPTH = 4;
/** A contract of sixty pages has some three hundred. */
const MAX_TAGS = 3_000;
/** Words that JavaScript keeps, so that the file stays a template for EJS too. */
const RESERVED = new Set(
  "await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield arguments eval".split(" "),
);

export interface Parsed {
  tree: Node[];
  /** Every tag with its place; the HTML is judged without them. */
  tags: TagToken[];
  /** Empty when the text is of the language. */
  flaws: Flaw[];
}

interface Open {
  node: ChoiceNode | LoopNode;
  /** Where what follows belongs. */
  nodes: Node[];
  inElse: boolean;
}

/**
 * Reads a text into its tree. Only structure is judged here: which names exist is the business of lint. Every mistake is found, not
 * just the first, and what is left of the text is still a tree.
 */
export function parse(text: string): Parsed {
  const tree: Node[] = [];
  const flaws: Flaw[] = [];
  const open: Open[] = [];
  const tags = tagsOf(text);
  if (tags.length > MAX_TAGS) return { tree, tags, flaws: [{ index: tags[MAX_TAGS]!.index, message: `变量、条件和循环合计不得超过 ${MAX_TAGS} 处` }] };
  let from = 0;
  const into = (): Node[] => open.at(-1)?.nodes ?? tree;
  const flaw = (index: number, message: string): void => void flaws.push({ index, message });
  const loopOf = (item: string): LoopNode | undefined => open.map(({ node }) => node).find((node): node is LoopNode => node.is === "for" && node.item === item);

  const begin = (node: ChoiceNode | LoopNode, nodes: Node[]): void => {
    if (open.length >= MAX_DEPTH) flaw(node.index, `条件和循环最多嵌套 ${MAX_DEPTH} 层`);
    into().push(node);
    open.push({ node, nodes, inElse: false });
  };
  const read = (tag: Tag, at: { index: number; length: number }): void => {
    switch (tag.is) {
      case "print": {
        const loop = loopOf(tag.name);
        if (tag.field !== null && !loop) flaw(at.index, `${tag.name} 不是外层循环中的项，变量请直接写变量名`);
        else if (tag.field === null && loop) flaw(at.index, `请写明输出哪个字段，如 <%= ${tag.name}.字段名 %>`);
        else into().push({ is: "print", name: loop?.list ?? tag.name, field: tag.field, ...at });
        return;
      }
      case "if": {
        if (loopOf(tag.name)) flaw(at.index, `条件只能是变量，不能是循环中的项 ${tag.name}`);
        const then: Node[] = [];
        return begin({ is: "if", name: tag.name, then, otherwise: [], ...at }, then);
      }
      case "for": {
        if (open.some(({ node }) => node.is === "for")) flaw(at.index, "循环之内不得再有循环");
        if (RESERVED.has(tag.item)) flaw(at.index, `${tag.item} 不能用作循环中的项名`);
        const body: Node[] = [];
        return begin({ is: "for", item: tag.item, list: tag.list, body, ...at }, body);
      }
      case "else": {
        const last = open.at(-1);
        if (last?.node.is !== "if" || last.inElse) return flaw(at.index, "<% } else { %> 之前没有对应的 <% if (变量名) { %>");
        last.inElse = true;
        last.nodes = last.node.otherwise;
        return;
      }
      case "end":
        if (!open.pop()) flaw(at.index, "<% } %> 之前没有对应的条件或者循环");
        return;
      case "unknown":
        return flaw(at.index, `只允许使用 <%= 变量名 %>、条件和列表循环；${tag.advice}`);
    }
  };

  for (const { tag, index, length } of tags) {
    if (index > from) into().push({ is: "text", text: text.slice(from, index), index: from });
    read(tag, { index, length });
    from = index + length;
  }
  if (from < text.length) into().push({ is: "text", text: text.slice(from), index: from });
  for (const { node } of open) flaw(node.index, `${node.is === "if" ? "条件" : "循环"}没有以 <% } %> 结束`);
  return { tree, tags, flaws };
}
