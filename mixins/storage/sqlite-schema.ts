import type { DatabaseSync } from "node:sqlite";
import type { Index, Model } from "../collection-types.ts";
import { expressionOf } from "./sqlite-query.ts";

/**
 * Makes table and indexes what the model says: adds what is missing, drops an index of ours that the model no longer has, since
 * an old unique key would refuse documents for ever. Twice is once, in any number of processes.
 * @returns fields of each unique index by its name, for naming the key that was violated
 * @throws Error when stored documents already violate a new unique key
 */
export function ensureTable(db: DatabaseSync, model: Model): Map<string, string[]> {
  const wanted = new Map(model.indexes.map((index) => [indexName(model, index), index]));
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(`CREATE TABLE IF NOT EXISTS "${model.name}" (_id TEXT PRIMARY KEY NOT NULL, version INTEGER NOT NULL, doc TEXT NOT NULL) STRICT`);
    const present = new Set(
      db.prepare("SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL").all(model.name).map((row) => String(row["name"])),
    );
    for (const name of present) if (!wanted.has(name)) db.exec(`DROP INDEX "${name}"`);
    for (const [name, index] of wanted) if (!present.has(name)) createIndex(db, model, name, index);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
  return new Map(Array.from(wanted, ([name, index]) => [name, index.fields]));
}

function createIndex(db: DatabaseSync, model: Model, name: string, { fields, unique, sparse }: Index): void {
  const columns = fields.map(expressionOf);
  const partial = sparse ? ` WHERE ${columns[0]} IS NOT NULL` : "";
  try {
    db.exec(`CREATE ${unique ? "UNIQUE " : ""}INDEX "${name}" ON "${model.name}" (${columns.join(", ")})${partial}`);
  } catch (cause) {
    throw new Error(`${model.name}: the index on ${fields.join(", ")} cannot be built over what is stored`, { cause });
  }
}

/** Says all there is to an index, so that a changed definition is another index. */
const indexName = (model: Model, { fields, unique, sparse }: Index): string =>
  [model.name, ...fields, unique && "unique", sparse && "sparse"].filter(Boolean).join(".");
