import startRepl from "moleculer-repl";
import type { REPLServer } from "node:repl";
import type { ServiceBroker } from "moleculer";
import type { CommandGroup, ConsoleContext } from "./mixins/console/commands.ts";
import { helpLines } from "./mixins/console/reading.ts";
import { printable, runCommand } from "./mixins/console/running.ts";
import type { Platform } from "./platform.ts";
import evidence from "./services/evidence/evidence.repl.ts";
import delivery from "./services/notifier/notifier.repl.ts";
import signingProcess from "./services/process/process.repl.ts";

export const GROUPS: readonly CommandGroup[] = [signingProcess, delivery, evidence];

/** moleculer-repl's own commands that only look, and show no settings. Its `call`, `emit`, `load` and `env` would pass the audit by or print secrets. */
const HARMLESS = ["nodes", "services", "actions", "events", "info", "cls"];
const LEAVE = ["exit", "quit", "q"];
const PROMPT = "esign> ";

/** What moleculer-repl gives a command's own parser: commander's command. */
interface ParsedCommand {
  parent: { rawArgs: string[] };
  params: string[];
}

/**
 * Opens the operators' console on stdin and stdout (moleculer-repl): `process`, `delivery`, `evidence` and a few commands that look.
 * Lines run one after the other; the end of the input waits for them and then stops the platform.
 */
export function openConsole(platform: Platform): void {
  const { broker } = platform;
  let last: Promise<unknown> = Promise.resolve();
  // moleculer-repl stops the broker when the input ends and then ends the process.
  const stopping = new Proxy(broker, {
    get(target, member) {
      if (member === "stop") return () => last.then(() => platform.stop());
      const value = Reflect.get(target, member, target) as unknown;
      return typeof value === "function" ? (value as (...args: unknown[]) => unknown).bind(target) : value;
    },
  });
  const context = contextOf(broker, (line) => void process.stdout.write(`${line}\n`));
  const server = startRepl(stopping, {
    delimiter: PROMPT,
    customCommands: GROUPS.map((group) => ({
      command: `${group.name} [words...]`,
      description: helpLines(group).join("\n"),
      alias: null,
      options: [],
      allowUnknownOptions: true,
      // moleculer-repl would read options by its own rules and turn "0123" into a number.
      parse: (command: ParsedCommand) => void (command.params = command.parent.rawArgs.slice(3)),
      action: async (_: ServiceBroker, words: unknown) => void (await runCommand(group, words as string[], context)),
    })),
  }) as unknown as REPLServer;

  const evaluate = server.eval;
  const guarded: typeof evaluate = function (this: REPLServer, line, ...rest) {
    const done = rest[2];
    const word = line.trim().split(/\s+/)[0] ?? "";
    if (LEAVE.includes(word)) return void server.close();
    last = last.then(() => {
      if (word === "" || GROUPS.some(({ name }) => name === word) || HARMLESS.includes(word)) {
        return new Promise<void>((finished) => evaluate.call(this, line, rest[0], rest[1], (...outcome) => (done(...outcome), finished())));
      }
      for (const told of word === "help" ? helpOfAll() : [`错误 PARAM_INVALID：没有命令“${printable(word)}”，输入 help 查看可用命令`]) context.print(told);
      (done as (error: null) => void)(null);
    });
  };
  Object.defineProperty(server, "eval", { value: guarded });
}

/** What the commands have at hand on a broker. */
export function contextOf(broker: Pick<ServiceBroker, "call">, print: (line: string) => void): ConsoleContext {
  return {
    call: <T>(action: string, params: object, timeout = 5_000) => broker.call<T, object>(action, params, { timeout }),
    print,
  };
}

const helpOfAll = (): string[] => [
  ...GROUPS.flatMap((group) => helpLines(group)),
  "其他",
  `  ${HARMLESS.join("、")}：查看节点与服务`,
  `  ${LEAVE.join("、")}：停止平台并退出`,
];
