import type { RotatingKey } from "../../config/parsers.ts";
import type { Collection, Doc, Model } from "../collection-types.ts";
import { keyFingerprint } from "./field-cipher.ts";
import { isUniqueViolation } from "./unique-violation.ts";

/** A key of FIELD_ENCRYPTION_KEY under which something may be encrypted. `_id` is its kid. Holds nothing secret. */
export interface FieldKey extends Doc {
  fingerprint: string;
  /** What is written now is encrypted under this one. */
  current: boolean;
  since: Date;
}

export const fieldKeyModel: Model = {
  name: "field_key",
  fields: { fingerprint: "string", current: "boolean", since: "date" },
  indexes: [],
};

/**
 * Admits the keys of FIELD_ENCRYPTION_KEY at the start, before anything is written: each key that data may be under must be there
 * and be the same key, or documents could not be read any more. The first is noted as the current one.
 * @param now milliseconds since the epoch
 * @returns one line per problem, none of which holds a key; nothing is noted when one is found at the first look
 */
export async function admitFieldKeys(known: Collection<FieldKey>, keys: readonly RotatingKey[], now: number): Promise<string[]> {
  const problems = misfits(await known.find({}), keys);
  if (problems.length) return problems;
  await noteCurrent(known, keys[0]!, now);
  // Another node may have noted its first key meanwhile, which need not be ours: nodes that share no disk each generate one.
  return misfits(await known.find({}), keys);
}

function misfits(rows: readonly FieldKey[], keys: readonly RotatingKey[]): string[] {
  return rows.flatMap(({ _id: kid, fingerprint }) => {
    const key = keys.find((candidate) => candidate.kid === kid);
    if (!key) return [`FIELD_ENCRYPTION_KEY: key ${kid} is missing and data is encrypted under it; list it behind the first key, and move the data by "npm run rekey" before it goes`];
    return keyFingerprint(key) === fingerprint ? [] : [`FIELD_ENCRYPTION_KEY: key ${kid} is not the key that data is encrypted under`];
  });
}

/** Nodes that start together may note the same at the same time: whoever loses reads again and finds it done. */
async function noteCurrent(known: Collection<FieldKey>, first: RotatingKey, now: number): Promise<void> {
  const row: FieldKey = { _id: first.kid, fingerprint: keyFingerprint(first), current: true, since: new Date(now) };
  try {
    if ((await known.get(first.kid)) === null) await known.insert(row);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  // The new one before the old ones: killed in between there are two, and the next start puts it right.
  for (const one of await known.find({})) {
    const current = one._id === first.kid;
    if (one.current !== current) await known.replaceIfVersion({ ...one, current });
  }
}
