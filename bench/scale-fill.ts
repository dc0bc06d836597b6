import { join } from "node:path";
import { config } from "../config/index.ts";
import type { Collection, Doc } from "../mixins/collection-types.ts";
import { collectionOver } from "../mixins/storage/document-collection.ts";
import { adapterFor } from "../mixins/storage/engines.ts";
import { createFieldCipher, type FieldCipher } from "../mixins/storage/field-cipher.ts";
import { storedModel } from "../mixins/storage/model-rules.ts";
import { MODELS } from "./scale-models.ts";
import { startPlatform } from "../platform.ts";
import { addRows, noRows, type Pattern, type Patterns, type Plan, type Row, type Rows } from "./scale-rows.ts";
import { fillSqlite } from "./scale-sqlite.ts";
import { Signer } from "./signings.ts";

/** Processes whose rows go in together: some 350, for which an operation has its four seconds. */
const BATCH = 20;

type Store = { [K in keyof Rows]: Rows[K] extends Row<infer R extends Doc>[] ? Collection<R> : never };

/** All collections as the settings keep them. */
async function openStore(cipher: FieldCipher): Promise<{ store: Store; close(): Promise<void> }> {
  const opened = Object.entries(MODELS).map(([name, model]) => {
    const adapter = adapterFor(storedModel(model), config);
    return { adapter, entry: [name, collectionOver<Doc>(adapter, model, cipher)] as const };
  });
  for (const { adapter } of opened) await adapter.connect();
  return {
    store: Object.fromEntries(opened.map(({ entry }) => entry)) as unknown as Store,
    close: async () => {
      for (const { adapter } of opened) await adapter.disconnect();
    },
  };
}

/** Through the platform's own collections, whatever engine they are on. */
async function fillCollections(store: Store, plan: Plan, patterns: Patterns, progress: (done: number) => void): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let done = 0; done < plan.total; progress(done)) {
    const rows = noRows();
    for (const end = Math.min(plan.total, done + BATCH); done < end; done += 1) addRows(rows, patterns, plan, done);
    const named = (Object.keys(rows) as (keyof Rows)[]).filter((name) => rows[name].length);
    for (const name of named) counts[name] = (counts[name] ?? 0) + rows[name].length;
    await Promise.all(named.map((name) => (store[name] as unknown as Collection<Doc>).insertInOrder(rows[name].map(({ of, other }) => ({ ...of, ...other }) as Doc))));
  }
  return counts;
}

/** The rows of the two processes that the store has: one whole signing, one that waits for its signer. */
async function patternsOf(store: Store): Promise<Patterns> {
  const patternOf = async (status: number): Promise<Pattern> => {
    const process = (await store.processes.findOne({ status }))!;
    const { processId } = process;
    return {
      processes: process,
      protocols: (await store.protocols.findOne({ processId }))!,
      sms: await store.sms.find({ processId }, { sort: ["createdAt"] }),
      verifications: await store.verifications.findOne({ processId }),
      events: await store.events.findOne({ processId }),
      deliveries: await store.deliveries.get(process.eventId),
      evidence: await store.evidence.find({ processId }, { sort: ["seq"] }),
      wakeUps: await store.wakeUps.get(processId),
    };
  };
  return { completed: await patternOf(5), open: await patternOf(1) };
}

/**
 * Fills the store of the settings: one real signing by a real platform and one that stays open, then their rows as often as the plan says.
 * @returns rows by collection
 */
export async function fill(plan: Plan, progress: (done: number) => void): Promise<Record<string, number>> {
  const platform = await startPlatform();
  try {
    await Signer.invite(config.publicBaseUrl);
    await (await Signer.invite(config.publicBaseUrl)).complete();
  } finally {
    await platform.stop();
  }
  const { store, close } = await openStore(createFieldCipher(config.fieldEncryptionKey));
  try {
    const patterns = await patternsOf(store);
    if (config.mongoUri) return await fillCollections(store, plan, patterns, progress);
    await close();
    return await fillSqlite(join(config.dataDir, "esign.db"), plan, patterns, progress);
  } finally {
    await close();
  }
}
