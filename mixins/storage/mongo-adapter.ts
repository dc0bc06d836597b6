import type { Service, ServiceBroker } from "moleculer";
import type { Model } from "../collection-types.ts";
import type { ConnectionLog, MongoConnection } from "./mongo-connection.ts";
import { storageOutage } from "./storage-failure.ts";
import type { MongoTable } from "./mongo-table.ts";
import { PlainEntities } from "./plain-entities.ts";
import type { Filters, StoreAdapter, Stored, StoredQuery, Update } from "./store-adapter.ts";

/** Who changes by query competes with compare-and-sets; this many lost ones in a row are no race any more. */
const ROUNDS = 50;

/** moleculer-db's adapter interface on MongoDB, around moleculer-db-adapter-mongoose. See StoreAdapter for the promises. */
export class MongoAdapter extends PlainEntities implements StoreAdapter {
  readonly #model: Model;
  readonly #uri: string;
  #log: ConnectionLog | undefined;
  #connection: MongoConnection | null = null;
  #table: MongoTable | null = null;

  /** @param model the stored model (`storedModel`) */
  constructor(model: Model, uri: string) {
    super();
    this.#model = model;
    this.#uri = uri;
  }

  init(_broker: ServiceBroker, service: Service): void {
    this.#log = (event, index) => {
      if (event === "lost") service.logger.error("the database cannot be reached", { alert: "DATABASE_LOST" });
      else if (event === "clock off") service.logger.error("the host's clock is not the database's", { alert: "CLOCK_OFF" });
      else if (event === "check stuck") service.logger.warn("a check of the database did not end and was ended");
      else if (event === "index left") service.logger.error("a unique index of another release is left", { alert: "INDEX_LEFT", index });
      else service.logger.info(event === "back" ? "the database is back" : "the host's clock is the database's again");
    };
  }

  /** Rejects when the server does not answer or an index cannot be built; may be called again. */
  async connect(): Promise<void> {
    if (this.#table) return;
    // Loaded here, since mongoose is large and nobody without MONGO_URI needs it.
    const [{ shareMongo }, { MongoTable }] = await Promise.all([import("./mongo-connection.ts"), import("./mongo-table.ts")]);
    const connection = shareMongo(this.#uri);
    try {
      this.#table = await MongoTable.open(connection, this.#model, this.#log);
      this.#connection = connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  async disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = this.#table = null;
    await connection?.close();
  }

  async find(filters: Filters): Promise<Stored[]> {
    if ((filters as { search?: unknown }).search) throw new Error(`${this.#model.name}: text search is not supported`);
    return this.#connected.find(filters);
  }

  async findOne(query: StoredQuery): Promise<Stored | null> {
    return (await this.#connected.find({ query, limit: 1 }))[0] ?? null;
  }

  async findById(id: string): Promise<Stored | null> {
    return this.findOne({ _id: id });
  }

  async findByIds(ids: string[]): Promise<Stored[]> {
    return this.#connected.find({ query: { _id: { $in: ids } } });
  }

  async count({ query = {} }: Filters = {}): Promise<number> {
    return this.#connected.count(query);
  }

  async insert(entity: object): Promise<Stored> {
    await this.#connected.insert(entity);
    return { ...(entity as Stored), version: 1 };
  }

  async insertMany(entities: object[]): Promise<Stored[]> {
    await this.insertInOrder(entities);
    return entities.map((entity) => ({ ...(entity as Stored), version: 1 }));
  }

  async insertInOrder(entities: object[]): Promise<number> {
    await this.#connected.insertInOrder(entities);
    return entities.length;
  }

  async replaceIfVersion(entity: Stored): Promise<boolean> {
    return this.#connected.replace(entity);
  }

  async removeIfVersion(id: string, version: number): Promise<boolean> {
    return this.#connected.remove(id, version);
  }

  async updateById(id: string, update: Update): Promise<Stored | null> {
    return this.#set({ _id: id }, this.#fieldsOf(update));
  }

  async updateMany(query: StoredQuery, update: Update): Promise<number> {
    const fields = this.#fieldsOf(update);
    const found = await this.#connected.find({ query });
    const changed = await Promise.all(found.map(({ _id }) => this.#set({ ...query, _id }, fields)));
    return changed.filter((one) => one !== null).length;
  }

  async removeById(id: string): Promise<Stored | null> {
    for (let round = 0; round < ROUNDS; round++) {
      const found = await this.findById(id);
      if (!found || (await this.#connected.remove(id, found.version))) return found;
    }
    throw this.#contended();
  }

  async removeMany(query: StoredQuery): Promise<number> {
    return this.#connected.removeAll(query);
  }

  async clear(): Promise<number> {
    return this.removeMany({});
  }

  async ping(): Promise<void> {
    await this.#connected.ping();
  }

  get #connected(): MongoTable {
    if (!this.#table) throw storageOutage(new Error(`${this.#model.name}: the collection is not connected`));
    return this.#table;
  }

  /** Counts as a replace: a compare-and-set that was read before it loses. */
  async #set(query: StoredQuery, fields: Record<string, unknown>): Promise<Stored | null> {
    for (let round = 0; round < ROUNDS; round++) {
      const found = await this.findOne(query);
      if (!found) return null;
      const next = { ...found, ...fields, _id: found._id, version: found.version };
      if (await this.#connected.replace(next)) return { ...next, version: found.version + 1 };
    }
    throw this.#contended();
  }

  #fieldsOf(update: Update): Record<string, unknown> {
    const [operator, ...more] = Object.keys(update);
    if (operator !== "$set" || more.length > 0) throw new Error(`${this.#model.name}: an update is a $set`);
    return { ...update.$set };
  }

  #contended(): Error {
    return new Error(`${this.#model.name}: a document never stood still`);
  }
}
