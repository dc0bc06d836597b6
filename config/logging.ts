import type { LoggerConfig } from "moleculer";
import type { DestinationStream, LoggerOptions } from "pino";
import type { Config } from "./read.ts";

/**
 * Numbers that look like a mobile, an ID card or a bank card, and tokens in a link. No line should hold one; this is the net
 * below, not the rule: whoever logs leaves personal data out.
 */
const PERSONAL = /(?<![0-9A-Za-z])(?:1[3-9]\d{9}|\d{15,19}|\d{17}[Xx])(?![0-9A-Za-z])/g;
const IN_LINK = /([?&](?:token|sig)=)[^&\s"'\\]+/g;
const HIDDEN_MEMBERS = ["mobile", "idCardNo", "cardNo", "token", "authorization", "smsCode", "secret", "password"];

/** What is logged of an error: never its `data`, where the framework keeps parameters. */
export function errorForLog(error: Error & { type?: unknown; code?: unknown }): Record<string, unknown> {
  return { name: error.name, type: error.type, code: error.code, message: error.message, stack: error.stack };
}

/** Folds `info("text", {a: 1}, error)` into one object and one text; pino itself would drop all after the text. */
export function foldArguments(parts: unknown[]): [Record<string, unknown>, string] {
  const members: Record<string, unknown> = {};
  const text: string[] = [];
  for (const part of parts) {
    if (part instanceof Error) members["err"] = part;
    else if (typeof part === "object" && part !== null) Object.assign(members, part);
    else text.push(String(part));
  }
  return [members, text.join(" ")];
}

/** The line without what looks personal. */
export const withoutPersonal = (line: string): string =>
  // Nines, because the digits may also stand as a bare JSON number.
  line.replace(PERSONAL, (digits) => digits.replace(/\d/g, "9")).replace(IN_LINK, "$1***");

/** Pino's options: one JSON line an entry. */
export function pinoOptions(level: string): LoggerOptions {
  return {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: HIDDEN_MEMBERS.flatMap((name) => [name, `*.${name}`]), censor: "***" },
    serializers: { err: (error: unknown) => (error instanceof Error ? errorForLog(error) : error) },
    hooks: {
      logMethod(parts, method) {
        method.apply(this, foldArguments(parts) as Parameters<typeof method>);
      },
      streamWrite: withoutPersonal,
    },
  };
}

/**
 * The broker's logger.
 * @param destination where lines go; absent means stdout
 */
export function loggerOptions(settings: Pick<Config, "logLevel">, destination?: DestinationStream): LoggerConfig {
  const pino = { options: pinoOptions(settings.logLevel), destination };
  return { type: "Pino", options: { level: settings.logLevel, pino } } as unknown as LoggerConfig;
}
