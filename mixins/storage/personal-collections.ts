import type { Model } from "../collection-types.ts";
import { collectionOver } from "./document-collection.ts";
import { adapterFor, type StorageSettings } from "./engines.ts";
import { createFieldCipher } from "./field-cipher.ts";
import { admitFieldKeys, fieldKeyModel, type FieldKey } from "./field-keys.ts";
import { storedModel } from "./model-rules.ts";
import { rekeyCollection, type Rekeyed } from "./rekey.ts";

/** Opens the list of keys, works with it and closes it. */
async function withKnownKeys<T>(settings: StorageSettings, work: (known: ReturnType<typeof collectionOver<FieldKey>>) => Promise<T>): Promise<T> {
  const adapter = adapterFor(storedModel(fieldKeyModel), settings);
  await adapter.connect();
  try {
    return await work(collectionOver<FieldKey>(adapter, fieldKeyModel));
  } finally {
    await adapter.disconnect();
  }
}

/** See `admitFieldKeys`. A node without keys has no personal data to read or write. */
export const admittedKeys = async (settings: StorageSettings, now: number): Promise<string[]> =>
  settings.fieldEncryptionKey.length === 0 ? [] : withKnownKeys(settings, (known) => admitFieldKeys(known, settings.fieldEncryptionKey, now));

export interface RekeyOutcome {
  /** By collection, in the order of the models. */
  collections: { name: string; rekeyed: Rekeyed }[];
  /** Keys that nothing is under any more and that may be taken out of FIELD_ENCRYPTION_KEY. */
  retired: string[];
}

/**
 * Moves every personal field of these collections to the first key of FIELD_ENCRYPTION_KEY, beside a platform at work, and strikes the
 * other keys off the list of those that data is under.
 * @param models every model with personal fields; one that is left out would become unreadable
 * @returns null when the platform has not yet been started with this key in front: it would go on writing under the old one
 */
export async function rekeyAll(settings: StorageSettings, models: readonly Model[], pause: () => Promise<unknown>): Promise<RekeyOutcome | null> {
  const cipher = createFieldCipher(settings.fieldEncryptionKey);
  const first = settings.fieldEncryptionKey[0]!.kid;
  return withKnownKeys(settings, async (known) => {
    if (!(await known.get(first))?.current) return null;
    const collections: RekeyOutcome["collections"] = [];
    for (const model of models) {
      const adapter = adapterFor(storedModel(model), settings);
      await adapter.connect();
      try {
        collections.push({ name: model.name, rekeyed: await rekeyCollection(adapter, model, cipher, pause) });
      } finally {
        await adapter.disconnect();
      }
    }
    const complete = collections.every(({ rekeyed }) => rekeyed.failed.length === 0);
    // Asked again: a platform that was started with the old key in front meanwhile may have written under it.
    const old = complete && (await known.get(first))?.current ? (await known.find({})).filter((key) => !key.current) : [];
    for (const key of old) await known.removeIfVersion(key);
    return { collections, retired: old.map(({ _id }) => _id) };
  });
}
