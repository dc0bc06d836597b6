import type { FieldType, Model } from "../collection-types.ts";
import { fits } from "./model-rules.ts";
import type { Stored } from "./store-adapter.ts";

/**
 * Names of the fields that are null. They are absent otherwise: a sparse index of MongoDB holds null as a value, which would
 * make two of them clash in a unique key and fill the index of due times with what is not due. No field's name begins like this.
 */
export const NULLS = "_nulls";

/** A document as MongoDB holds it. */
export interface MongoDocument {
  _id: string;
  version: number;
  [NULLS]?: string[];
  [field: string]: unknown;
}

/**
 * An entity for MongoDB. `json` goes in as its text: BSON would refuse or change some of it (a zero byte or a dot in a key, a `$` in
 * front, more than a hundred levels), and nothing may be asked about it anyway.
 * @param version the one it is to be stored with
 * @throws Error naming collection and field, never a value
 */
export function toMongo(model: Model, entity: object, version: number): MongoDocument {
  const { _id, version: _, ...given } = entity as Stored;
  if (typeof _id !== "string" || _id === "") throw new Error(`${model.name}: a document needs an _id`);
  const document: MongoDocument = { _id, version };
  const nulls: string[] = [];
  for (const [field, value] of Object.entries(given)) {
    if (!Object.hasOwn(model.fields, field)) throw new Error(`${model.name}: ${field} is not a field`);
    if (value === null) nulls.push(field);
    else if (value !== undefined) document[field] = toBson(model, field, value);
  }
  if (nulls.length) document[NULLS] = nulls;
  return document;
}

/** The entity that `toMongo` was given, as an object of the caller's own. */
export function fromMongo(model: Model, document: MongoDocument): Stored {
  const entity: Stored = { _id: document._id, version: document.version };
  for (const field of Object.keys(model.fields)) {
    const value = document[field];
    if (value !== undefined) entity[field] = model.fields[field] === "json" ? JSON.parse(value as string) : value;
  }
  for (const field of document[NULLS] ?? []) entity[field] = null;
  return entity;
}

function toBson(model: Model, field: string, value: unknown): unknown {
  const type: FieldType = model.fields[field]!;
  if (!fits(type, value)) throw new Error(`${model.name}: ${field} is not a ${type}`);
  // BSON is UTF-8: half a character would be stored as another one. Tokens and JSON texts never hold one.
  if (type === "string" && !(value as string).isWellFormed()) throw new Error(`${model.name}: ${field} is not well-formed text`);
  return type === "json" ? JSON.stringify(value) : value;
}
