import type { Collection, Doc, FieldType, FindOptions, Model, Query } from "../collection-types.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { blindIndexOf, checkModel, fits, requiredFields } from "./model-rules.ts";
import { personalQuery } from "./personal-query.ts";
import { remembering } from "./remembering-cipher.ts";
import type { StoreAdapter, Stored } from "./store-adapter.ts";

interface FieldRule {
  name: string;
  type: FieldType;
  personal: boolean;
  blind: boolean;
  required: boolean;
}

/**
 * The contract of `Collection` on any engine: checks documents against their model, encrypts and decrypts personal fields, and
 * copies at the border, so that nobody's later change of an object reaches what is stored.
 * @param adapter an adapter made for `storedModel(model)`
 * @param cipher needed when the model has personal fields
 */
export function collectionOver<T extends Doc>(adapter: StoreAdapter, model: Model, cipher?: FieldCipher): Collection<T> {
  checkModel(model);
  const borders = new Border(model, cipher);
  const find = async (query: Query, { sort, limit }: FindOptions = {}): Promise<T[]> => {
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0)) throw new Error(`${model.name}: a limit is a positive whole number`);
    const personal = sort?.find((key) => model.personal?.includes(key.replace(/^-/, "")));
    if (personal) throw new Error(`${model.name}: ${personal} is encrypted and has no order`);
    const found = await adapter.find({ query: personalQuery(model, cipher, query), ...(sort && { sort }), ...(limit && { limit }) });
    return found.map((stored) => borders.out<T>(stored));
  };
  return {
    async insert(doc) {
      const { stored, copy } = borders.in(doc, 1);
      await adapter.insert(stored);
      return copy;
    },
    async insertInOrder(docs) {
      const taken = docs.map((doc) => borders.in(doc, 1));
      await adapter.insertInOrder(taken.map(({ stored }) => stored));
      return taken.map(({ copy }) => copy);
    },
    async get(id) {
      const stored = await adapter.findById(id);
      return stored && borders.out<T>(stored);
    },
    find,
    async findOne(query, options) {
      return (await find(query, { ...options, limit: 1 }))[0] ?? null;
    },
    async count(query) {
      return adapter.count({ query: personalQuery(model, cipher, query) });
    },
    async replaceIfVersion(doc) {
      const version = borders.versionOf(doc);
      const { stored, copy } = borders.in(doc, version);
      if (!(await adapter.replaceIfVersion(stored))) return null;
      copy.version = version + 1;
      return copy;
    },
    async removeIfVersion(doc) {
      return adapter.removeIfVersion(doc._id, borders.versionOf(doc));
    },
  };
}

/** Takes documents in and gives them out. Errors name collection and field, never a value. */
class Border {
  readonly #model: Model;
  readonly #cipher: FieldCipher | undefined;
  readonly #rules: FieldRule[];
  readonly #names: Set<string>;

  constructor(model: Model, cipher: FieldCipher | undefined) {
    const { personal = [], blind = [] } = model;
    if (personal.length > 0 && !cipher) throw new Error(`${model.name}: personal fields need a cipher`);
    const required = requiredFields(model);
    this.#model = model;
    this.#cipher = cipher && remembering(cipher);
    this.#rules = Object.entries(model.fields).map(([name, type]) => ({
      name,
      type,
      personal: personal.includes(name),
      blind: blind.includes(name),
      required: required.has(name),
    }));
    this.#names = new Set(["_id", "version", ...Object.keys(model.fields)]);
  }

  /** @returns the entity for the engine, and the caller's copy: exactly what a later `get` would give */
  in<T extends Doc>(doc: T, version: number): { stored: Stored; copy: T } {
    const given = doc as unknown as Record<string, unknown>;
    if (typeof doc._id !== "string" || doc._id === "" || !doc._id.isWellFormed()) this.#refuse("_id", "is not a text");
    for (const name of Object.keys(given)) if (!this.#names.has(name)) this.#refuse(name, "is not a field");
    const stored: Stored = { _id: doc._id, version };
    const copy: Stored = { _id: doc._id, version };
    for (const rule of this.#rules) {
      const value = given[rule.name];
      if (value == null) {
        if (rule.required) this.#refuse(rule.name, "belongs to a unique key and is missing");
        if (value === null) stored[rule.name] = copy[rule.name] = null;
      } else {
        if (!fits(rule.type, value)) this.#refuse(rule.name, `is not a ${rule.type}`);
        this.#take(rule, value, stored, copy);
      }
    }
    return { stored, copy: copy as unknown as T };
  }

  /** Decrypts; the object is the caller's own. */
  out<T extends Doc>(stored: Stored): T {
    const doc: Stored = { _id: stored._id, version: stored.version };
    for (const { name, type, personal } of this.#rules) {
      const value = stored[name];
      if (value === undefined) continue;
      if (!personal || value === null) {
        doc[name] = value;
      } else {
        const text = this.#cipher!.decrypt(value as string, { collection: this.#model.name, id: stored._id, field: name });
        doc[name] = type === "string" ? text : type === "date" ? new Date(JSON.parse(text) as string) : JSON.parse(text);
      }
    }
    return doc as unknown as T;
  }

  /** The version a compare-and-set compares with. */
  versionOf(doc: Doc): number {
    return Number.isInteger(doc.version) ? doc.version! : this.#refuse("version", "is missing: read the document first");
  }

  #take({ name, type, personal, blind }: FieldRule, value: unknown, stored: Stored, copy: Stored): void {
    const text = type === "string" ? (value as string) : type === "json" || personal ? JSON.stringify(value) : null;
    if (text === undefined) this.#refuse(name, "is nothing JSON can hold");
    // UTF-8 and so BSON and a token would hold another text; SQLite would not, but what one engine refuses both do.
    if (type === "string" && !text!.isWellFormed()) this.#refuse(name, "is not well-formed text");
    copy[name] = type === "json" ? JSON.parse(text!) : type === "date" ? new Date((value as Date).getTime()) : value;
    if (!personal) {
      stored[name] = copy[name];
      return;
    }
    stored[name] = this.#cipher!.encrypt(text!, { collection: this.#model.name, id: stored._id, field: name });
    if (blind) stored[blindIndexOf(name)] = this.#cipher!.blindIndex(text!, { collection: this.#model.name, field: name });
  }

  #refuse(field: string, why: string): never {
    throw new Error(`${this.#model.name}: ${field} ${why}`);
  }
}
