import type { DatabaseSync, StatementSync } from "node:sqlite";
import { StorageFailure } from "./storage-failure.ts";

/** One transaction blocks the event loop until it is on the disk; the rest waits for the next tick. */
const MOST_WRITES = 500;
/** Another process may hold the write lock: each try waits the connection's busy timeout. */
const BEGIN_TRIES = 60;
const BEGIN_PAUSE_MS = 5;

/** SQLite's primary result codes that concern one statement only and leave the transaction open. */
const ERROR = 1;
const BUSY = 5;
const TOO_BIG = 18;
const CONSTRAINT = 19;
const MISMATCH = 20;
const OF_ONE_STATEMENT: readonly number[] = [ERROR, TOO_BIG, CONSTRAINT, MISMATCH];

interface Write {
  work: () => unknown;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  outcome?: { value: unknown } | { error: unknown };
}

/**
 * Collects the writes of a tick and commits them in one transaction, because an fsync costs the same for one as for hundreds.
 * Each caller is answered after the commit. A write that loses or is refused fails alone; a failing commit fails the whole
 * group, since nothing of it is on the disk, and the next group starts afresh.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  #waiting: Write[] = [];
  #scheduled = false;
  #tries = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#begin = db.prepare("BEGIN IMMEDIATE");
    this.#commit = db.prepare("COMMIT");
  }

  /**
   * Runs `work` inside the next group's transaction and resolves with its result once that is durable.
   * @param work synchronous statements on the connection; what it throws rejects this write only
   */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (this.#scheduled) return;
      this.#scheduled = true;
      setImmediate(() => this.#tick());
    });
  }

  /** Commits everything that waits, now. For closing: it may block until another process lets go of the lock. */
  flush(): void {
    while (this.#waiting.length > 0) this.#group();
  }

  #tick(): void {
    const began = this.#group();
    this.#scheduled = this.#waiting.length > 0;
    if (!this.#scheduled) return;
    if (began) setImmediate(() => this.#tick());
    else setTimeout(() => this.#tick(), BEGIN_PAUSE_MS);
  }

  /** @returns false when another process holds the lock and the group has to be tried again */
  #group(): boolean {
    if (this.#waiting.length === 0) return true;
    try {
      this.#begin.run();
    } catch (error) {
      if (primaryCode(error) === BUSY && ++this.#tries < BEGIN_TRIES) return false;
      this.#tries = 0;
      this.#fail(this.#waiting.splice(0), error);
      return true;
    }
    this.#tries = 0;
    const group = this.#waiting.splice(0, MOST_WRITES);
    try {
      for (const write of group) this.#run(write);
      this.#commit.run();
    } catch (error) {
      this.#rollBack();
      this.#fail(group, error);
      return true;
    }
    for (const { outcome, resolve, reject } of group) {
      if (outcome && "error" in outcome) reject(outcome.error);
      else resolve(outcome?.value);
    }
    return true;
  }

  /** @throws what took the whole transaction with it: a full disk, an I/O error */
  #run(write: Write): void {
    try {
      write.outcome = { value: write.work() };
    } catch (error) {
      const code = primaryCode(error);
      const alone = code === null || OF_ONE_STATEMENT.includes(code);
      if (!alone || !this.#db.isTransaction) throw error;
      write.outcome = { error };
    }
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  #fail(group: Write[], cause: unknown): void {
    for (const { reject } of group) reject(new StorageFailure(cause));
  }
}

/** The lower byte of SQLite's extended result code; null for an error that is not SQLite's. */
export function primaryCode(error: unknown): number | null {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : null;
}
