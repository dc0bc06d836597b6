import { VARIABLES } from "../../templates/variables.ts";
import type { Flaw, LoopNode, Node } from "./language/tree.ts";
import { everyNode } from "./language/tree.ts";
import type { TemplateKind } from "./template.api.ts";

/** Where a template will serve, as far as lint needs it. */
export interface LintPlace {
  processType?: string;
  /** Tells the SMS that serve every flow apart. */
  code?: string;
}

/** What says the same as a mandatory variable: the list of the parties names both. */
const INSTEAD: Readonly<Record<string, string>> = { partyAName: "parties.name", partyBName: "parties.name" };
/** Lists that never come empty, so that what their loop prints is always printed. */
const NEVER_EMPTY: readonly string[] = ["parties"];

/** Every variable exists in this kind, is of the type its tag needs, and is used; what each version must print it prints on every path. */
export function lintVariables(kind: TemplateKind, tree: readonly Node[]): Flaw[] {
  return Array.from(everyNode(tree)).flatMap((node): Flaw[] => {
    if (node.is === "text") return [];
    const { index } = node;
    if (node.is === "print" && node.field !== null) return lintField(node.name, node.field, index);
    const name = node.is === "for" ? node.list : node.name;
    if (!Object.hasOwn(VARIABLES, name)) return [{ index, message: `变量 ${name} 未定义，请从可用的变量中选用` }];
    const { type, kinds } = VARIABLES[name]!;
    if (!kinds.includes(kind)) return [{ index, message: `变量 ${name} 不能用于此类模板，请从可用的变量中选用` }];
    if (node.is === "print" && type === "flag") return [{ index, message: `${name} 是条件，不能输出，只能用于 <% if (${name}) { %>` }];
    if (node.is === "print" && type === "list") return [{ index, message: `${name} 是列表，不能直接输出，请用 <% for (const 项 of ${name}) { %>` }];
    if (node.is === "if" && type === "list") return [{ index, message: `${name} 是列表，不能用作条件` }];
    if (node.is === "if" && isBlank(node.then) && isBlank(node.otherwise)) return [{ index, message: `条件 ${name} 之内没有内容` }];
    return node.is === "for" ? lintLoop(node, type === "list") : [];
  });
}

function lintField(list: string, field: string, index: number): Flaw[] {
  const fields = Object.hasOwn(VARIABLES, list) ? VARIABLES[list]!.fields : undefined;
  return fields && !Object.hasOwn(fields, field) ? [{ index, message: `列表 ${list} 没有字段 ${field}，可用：${Object.keys(fields).join("、")}` }] : [];
}

function lintLoop({ item, list, body, index }: LoopNode, isList: boolean): Flaw[] {
  if (!isList) return [{ index, message: `${list} 不是列表，不能循环` }];
  if (Object.hasOwn(VARIABLES, item)) return [{ index, message: `循环中的项不能与变量 ${item} 同名` }];
  const printed = Array.from(everyNode(body)).some((node) => node.is === "print" && node.field !== null);
  return printed ? [] : [{ index, message: `循环中没有用到 ${item} 的任何字段` }];
}

const isBlank = (nodes: readonly Node[]): boolean => nodes.every((node) => node.is === "text" && node.text.trim() === "");

/** The variables that every version of the kind must print and that this text can come out without. */
export function lintMandatory(kind: TemplateKind, tree: readonly Node[], place: LintPlace): Flaw[] {
  const printed = alwaysPrinted(tree);
  const wanted = Object.entries(VARIABLES).filter(([name, { mandatory }]) => mandatory?.includes(kind) || (kind === "PROTOCOL" && name === "poolingRatio" && place.processType === "POOLING_AUTH"));
  return wanted
    .filter(([name]) => !printed.has(name) && !printed.has(INSTEAD[name] ?? name))
    .map(([name, { label }]) => ({ index: firstUse(tree, name), message: `必须在任何情况下都写明${label.replace(/（.*）/, "")}：<%= ${name} %>` }));
}

const firstUse = (tree: readonly Node[], name: string): number => Array.from(everyNode(tree)).find((node) => node.is === "print" && node.name === name)?.index ?? 0;

/** What is printed along every path: both branches of a condition, loops that are never empty. Entries are `list.field`. */
function alwaysPrinted(nodes: readonly Node[]): Set<string> {
  const printed = new Set<string>();
  for (const node of nodes) {
    if (node.is === "print") printed.add(node.field === null ? node.name : `${node.name}.${node.field}`);
    if (node.is === "for" && NEVER_EMPTY.includes(node.list)) for (const name of alwaysPrinted(node.body)) printed.add(name);
    if (node.is !== "if") continue;
    const otherwise = alwaysPrinted(node.otherwise);
    for (const name of alwaysPrinted(node.then)) if (otherwise.has(name)) printed.add(name);
  }
  return printed;
}
