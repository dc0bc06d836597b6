import type { Flaw, Node } from "./language/tree.ts";

/** The longest value a request can give (CONTRACT.md §2.1), each of its characters escaped; the platform's own clauses are shorter. */
const VALUE_MOST = 128 * 5;
/** Entries of the longest list there is: both parties. */
const MAX_ENTRIES = 2;
/** Characters of an agreement filled with the longest values: what every node fills, stores, sends and prints in time. */
const FILLED_MOST = 600_000;

/** An agreement that some values would make too long: it could be approved and would then fail for whoever has them. */
export function lintLength(tree: readonly Node[]): Flaw[] {
  return longest(tree) > FILLED_MOST ? [{ index: 0, message: "变量输出次数过多，填入最长的内容后协议过长，请减少重复输出" }] : [];
}

function longest(nodes: readonly Node[]): number {
  return nodes.reduce((sum, node) => {
    if (node.is === "text") return sum + node.text.length;
    if (node.is === "print") return sum + VALUE_MOST;
    if (node.is === "if") return sum + Math.max(longest(node.then), longest(node.otherwise));
    return sum + MAX_ENTRIES * longest(node.body);
  }, 0);
}
