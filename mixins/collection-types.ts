/**
 * What a service may do with a collection it owns. Deliberately narrow: every engine (node:sqlite, MongoDB and servers
 * compatible with it) must be able to keep exactly these promises. No multi-document transaction exists.
 */

export type FieldType = "string" | "number" | "boolean" | "date" | "json";

export interface Index {
  /** `_id` may be the last of several: for pages sorted by `[field, _id]`. */
  fields: string[];
  unique?: boolean;
  /** Documents without the (single) field are not in the index: for due times and optional keys. */
  sparse?: boolean;
}

/** Describes one collection: its fields, its indexes and which of its fields are personal. */
export interface Model {
  /** Collection (table) name, the client's where §3.1 names one. */
  name: string;
  /** Every top-level field but `_id` and `version`. Dates come back as Date, `json` as whatever JSON can hold. */
  fields: Record<string, FieldType>;
  indexes: Index[];
  /** Fields encrypted at rest (AES-256-GCM, bound to collection, row and field). Not searchable. */
  personal?: string[];
  /** Personal string fields that can be looked up by equality through a keyed blind index. Must be listed in `personal` too. */
  blind?: string[];
}

export interface Doc {
  _id: string;
  /** Set by the collection: 1 on insert, one more on each replace. */
  version?: number;
}

export type Comparison = { $lt?: unknown; $lte?: unknown; $gt?: unknown; $gte?: unknown; $in?: unknown[]; $ne?: unknown };
export type Query = Record<string, string | number | boolean | Date | null | Comparison>;

export interface FindOptions {
  /** Field names, `-` in front for descending. */
  sort?: string[];
  limit?: number;
}

export interface Collection<T extends Doc> {
  /** Resolves after the write is durable. Rejects with type `UNIQUE_VIOLATION` (see `isUniqueViolation`). */
  insert(doc: T): Promise<T>;
  /**
   * Inserts in order and stops at the first refusal: what was inserted is always a prefix.
   * Rejects with `UNIQUE_VIOLATION` whose `data.inserted` says how many went in.
   */
  insertInOrder(docs: T[]): Promise<T[]>;
  get(id: string): Promise<T | null>;
  /** Equality and comparisons on indexed fields; `null` matches an absent field. */
  find(query: Query, options?: FindOptions): Promise<T[]>;
  findOne(query: Query, options?: FindOptions): Promise<T | null>;
  count(query: Query): Promise<number>;
  /**
   * Compare-and-set: replaces the document whose `_id` and `version` are those of `doc`.
   * @returns the stored document (version + 1), or null when somebody else was faster or it is gone
   */
  replaceIfVersion(doc: T): Promise<T | null>;
  /** Removes the document if its version is still that one; false when it is not. */
  removeIfVersion(doc: T): Promise<boolean>;
}
