import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { CACHE } from "./install.ts";
import { alive, identify, type ProcessIdentity } from "./process-identity.ts";
import type { ServerKind } from "./server-process.ts";

/** The settings by which the platform is told of each server. */
export const SETTING: Record<ServerKind, string> = { mongo: "MONGO_URI", nats: "TRANSPORTER", redis: "REDIS_URL" };
export const KINDS = Object.keys(SETTING) as ServerKind[];

export interface StartedServer extends ProcessIdentity {
  kind: ServerKind;
  url: string;
  port: number;
  dataDir: string;
}

/** One for each working tree. SERVERS_STATE_DIR is for the tests of this script, which have one of their own. */
const FOLDER = process.env["SERVERS_STATE_DIR"] || CACHE;
const name = createHash("sha256").update(resolve(".")).digest("hex").slice(0, 16);
const FILE = join(FOLDER, `servers-${name}.json`);
const LOCK = `${FILE}.lock`;

/** The servers that `start` has started and `stop` has not stopped, dead ones too. */
export function startedServers(): StartedServer[] {
  try {
    return JSON.parse(readFileSync(FILE, "utf8")) as StartedServer[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function writeStarted(servers: StartedServer[]): void {
  if (servers.length === 0) return rmSync(FILE, { force: true });
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(`${FILE}.new`, JSON.stringify(servers, null, 2), { mode: 0o600 });
  renameSync(`${FILE}.new`, FILE);
}

/** Two that start or stop at once would each start their own. A lock whose holder is dead is none. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(FOLDER, { recursive: true });
  for (;;) {
    try {
      writeFileSync(LOCK, JSON.stringify(identify(process.pid)), { flag: "wx" });
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      if (heldByTheLiving()) throw new Error("another start or stop of this working tree is at work", { cause: error });
      rmSync(LOCK, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    rmSync(LOCK, { force: true });
  }
}

function heldByTheLiving(): boolean {
  try {
    return alive(JSON.parse(readFileSync(LOCK, "utf8")) as ProcessIdentity);
  } catch {
    return false;
  }
}
