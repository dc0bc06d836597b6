import { chmodSync, mkdirSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Collection, Doc, Model } from "../collection-types.ts";
import { collectionOver } from "./document-collection.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { GroupCommit, primaryCode } from "./group-commit.ts";
import { storedModel } from "./model-rules.ts";
import { SqliteAdapter } from "./sqlite-adapter.ts";
import { ensureTable } from "./sqlite-schema.ts";
import { SqliteTable } from "./sqlite-table.ts";

/** Short, because waiting blocks the event loop; GroupCommit and `patiently` try again. */
const BUSY_TIMEOUT_MS = 250;
const OPEN_TRIES = 60;
const BUSY = 5;

/** One connection a file and process, shared by the collections of all services. */
const open = new Map<string, SqliteEngine>();

/**
 * Opens the embedded database, or takes another share of it: every `openSqlite` needs its `close`.
 * @param file path of the database; its directory is made if need be
 */
export function openSqlite(file: string): SqliteEngine {
  const path = resolve(file);
  const engine = open.get(path) ?? new SqliteEngine(path);
  open.set(path, engine);
  return engine.share();
}

/**
 * node:sqlite in WAL mode with `synchronous=FULL`: an answered write survives a power cut, several processes may share the
 * file, and a reader sees what is committed, never a group in the middle.
 */
export class SqliteEngine {
  readonly path: string;
  readonly #db: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #tables = new Map<string, SqliteTable>();
  #shares = 0;

  constructor(path: string) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.path = path;
    this.#db = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS });
    try {
      patiently(() => this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000"));
      this.#commits = new GroupCommit(this.#db);
      // By path and not by a descriptor: closing a second one would drop SQLite's locks. The log and its index take the mode over.
      chmodSync(path, 0o600);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** For `openSqlite`: one more user of this connection. */
  share(): this {
    this.#shares += 1;
    return this;
  }

  /** The table of a stored model (see `storedModel`), made and indexed on first use. */
  table(model: Model): SqliteTable {
    const known = this.#tables.get(model.name);
    if (known && JSON.stringify(known.model) === JSON.stringify(model)) return known;
    const table = new SqliteTable(this.#db, model, patiently(() => ensureTable(this.#db, model)));
    this.#tables.set(model.name, table);
    return table;
  }

  /** A collection on this connection, without a service around it. */
  collection<T extends Doc>(model: Model, cipher?: FieldCipher): Collection<T> {
    return collectionOver<T>(new SqliteAdapter(storedModel(model), () => this).attach(this), model, cipher);
  }

  /** See GroupCommit.write. */
  write<T>(work: () => T): Promise<T> {
    if (!this.#db.isOpen) return Promise.reject(new Error("the database is closed"));
    return this.#commits.write(work);
  }

  /** For readiness: reads the file; throws when the database cannot answer. */
  ping(): void {
    this.#db.prepare("SELECT count(*) FROM sqlite_schema").get();
  }

  /** Gives a share back; the last one commits what waits, folds the log into the file and closes. */
  close(): void {
    this.#shares -= 1;
    if (this.#shares > 0 || !this.#db.isOpen) return;
    open.delete(this.path);
    try {
      this.#commits.flush();
      this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    } finally {
      this.#db.close();
    }
  }
}

/** Setting up takes locks in ways the busy timeout does not cover when several processes start at once. */
function patiently<T>(work: () => T): T {
  for (let tries = 1; ; tries += 1) {
    try {
      return work();
    } catch (error) {
      if (primaryCode(error) !== BUSY || tries === OPEN_TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
