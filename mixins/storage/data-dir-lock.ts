import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { primaryCode } from "./group-commit.ts";

const LOCK = "lock.db";
const PID = "lock.pid";
const BUSY = 5;
/** A holder writes its pid right after it got the lock; until then a refused start looks again. */
const LOOKS = 25;
const PAUSE_MS = 20;

/** Keeps the connections: one that nobody refers to would be collected, and its lock with it. */
const kept = new Set<DatabaseSync>();

export interface DataDirLock {
  release(): void;
}

/** DATA_DIR is in use. `pid` is the holder's, null when it has not said. */
export class DataDirLocked extends Error {
  readonly pid: number | null;
  constructor(dir: string, pid: number | null) {
    super(`${dir} is in use by ${pid === null ? "another process" : `process ${pid}`}`);
    this.name = "DataDirLocked";
    this.pid = pid;
  }
}

/**
 * Takes DATA_DIR for this process. The lock is the operating system's own on an open file, held through an exclusive transaction
 * that never ends: it dies with its holder however that dies, and children (Chromium) do not inherit it. The pid
 * beside it is for people; nobody decides by it, so a stale or reused one blocks nothing.
 * @throws DataDirLocked naming the pid of the process that holds it
 */
export function lockDataDir(dir: string): DataDirLock {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, PID);
  const held = take(join(dir, LOCK), () => runningPid(pidFile), () => new DataDirLocked(dir, readPid(pidFile)));
  kept.add(held);
  writeFileSync(pidFile, `${process.pid}\n`);
  return {
    release() {
      if (!kept.delete(held)) return;
      rmSync(pidFile, { force: true });
      held.close();
    },
  };
}

/** Gives up as soon as the holder is known, or when it has not said for half a second. */
function take(file: string, holder: () => number | null, refusal: () => Error): DatabaseSync {
  const db = new DatabaseSync(file, { timeout: 0 });
  for (let look = 1; ; look += 1) {
    try {
      db.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
      return db;
    } catch (error) {
      const busy = primaryCode(error) === BUSY;
      if (busy && holder() === null && look < LOOKS) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
        continue;
      }
      db.close();
      throw busy ? refusal() : error;
    }
  }
}

function readPid(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, "utf8"), 10) || null;
  } catch {
    return null;
  }
}

/** A pid without a process was left behind by a killed holder. */
function runningPid(file: string): number | null {
  const pid = readPid(file);
  if (pid === null) return null;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : null;
  }
}
