/** A text of a template as its author structured it. Offsets are into the text that was parsed. */
export type Node = TextNode | PrintNode | ChoiceNode | LoopNode;

export interface TextNode {
  is: "text";
  text: string;
  index: number;
}
/** `<%= name %>`, or `<%= item.field %>` within the loop of that item. */
export interface PrintNode {
  is: "print";
  /** The variable, or the list whose entry is printed. */
  name: string;
  /** The entry's field; null for a variable. */
  field: string | null;
  index: number;
  length: number;
}
/** `<% if (name) { %> … <% } else { %> … <% } %>` */
export interface ChoiceNode {
  is: "if";
  name: string;
  index: number;
  length: number;
  then: Node[];
  otherwise: Node[];
}
/** `<% for (const item of list) { %> … <% } %>` */
export interface LoopNode {
  is: "for";
  item: string;
  list: string;
  index: number;
  length: number;
  body: Node[];
}

/** Something wrong at an offset of a text. The message is for the legal department, so in Chinese. */
export interface Flaw {
  index: number;
  message: string;
}

/** Nodes with all that is inside them, in reading order. */
export function* everyNode(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    if (node.is === "if") yield* everyNode([...node.then, ...node.otherwise]);
    if (node.is === "for") yield* everyNode(node.body);
  }
}
