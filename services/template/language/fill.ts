import type { TemplateEntry, TemplateVariables } from "../template.api.ts";
import { everyNode, type Node } from "./tree.ts";

/** A list of a signing has two or three entries; more is a mistake of who gave it. */
const MAX_ENTRIES = 100;
/** Characters of one filled text: far more than any contract, far less than what would trouble a node. */
const MAX_LENGTH = 2_000_000;

/** Turns a value into what is printed; null is a given absence. `name` is the variable, or `list.field`. */
export type Shape = (name: string, value: string | null) => string;

/** The variables a text needs, each once: what it prints, branches on and repeats for. */
export function namesOf(tree: readonly Node[]): string[] {
  const names = new Set<string>();
  for (const node of everyNode(tree)) {
    if (node.is === "print" && node.field === null) names.add(node.name);
    if (node.is === "if") names.add(node.name);
    if (node.is === "for") names.add(node.list);
  }
  return [...names];
}

/**
 * Interprets a tree. Nothing is ever evaluated: a name is looked up among the variables' own properties, or the filling stops.
 * A condition holds for a flag that is true and a text that is neither absent nor empty.
 * @param names what the tree needs, for who fills it often and has asked `namesOf` before
 * @throws Error naming a variable that the text needs and that was not given at all or is of another type
 */
export function fill(tree: readonly Node[], variables: TemplateVariables, shape: Shape, names = namesOf(tree)): string {
  for (const name of names) given(variables, name);
  let text = "";
  const write = (part: string): void => {
    text += part;
    if (text.length > MAX_LENGTH) throw new Error("the filled template is too long");
  };
  const walk = (nodes: readonly Node[], entry: TemplateEntry | null): void => {
    for (const node of nodes) {
      if (node.is === "text") write(node.text);
      else if (node.is === "print") write(shape(node.field === null ? node.name : `${node.name}.${node.field}`, textOf(node.field === null ? variables : entry!, node.field ?? node.name)));
      else if (node.is === "if") walk(holds(variables, node.name) ? node.then : node.otherwise, entry);
      else for (const one of entriesOf(variables, node.list)) walk(node.body, one);
    }
  };
  walk(tree, null);
  return text;
}

function given(from: TemplateVariables | TemplateEntry, name: string): unknown {
  const value = Object.hasOwn(from, name) ? from[name] : undefined;
  if (value === undefined) throw new Error(`the template uses ${name}, which was not given`);
  return value;
}

function textOf(from: TemplateVariables | TemplateEntry, name: string): string | null {
  const value = given(from, name);
  if (value !== null && typeof value !== "string") throw new Error(`the template prints ${name}, which is no text`);
  return value;
}

function holds(variables: TemplateVariables, name: string): boolean {
  const value = given(variables, name);
  if (typeof value === "object" && value !== null) throw new Error(`the template branches on ${name}, which is a list`);
  return Boolean(value);
}

function entriesOf(variables: TemplateVariables, name: string): readonly TemplateEntry[] {
  const value = given(variables, name);
  if (!Array.isArray(value) || value.length > MAX_ENTRIES) throw new Error(`the template repeats for ${name}, which is no list of at most ${MAX_ENTRIES}`);
  return value as readonly TemplateEntry[];
}
