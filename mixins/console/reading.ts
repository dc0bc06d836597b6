import { parseArgs } from "node:util";
import { failure } from "../../contract/errors.ts";
import { operatorFaults } from "../../contract/operator.ts";
import type { CommandGroup, Verb } from "./commands.ts";

export interface Line {
  verb: Verb;
  arguments: Record<string, string>;
  options: Record<string, string>;
  by: string;
  reason: string;
}
const ACCOUNTABLE = { by: "操作人的账号（必填，字母、数字、点、下划线或连字符，例如 zhang.san）", reason: "操作理由（必填，1 至 200 个字符）" };

/** How a verb is called. */
export function usage(group: CommandGroup, verb: Verb): string {
  const given = verb.arguments.map((name) => `<${name}>`);
  const options = Object.keys(verb.options ?? {}).map((name) => `[--${name} 值]`);
  const accountable = verb.accountable ? ["--by 账号", '--reason "理由"'] : [];
  return [group.name, verb.name, ...given, ...options, ...accountable].join(" ");
}

/** The help of a group, or of one of its verbs. */
export function helpLines(group: CommandGroup, name?: string): string[] {
  const verbs = group.verbs.filter((verb) => name === undefined || verb.name === name);
  const lines = verbs.flatMap((verb) => [
    `  ${usage(group, verb)}`,
    `      ${verb.help}`,
    ...Object.entries({ ...verb.options, ...(verb.accountable ? ACCOUNTABLE : {}) }).map(([option, meaning]) => `      --${option}  ${meaning}`),
  ]);
  return name === undefined ? [group.help, ...lines] : lines;
}

/**
 * Reads the words behind a group's name.
 * @throws PARAM_INVALID in Chinese, with the usage that would have been right
 */
export function readLine(group: CommandGroup, words: readonly string[]): Line {
  const [name = "", ...rest] = words;
  const verb = group.verbs.find((one) => one.name === name);
  if (!verb) throw failure("PARAM_INVALID", { message: `${group.name} 没有子命令“${name}”，可用：${group.verbs.map((one) => one.name).join("、")}` });
  const wrong = (what: string) => failure("PARAM_INVALID", { message: `${what}。用法：${usage(group, verb)}` });
  const known = [...Object.keys(verb.options ?? {}), ...(verb.accountable ? Object.keys(ACCOUNTABLE) : [])];
  // Not strict, since its complaints are English; what it did not understand is found below.
  const { tokens } = parseArgs({ args: rest, strict: false, tokens: true, allowPositionals: true, options: Object.fromEntries(known.map((option) => [option, { type: "string" as const }])) });
  const positionals: string[] = [];
  const given = new Map<string, string>();
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (!known.includes(token.name)) throw wrong(`不认识的选项 ${token.rawName}`);
    if (!token.value) throw wrong(`选项 --${token.name} 缺少值`);
    if (given.has(token.name)) throw wrong(`选项 --${token.name} 只能给出一次`);
    given.set(token.name, token.value);
  }
  if (positionals.length < verb.arguments.length) throw wrong(`缺少 ${verb.arguments.slice(positionals.length).map((one) => `<${one}>`).join(" ")}`);
  if (positionals.length > verb.arguments.length) throw wrong("多余的参数，含空格的内容请加引号");
  const by = given.get("by") ?? "";
  const reason = given.get("reason") ?? "";
  if (verb.accountable) {
    const faults = operatorFaults(by, reason).map(({ field, message }) => `--${field} ${message}`);
    if (faults.length) throw wrong(faults.join("；"));
  }
  const options = Object.fromEntries([...given].filter(([option]) => !(option in ACCOUNTABLE)));
  return { verb, by, reason, options, arguments: Object.fromEntries(verb.arguments.map((one, at) => [one, positionals[at]!])) };
}
