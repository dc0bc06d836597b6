import type { Service, ServiceBroker } from "moleculer";
import type { Comparison } from "../collection-types.ts";

/** A document as an engine keeps it: personal fields are tokens by now, dates are Date. */
export interface Stored {
  _id: string;
  version: number;
  [field: string]: unknown;
}
export type StoredQuery = Record<string, unknown | Comparison>;

/** What moleculer-db passes to `find` and `count`. `search` is not among the promises: no engine may guess. */
export interface Filters {
  query?: StoredQuery;
  sort?: string | string[];
  limit?: number | null;
  offset?: number | null;
}

/**
 * moleculer-db's adapter interface and the four methods every engine adds. An engine takes what it is given before it returns
 * (a caller may change its object afterwards) and answers a write only when it is durable.
 */
export interface StoreAdapter {
  init(broker: ServiceBroker, service: Service): void;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  find(filters: Filters): Promise<Stored[]>;
  findOne(query: StoredQuery): Promise<Stored | null>;
  findById(id: string): Promise<Stored | null>;
  findByIds(ids: string[]): Promise<Stored[]>;
  count(filters?: Filters): Promise<number>;
  /** Stores with version 1. Rejects with UniqueViolation. */
  insert(entity: object): Promise<Stored>;
  insertMany(entities: object[]): Promise<Stored[]>;
  updateById(id: string, update: Update): Promise<Stored | null>;
  updateMany(query: StoredQuery, update: Update): Promise<number>;
  removeById(id: string): Promise<Stored | null>;
  removeMany(query: StoredQuery): Promise<number>;
  clear(): Promise<number>;
  entityToObject(entity: Stored): Stored;
  beforeSaveTransformID(entity: object, idField: string): object;
  afterRetrieveTransformID(entity: object, idField: string): object;

  /** Stops at the first refusal; UniqueViolation's `data.inserted` is the length of the prefix that is stored. */
  insertInOrder(entities: object[]): Promise<number>;
  /** True when `_id` and `version` were still those of the entity, which then is stored with version + 1. */
  replaceIfVersion(entity: Stored): Promise<boolean>;
  removeIfVersion(id: string, version: number): Promise<boolean>;
  /** A real read; rejects when the database cannot answer. */
  ping(): Promise<void>;
}
export interface Update {
  $set: Record<string, unknown>;
}
