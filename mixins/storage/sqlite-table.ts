import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Model } from "../collection-types.ts";
import { primaryCode } from "./group-commit.ts";
import { parseQuery, parseSort } from "./query.ts";
import { orderClause, pageClause, whereClause, type SqlValue } from "./sqlite-query.ts";
import type { Filters, Stored, StoredQuery } from "./store-adapter.ts";
import { UniqueViolation } from "./unique-violation.ts";

const CONSTRAINT = 19;
/** Rows come as arrays: cheaper than objects. */
type Row = [id: string, version: number, body: string];

/** The statements of one collection, all synchronous. Reads may run at any time, writes only inside a group commit. */
export class SqliteTable {
  readonly model: Model;
  readonly #db: DatabaseSync;
  readonly #uniqueKeys: Map<string, string[]>;
  readonly #dates: string[];
  readonly #statements = new Map<string, StatementSync>();
  readonly #name: string;

  /** @param uniqueKeys fields by index name, of `ensureTable` */
  constructor(db: DatabaseSync, model: Model, uniqueKeys: Map<string, string[]>) {
    this.#db = db;
    this.model = model;
    this.#uniqueKeys = uniqueKeys;
    this.#name = `"${model.name}"`;
    this.#dates = Object.keys(model.fields).filter((field) => model.fields[field] === "date");
  }

  /** Body of a document as it is stored: JSON without `_id` and `version`, times in ISO. */
  bodyOf(entity: object): { id: string; body: string } {
    const { _id } = entity as Stored;
    if (typeof _id !== "string" || _id === "") throw new Error(`${this.model.name}: a document needs an _id`);
    for (const field of Object.keys(entity)) {
      const known = field === "_id" || field === "version" || Object.hasOwn(this.model.fields, field);
      if (!known) throw new Error(`${this.model.name}: ${field} is not a field`);
    }
    return { id: _id, body: JSON.stringify({ ...entity, _id: undefined, version: undefined }) };
  }

  get(id: string): Stored | null {
    const row = this.#prepare(`SELECT _id, version, doc FROM ${this.#name} WHERE _id = ?`).get(id);
    return row ? this.#revive(row as unknown as Row) : null;
  }

  find({ query = {}, sort, limit, offset }: Filters): Stored[] {
    const where = whereClause(parseQuery(this.model, query));
    const keys = typeof sort === "string" ? sort.split(/[,\s]+/).filter(Boolean) : (sort ?? []);
    const order = orderClause(parseSort(this.model, keys));
    const sql = `SELECT _id, version, doc FROM ${this.#name}${where.sql}${order}${pageClause(limit, offset)}`;
    return (this.#prepare(sql).all(...where.values) as unknown as Row[]).map((row) => this.#revive(row));
  }

  count(query: StoredQuery): number {
    const where = whereClause(parseQuery(this.model, query));
    return Number(this.#prepare(`SELECT count(*) FROM ${this.#name}${where.sql}`).get(...where.values)![0]);
  }

  /** @throws UniqueViolation */
  insert(id: string, body: string, insertedBefore = 0): void {
    this.#refusing(() => this.#prepare(`INSERT INTO ${this.#name} (_id, version, doc) VALUES (?, 1, ?)`).run(id, body), insertedBefore);
  }

  /** @returns false when id and version are not stored together any more; @throws UniqueViolation */
  replace(id: string, version: number, body: string): boolean {
    const sql = `UPDATE ${this.#name} SET version = version + 1, doc = ? WHERE _id = ? AND version = ?`;
    return this.#refusing(() => this.#prepare(sql).run(body, id, version)).changes === 1;
  }

  /** @param version any when left out */
  remove(id: string, version?: number): boolean {
    const [sql, values]: [string, SqlValue[]] = version === undefined ? ["", [id]] : [" AND version = ?", [id, version]];
    return this.#prepare(`DELETE FROM ${this.#name} WHERE _id = ?${sql}`).run(...values).changes === 1;
  }

  /** Deletes what the query finds; everything for an empty query. */
  removeAll(query: StoredQuery): number {
    const where = whereClause(parseQuery(this.model, query));
    return Number(this.#prepare(`DELETE FROM ${this.#name}${where.sql}`).run(...where.values).changes);
  }

  /** Statements are prepared once: their number is that of the query shapes in the code. */
  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #revive([id, version, body]: Row): Stored {
    const entity = JSON.parse(body) as Stored;
    for (const field of this.#dates) if (typeof entity[field] === "string") entity[field] = new Date(entity[field]);
    entity._id = id;
    entity.version = version;
    return entity;
  }

  #refusing<T>(write: () => T, insertedBefore = 0): T {
    try {
      return write();
    } catch (error) {
      if (primaryCode(error) !== CONSTRAINT) throw error;
      const index = /index '([^']+)'/.exec((error as Error).message)?.[1];
      throw new UniqueViolation(this.model.name, (index && this.#uniqueKeys.get(index)) || ["_id"], insertedBefore);
    }
  }
}
