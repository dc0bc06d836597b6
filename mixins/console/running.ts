import { codeOf, ERROR_TABLE, type FieldError } from "../../contract/errors.ts";
import type { AuditedCall } from "../../services/gateway/gateway.api.ts";
import type { CommandGroup, ConsoleContext } from "./commands.ts";
import { helpLines, readLine, type Line } from "./reading.ts";

/** The name under which looking stands in the audit: only who changes or takes out something is asked for a name. */
const ANYBODY = "console";

/** Names of merchants and files must not steer the terminal: C0, C1, format characters and lone surrogates become `?`. */
export const printable = (line: string): string => line.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, "?");

/**
 * Runs one command of a group: reads it, writes down who does what, does it, writes down what became of it. Never rejects: what is
 * wrong is printed, in Chinese and with its code.
 * @returns whether it went well
 */
export async function runCommand(group: CommandGroup, words: readonly string[], raw: ConsoleContext): Promise<boolean> {
  const context: ConsoleContext = { ...raw, print: (line) => raw.print(printable(line)) };
  try {
    if (words.length === 0 || words[0] === "help") {
      for (const line of helpLines(group, words[1])) context.print(line);
      return true;
    }
    await runAudited(context, readLine(group, words));
    return true;
  } catch (error) {
    for (const line of faultLines(error)) context.print(line);
    return false;
  }
}

async function runAudited(context: ConsoleContext, line: Line): Promise<void> {
  const { verb, by, reason, options } = line;
  const { action, about } = verb.audit;
  const call: AuditedCall = { name: by || ANYBODY, via: "CONSOLE", action, target: about === null ? null : (line.arguments[about] ?? null), reason: reason || null, address: null };
  const id = await context.call<string>("gateway.beginAudit", call);
  const operator = verb.accountable ? { operator: { id, name: by, reason, via: "CONSOLE" } as const } : {};
  let outcome = "SUCCESS";
  try {
    await verb.run(context, { arguments: line.arguments, options, ...operator });
  } catch (error) {
    outcome = codeOf(error) ?? "INTERNAL_ERROR";
    throw error;
  } finally {
    await context.call("gateway.endAudit", { id, outcome });
  }
}

/** Code and words of the catalogue; of an error that is none of it only that there was one, since it may quote personal data. */
function faultLines(error: unknown): string[] {
  const code = codeOf(error);
  if (!code) {
    const unavailable = ["SERVICE_NOT_FOUND", "SERVICE_NOT_AVAILABLE", "REQUEST_TIMEOUT"].includes(String((error as { type?: unknown }).type));
    const shown = unavailable ? "SERVICE_UNAVAILABLE" : "INTERNAL_ERROR";
    return [`错误 ${shown}：${ERROR_TABLE[shown].message}`];
  }
  const { errors } = ((error as { data?: unknown }).data ?? {}) as { errors?: FieldError[] };
  return [`错误 ${code}：${(error as Error).message}`, ...(errors ?? []).map(({ field, message }) => `  ${field}：${message}`)];
}
