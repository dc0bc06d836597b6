import type { Operator } from "../../contract/operator.ts";

/** What a command of the operators' console has at hand. */
export interface ConsoleContext {
  /** Calls an action; rejects like the broker's own call. */
  call<T>(action: string, params: object, timeoutMs?: number): Promise<T>;
  /** Writes one line. Whatever could steer a terminal has been taken out of it. */
  print(line: string): void;
}
export interface Words {
  /** By the verb's own names, all given. */
  arguments: Record<string, string>;
  /** Options given, without `by` and `reason`. */
  options: Record<string, string>;
  /** Who acts; present for a verb that changes or hands out something. */
  operator?: Operator;
}

/** One verb of a group, as in `process show`. */
export interface Verb {
  name: string;
  /** Its arguments, all required, in order. */
  arguments: string[];
  /** Its options and what each means, Chinese; each takes a value. */
  options?: Record<string, string>;
  /** Chinese, one line. */
  help: string;
  /** Changes or hands out something: `--by` and `--reason` are required, and audit and evidence name both. */
  accountable?: true;
  /** The command's name in the audit, and which argument it is about. */
  audit: { action: string; about: string | null };
  run(context: ConsoleContext, words: Words): Promise<void>;
}
/** `process`, `delivery`, `evidence`: each service brings its own in `<name>.repl.ts`. */
export interface CommandGroup {
  name: string;
  help: string;
  verbs: Verb[];
}

/** The operator of an accountable verb; the parser has seen to it that there is one. */
export const operatorOf = (words: Words): Operator => words.operator!;
