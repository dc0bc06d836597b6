import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { keepCallerKeys } from "./caller-keys.ts";
import { parseCallers, RESERVED_CALLERS, type Caller } from "./callers-file.ts";
import { config } from "./index.ts";
import { ConfigProblems, type Config } from "./read.ts";

export type { Caller, CallerKey, CallbackHost } from "./callers-file.ts";
export { callbackAllowed, rangesOf } from "./callback-rule.ts";

type CallersConfig = Pick<Config, "callersFile" | "production" | "allowHmac">;

/** Half of the 5 s within which a change must hold (CONTRACT.md §2.3), so that a late tick is still in time. */
const REREAD_EVERY_MS = 2_500;

/** Who may call (CONTRACT.md §2.3), as CALLERS_FILE says now. */
export interface Callers {
  get(code: string): Caller | undefined;
  /** True for a known caller that is not one of the reserved systems AUTH and SMS. */
  isWallet(code: string): boolean;
  /** Reads the file again if it has changed; a bad one keeps the old callers and tells the listeners. */
  refresh(): void;
  /** Told once for each bad version of the file: lines without values, for an alert. */
  onBadFile(listener: (problems: string[]) => void): void;
  /** Ends the watching. */
  close(): void;
}

let shared: Callers | undefined;

/**
 * The callers of this process, read on first use and kept fresh.
 * @throws ConfigProblems when the file is bad at the start
 */
export const callers = (): Callers => (shared ??= openCallers(config, (known) => keepCallerKeys(join(config.dataDir, "keys", "callers"), known)));

/**
 * Reads CALLERS_FILE and watches it. Polled by content rather than by file events, which mounted secrets and network file
 * systems do not deliver.
 * @param keep keeps the callers' public keys before one of them is accepted; what it throws makes the file a bad one
 * @throws ConfigProblems with one line per problem; no line holds a value
 */
export function openCallers(settings: CallersConfig, keep: (callers: Iterable<Caller>) => void = () => undefined): Callers {
  let text: string | null = null;
  let known: ReadonlyMap<string, Caller> = new Map();
  const listeners: ((problems: string[]) => void)[] = [];

  /** Problems of a version of the file that was not seen before. */
  const read = (): string[] => {
    const next = readText(settings.callersFile);
    if (next === text) return [];
    text = next;
    const { callers: found, problems } = parseCallers(next);
    const all = problems.length > 0 ? problems : [...refusals(found, settings), ...unkept(found)];
    if (all.length === 0) known = found;
    return all;
  };
  const unkept = (found: ReadonlyMap<string, Caller>): string[] => {
    try {
      keep(found.values());
      return [];
    } catch (error) {
      // Read again at the next look: a full disk may have room by then, and the file will not have changed.
      text = null;
      return [`CALLERS_FILE: the public keys cannot be kept (${(error as NodeJS.ErrnoException).code ?? "error"})`];
    }
  };
  const refresh = (): void => {
    const problems = read();
    if (problems.length > 0) for (const listener of listeners) listener(problems);
  };

  const problems = read();
  if (problems.length > 0) throw new ConfigProblems(problems);
  const timer = setInterval(refresh, REREAD_EVERY_MS);
  timer.unref();
  return {
    get: (code) => known.get(code),
    isWallet: (code) => !RESERVED_CALLERS.includes(code) && known.has(code),
    refresh,
    onBadFile: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/** An unreadable file reads as an empty one, which is bad like any other text that is not JSON. */
function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** What production refuses although the file is well formed (CONTRACT.md §2.3). */
function refusals(read: ReadonlyMap<string, Caller>, settings: CallersConfig): string[] {
  if (!settings.production) return [];
  const wallets = [...read.values()].filter((caller) => !RESERVED_CALLERS.includes(caller.code));
  return wallets.flatMap((wallet) => {
    if (wallet.keys.length === 0) return [`CALLERS_FILE: ${wallet.code}: a wallet without keys is refused in production`];
    const hmac = wallet.keys.some((key) => key.signType === "HMAC-SHA256") && !settings.allowHmac;
    return hmac ? [`CALLERS_FILE: ${wallet.code}: an HMAC key of a wallet is refused in production unless ALLOW_HMAC is on`] : [];
  });
}

/**
 * Development: writes a CALLERS_FILE with one keyless wallet and a webhook secret when there is none. Everywhere: proves the
 * file, so that a bad one stops the start.
 * @throws ConfigProblems
 */
export function ensureCallersFile(settings: CallersConfig): void {
  // No service of this node needs it.
  if (settings.callersFile === "") return;
  if (!settings.production) {
    const content = { WALLET: { keys: [], webhookSecrets: [`whsec_${randomBytes(32).toString("base64")}`] } };
    mkdirSync(dirname(settings.callersFile), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(settings.callersFile, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
  }
  openCallers(settings).close();
}
