import type { Service, ServiceBroker } from "moleculer";
import type { Model } from "../collection-types.ts";
import type { SqliteEngine } from "./sqlite-engine.ts";
import type { SqliteTable } from "./sqlite-table.ts";
import { PlainEntities } from "./plain-entities.ts";
import type { Filters, StoreAdapter, Stored, StoredQuery, Update } from "./store-adapter.ts";

/** moleculer-db's adapter interface on node:sqlite, one table a collection. See StoreAdapter for the promises. */
export class SqliteAdapter extends PlainEntities implements StoreAdapter {
  readonly #model: Model;
  readonly #open: () => SqliteEngine;
  #engine: SqliteEngine | null = null;
  #table: SqliteTable | null = null;

  /**
   * @param model the stored model (`storedModel`)
   * @param open takes a share of the engine at `connect`; `disconnect` gives it back
   */
  constructor(model: Model, open: () => SqliteEngine) {
    super();
    this.#model = model;
    this.#open = open;
  }

  /** Uses an engine that is open already and that the caller closes. */
  attach(engine: SqliteEngine): this {
    this.#table = engine.table(this.#model);
    this.#engine = engine;
    return this;
  }

  init(_broker: ServiceBroker, _service: Service): void {}

  async connect(): Promise<void> {
    if (this.#engine) return;
    const engine = this.#open();
    try {
      this.attach(engine);
    } catch (error) {
      engine.close();
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    const engine = this.#engine;
    this.#engine = this.#table = null;
    engine?.close();
  }

  async find(filters: Filters): Promise<Stored[]> {
    if ((filters as { search?: unknown }).search) throw new Error(`${this.#model.name}: text search is not supported`);
    return this.#reading.find(filters);
  }

  async findOne(query: StoredQuery): Promise<Stored | null> {
    return this.#reading.find({ query, limit: 1 })[0] ?? null;
  }

  async findById(id: string): Promise<Stored | null> {
    return this.#reading.get(id);
  }

  async findByIds(ids: string[]): Promise<Stored[]> {
    return this.#reading.find({ query: { _id: { $in: ids } } });
  }

  async count({ query = {} }: Filters = {}): Promise<number> {
    return this.#reading.count(query);
  }

  async insert(entity: object): Promise<Stored> {
    const { id, body } = this.#reading.bodyOf(entity);
    await this.#write((table) => table.insert(id, body));
    return { ...(entity as Stored), version: 1 };
  }

  async insertMany(entities: object[]): Promise<Stored[]> {
    await this.insertInOrder(entities);
    return entities.map((entity) => ({ ...(entity as Stored), version: 1 }));
  }

  async insertInOrder(entities: object[]): Promise<number> {
    const rows = entities.map((entity) => this.#reading.bodyOf(entity));
    await this.#write((table) => rows.forEach(({ id, body }, position) => table.insert(id, body, position)));
    return rows.length;
  }

  async replaceIfVersion(entity: Stored): Promise<boolean> {
    const { id, body } = this.#reading.bodyOf(entity);
    const { version } = entity;
    return this.#write((table) => table.replace(id, version, body));
  }

  async removeIfVersion(id: string, version: number): Promise<boolean> {
    return this.#write((table) => table.remove(id, version));
  }

  async updateById(id: string, update: Update): Promise<Stored | null> {
    const fields = this.#fieldsOf(update);
    return this.#write((table) => set(table, table.get(id), fields));
  }

  async updateMany(query: StoredQuery, update: Update): Promise<number> {
    const fields = this.#fieldsOf(update);
    return this.#write((table) => table.find({ query }).map((found) => set(table, found, fields)).length);
  }

  async removeById(id: string): Promise<Stored | null> {
    return this.#write((table) => {
      const found = table.get(id);
      return found && table.remove(id) ? found : null;
    });
  }

  async removeMany(query: StoredQuery): Promise<number> {
    return this.#write((table) => table.removeAll(query));
  }

  async clear(): Promise<number> {
    return this.removeMany({});
  }

  async ping(): Promise<void> {
    if (!this.#engine) throw this.#notConnected();
    this.#engine.ping();
  }

  get #reading(): SqliteTable {
    if (!this.#table) throw this.#notConnected();
    return this.#table;
  }

  #write<T>(work: (table: SqliteTable) => T): Promise<T> {
    const table = this.#reading;
    return this.#engine!.write(() => work(table));
  }

  #fieldsOf(update: Update): Record<string, unknown> {
    const [operator, ...more] = Object.keys(update);
    if (operator !== "$set" || more.length > 0) throw new Error(`${this.#model.name}: an update is a $set`);
    return { ...update.$set };
  }

  #notConnected(): Error {
    return new Error(`${this.#model.name}: the collection is not connected`);
  }
}

/** Counts as a replace: a compare-and-set that was read before it loses. */
function set(table: SqliteTable, found: Stored | null, fields: Record<string, unknown>): Stored | null {
  if (!found) return null;
  const next = { ...found, ...fields, _id: found._id };
  table.replace(found._id, found.version, table.bodyOf(next).body);
  return { ...next, version: found.version + 1 };
}
