import MongooseAdapter from "moleculer-db-adapter-mongoose";
import type { mongo } from "mongoose";
import type { Model } from "../collection-types.ts";
import type { ConnectionLog, MongoConnection } from "./mongo-connection.ts";
import { fromMongo, toMongo, type MongoDocument } from "./mongo-document.ts";
import { duplicateFieldsOf, duplicateIndexOf } from "./mongo-fault.ts";
import { checkIndexes, fieldsByIndex, type NativeCollection } from "./mongo-indexes.ts";
import { mongoFilter } from "./mongo-query.ts";
import { parseQuery, parseSort } from "./query.ts";
import type { Filters, Stored, StoredQuery } from "./store-adapter.ts";
import { UniqueViolation } from "./unique-violation.ts";

type Documents = mongo.Collection<MongoDocument>;
type ReadingModel = InstanceType<typeof MongooseAdapter>["model"];

/** The operations of one collection. Reads go through the package's adapter, writes are single operations of the driver. */
export class MongoTable {
  readonly #model: Model;
  readonly #connection: MongoConnection;
  readonly #reading: InstanceType<typeof MongooseAdapter>;
  readonly #native: NativeCollection;
  readonly #documents: Documents;
  readonly #uniqueKeys: Map<string, string[]>;

  constructor(connection: MongoConnection, model: Model, parts: Awaited<ReturnType<MongoConnection["collection"]>>) {
    this.#connection = connection;
    this.#model = model;
    this.#uniqueKeys = fieldsByIndex(model);
    this.#native = parts.native;
    this.#documents = parts.native as unknown as Documents;
    // In `model:` mode, and never connected by itself: it would close the connection of all services with the first of them.
    this.#reading = new MongooseAdapter("");
    this.#reading.model = parts.mongooseModel as unknown as ReadingModel;
  }

  static async open(connection: MongoConnection, model: Model, log?: ConnectionLog): Promise<MongoTable> {
    return new MongoTable(connection, model, await connection.collection(model, log));
  }

  find({ query = {}, sort, limit, offset }: Filters): Promise<Stored[]> {
    const filter = this.#filter(query);
    const keys = typeof sort === "string" ? sort.split(/[,\s]+/).filter(Boolean) : (sort ?? []);
    parseSort(this.#model, keys);
    return this.#connection.run(async () => {
      const cursor = this.#reading.createCursor({ query: filter, ...(keys.length && { sort: keys }), ...(limit && { limit }), ...(offset && { offset }) });
      return ((await cursor.lean().exec()) as unknown as MongoDocument[]).map((document) => fromMongo(this.#model, document));
    });
  }

  count(query: StoredQuery): Promise<number> {
    const filter = this.#filter(query);
    return this.#connection.run(() => this.#documents.countDocuments(filter));
  }

  /** @throws UniqueViolation */
  insert(entity: object): Promise<void> {
    const document = toMongo(this.#model, entity, 1);
    return this.#refusing(async () => void (await this.#documents.insertOne(document)));
  }

  /** @throws UniqueViolation with the length of the prefix that is stored */
  insertInOrder(entities: object[]): Promise<void> {
    const documents = entities.map((entity) => toMongo(this.#model, entity, 1));
    return this.#refusing(async () => {
      if (documents.length) await this.#documents.insertMany(documents, { ordered: true });
    });
  }

  /** @returns false when id and version are not stored together any more; @throws UniqueViolation */
  replace(entity: Stored): Promise<boolean> {
    const { version } = entity;
    const { _id, ...document } = toMongo(this.#model, entity, version + 1);
    return this.#refusing(async () => (await this.#documents.replaceOne({ _id, version }, document)).matchedCount === 1);
  }

  remove(id: string, version: number): Promise<boolean> {
    return this.#connection.run(async () => (await this.#documents.deleteOne({ _id: id, version })).deletedCount === 1);
  }

  /** Deletes what the query finds; everything for an empty query. */
  removeAll(query: StoredQuery): Promise<number> {
    const filter = this.#filter(query);
    return this.#connection.run(async () => (await this.#documents.deleteMany(filter)).deletedCount);
  }

  /** A real read, and a look at the indexes. @throws IndexMissing */
  ping(): Promise<void> {
    return this.#connection.run(async () => {
      await this.#documents.findOne({ _id: "" });
      await checkIndexes(this.#native, this.#model);
    });
  }

  #filter(query: StoredQuery) {
    return mongoFilter(parseQuery(this.#model, query)) as Parameters<Documents["find"]>[0];
  }

  #refusing<T>(write: () => Promise<T>): Promise<T> {
    return this.#connection.run(() =>
      write().catch((error: unknown) => {
        const index = duplicateIndexOf(error);
        if (index === null) throw error;
        const named = this.#uniqueKeys.get(index) ?? duplicateFieldsOf(error);
        throw new UniqueViolation(this.#model.name, named.length ? named : ["_id"], insertedBefore(error));
      }),
    );
  }
}

/** An ordered insert stops at its first refusal; how many the server says went in is not the same on every server. */
function insertedBefore(error: unknown): number {
  const [first] = ((error as { writeErrors?: unknown }).writeErrors as { index: number }[] | undefined) ?? [];
  return first?.index ?? 0;
}
