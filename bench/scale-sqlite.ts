import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Worker } from "node:worker_threads";
import { storedModel } from "../mixins/storage/model-rules.ts";
import { ensureTable } from "../mixins/storage/sqlite-schema.ts";
import { MODELS } from "./scale-models.ts";
import type { Patterns, Plan } from "./scale-rows.ts";

/** Rows of one table as they are stored: id and document in turn. */
export type Written = Record<string, string[]>;

/** Pages of a gigabyte stay in memory, so that the keys without an order (tokens, numbers) are not read back for each row. */
const PRAGMAS = "PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -1000000";
/** Processes between two commits: each writes every page of such a key again. */
const COMMIT = 20_000;

/**
 * Writes the rows as the platform would have stored them, by a connection of its own without journal and fsync: a fill that dies is made
 * anew. They are made and encrypted by a thread beside it. The indexes are kept up meanwhile: most keys rise, so that costs
 * less than reading and parsing all documents again for each index.
 * @param file of a database that the platform has made and does not have open
 */
export async function fillSqlite(file: string, plan: Plan, patterns: Patterns, progress: (done: number) => void): Promise<Record<string, number>> {
  // A defensive connection stays in WAL mode without a word, and then writes everything twice.
  const db = new DatabaseSync(file, { defensive: false } as object);
  const journal = db.prepare("PRAGMA journal_mode = OFF").get()!["journal_mode"];
  if (journal !== "off") throw new Error(`the store is filled with the journal ${String(journal)}`);
  db.exec(PRAGMAS);
  const inserts = Object.fromEntries(
    Object.entries(MODELS).map(([name, model]) => {
      ensureTable(db, storedModel(model));
      return [name, db.prepare(`INSERT INTO "${model.name}" (_id, version, doc) VALUES (?, 1, ?)`)];
    }),
  );
  const counts: Record<string, number> = {};
  const maker = new Worker(join(import.meta.dirname, "scale-maker.ts"), { workerData: { plan, patterns } });
  try {
    for (let done = 0; done < plan.total; progress(done)) {
      const [{ made, written }] = (await once(maker, "message")) as [{ made: number; written: Written }];
      // The next ones are made while these are stored.
      maker.postMessage("more");
      if (!db.isTransaction) db.exec("BEGIN");
      for (const [name, rows] of Object.entries(written)) {
        for (let at = 0; at < rows.length; at += 2) inserts[name]!.run(rows[at]!, rows[at + 1]!);
        counts[name] = (counts[name] ?? 0) + rows.length / 2;
      }
      if (Math.floor(made / COMMIT) > Math.floor(done / COMMIT) || made === plan.total) db.exec("COMMIT");
      done = made;
    }
    // Every page on the disk before anything is measured: what the kernel still has to write would hold up the first commits.
    db.exec("PRAGMA synchronous = FULL; PRAGMA user_version = 1; PRAGMA user_version = 0");
  } finally {
    db.close();
    await maker.terminate();
  }
  return counts;
}
