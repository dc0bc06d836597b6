import type { Connection } from "mongoose";
import type { Index, Model } from "../collection-types.ts";
import { duplicateIndexOf } from "./mongo-fault.ts";

/** A collection of the driver, beneath mongoose. */
export type NativeCollection = ReturnType<NonNullable<Connection["db"]>["collection"]>;
interface Definition {
  name: string;
  key: Record<string, 1>;
  unique?: true;
  sparse?: true;
}

/** Building over many documents takes its time; the operation ends with its connection. */
const AS_LONG_AS_IT_TAKES = { timeoutMS: 0 };
const INDEX_NOT_FOUND = 27;
const NAMESPACE_NOT_FOUND = 26;

/** Says all there is to an index, so that a changed definition is another index. Whoever made one of another name keeps it. */
const indexName = (model: Model, { fields, unique, sparse }: Index): string =>
  [model.name, ...fields, unique && "unique", sparse && "sparse"].filter(Boolean).join(".");

/** Fields by each index's name. */
export const fieldsByIndex = (model: Model): Map<string, string[]> => new Map(model.indexes.map((index) => [indexName(model, index), index.fields]));

/**
 * Makes the indexes what the model says: builds what is missing, builds again what is not as it should be, and looks whether they are
 * there. One of ours that the model does not have stays: a node of an older release that starts in the middle of an upgrade would
 * drop what the newer one relies on. Twice is once, in any number of processes.
 * @returns the unique ones that were left, by name: they may refuse what this model lets in
 * @throws Error naming the index that cannot be built, or that the server said it has built and has not
 */
export async function ensureIndexes(collection: NativeCollection, model: Model): Promise<string[]> {
  const wanted = definitions(model);
  const present = await presentIndexes(collection);
  for (const { name } of present.filter((index) => wanted.some((one) => one.name === index.name && !same(one, present)))) {
    await collection.dropIndex(name, AS_LONG_AS_IT_TAKES).catch(unlessGone);
  }
  const missing = wanted.filter((index) => !same(index, present));
  if (missing.length) {
    await collection.createIndexes(missing, AS_LONG_AS_IT_TAKES).catch((error: unknown) => {
      const clashing = duplicateIndexOf(error);
      if (clashing === null) throw error;
      // Without a cause: the server's message holds the values that clash.
      throw new Error(`${model.name}: the index on ${nameFields(model, clashing)} cannot be built over what is stored`);
    });
  }
  await checkIndexes(collection, model);
  return present.filter(({ name, unique }) => unique && name.startsWith(`${model.name}.`) && !wanted.some((one) => one.name === name)).map(({ name }) => name);
}

/** @throws Error naming the indexes of the model that are not there, or not as they should be */
export async function checkIndexes(collection: NativeCollection, model: Model): Promise<void> {
  const present = await presentIndexes(collection);
  const missing = definitions(model).filter((index) => !same(index, present));
  if (missing.length) throw new IndexMissing(model, missing.map(({ name }) => nameFields(model, name)));
}

/** The collection lacks an index of its model: slow without a plain one, wrong without a unique one. */
export class IndexMissing extends Error {
  readonly type = "INDEX_MISSING";
  constructor(model: Model, fields: string[]) {
    super(`${model.name}: the index on ${fields.join(" and on ")} is missing`);
    this.name = "IndexMissing";
  }
}

function definitions(model: Model): Definition[] {
  return model.indexes.map((index) => ({
    name: indexName(model, index),
    key: Object.fromEntries(index.fields.map((field) => [field, 1] as const)),
    ...(index.unique && { unique: true as const }),
    ...(index.sparse && { sparse: true as const }),
  }));
}

async function presentIndexes(collection: NativeCollection): Promise<{ name: string; key: object; unique?: boolean; sparse?: boolean }[]> {
  try {
    return await collection.listIndexes().toArray();
  } catch (error) {
    if ((error as { code?: unknown }).code === NAMESPACE_NOT_FOUND) return [];
    throw error;
  }
}

function same(wanted: Definition, present: Awaited<ReturnType<typeof presentIndexes>>): boolean {
  return present.some(
    (index) =>
      index.name === wanted.name &&
      JSON.stringify(index.key) === JSON.stringify(wanted.key) &&
      Boolean(index.unique) === Boolean(wanted.unique) &&
      Boolean(index.sparse) === Boolean(wanted.sparse),
  );
}

const nameFields = (model: Model, name: string): string => (fieldsByIndex(model).get(name) ?? [name]).join(", ");

function unlessGone(error: unknown): void {
  if ((error as { code?: unknown }).code !== INDEX_NOT_FOUND) throw error;
}
