import type { Model } from "../collection-types.ts";
import { kidOf, type FieldCipher } from "./field-cipher.ts";
import { blindIndexOf } from "./model-rules.ts";
import type { StoreAdapter, Stored } from "./store-adapter.ts";

/** Rows of one transaction: short enough that a platform at work hardly notices. */
const BATCH = 100;

export interface Rekeyed {
  rows: number;
  /** Rows that were under another key. */
  moved: number;
  /** Ids of rows that no key can read, or that never stood still. */
  failed: string[];
}

/**
 * Moves the personal fields of a collection to the first key, beside a platform at work: each row by compare-and-set, so that
 * nobody's change is lost and whoever read before loses the race and reads again. What the platform writes meanwhile is under the first
 * key already. Stopped in the middle it is simply run again.
 * @param adapter connected, for `storedModel(model)`
 * @param pause lets others write between two batches
 */
export async function rekeyCollection(adapter: StoreAdapter, model: Model, cipher: FieldCipher, pause: () => Promise<unknown>): Promise<Rekeyed> {
  const result: Rekeyed = { rows: 0, moved: 0, failed: [] };
  for (let last = ""; ; ) {
    const batch = await adapter.find({ query: { _id: { $gt: last } }, sort: ["_id"], limit: BATCH });
    if (batch.length === 0) return result;
    const outcomes = await Promise.all(batch.map((row) => rekeyRow(adapter, model, cipher, row)));
    result.rows += batch.length;
    result.moved += outcomes.filter((outcome) => outcome === "moved").length;
    result.failed.push(...batch.filter((_, at) => outcomes[at] === "failed").map(({ _id }) => _id));
    last = batch.at(-1)!._id;
    await pause();
  }
}

const TRIES = 20;

async function rekeyRow(adapter: StoreAdapter, model: Model, cipher: FieldCipher, row: Stored): Promise<"moved" | "current" | "failed"> {
  let stored: Stored | null = row;
  for (let tries = 0; tries < TRIES && stored; tries += 1) {
    let next: Stored | null;
    try {
      next = underFirstKey(model, cipher, stored);
    } catch {
      return "failed";
    }
    if (next === null) return "current";
    if (await adapter.replaceIfVersion(next)) return "moved";
    stored = await adapter.findById(row._id);
  }
  return stored === null ? "current" : "failed";
}

/** Null when every personal field is under the first key. */
function underFirstKey(model: Model, cipher: FieldCipher, stored: Stored): Stored | null {
  const next = { ...stored };
  let changed = false;
  for (const field of model.personal ?? []) {
    const token = stored[field];
    if (token == null) continue;
    if (typeof token !== "string" || kidOf(token) === null) throw new Error(`${model.name}.${field} does not hold an encrypted value`);
    if (cipher.isCurrent(token)) continue;
    const place = { collection: model.name, id: stored._id, field };
    const text = cipher.decrypt(token, place);
    next[field] = cipher.encrypt(text, place);
    if (model.blind?.includes(field)) next[blindIndexOf(field)] = cipher.blindIndex(text, place);
    changed = true;
  }
  return changed ? next : null;
}
