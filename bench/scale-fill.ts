import { config } from "../config/index.ts";
import type { Collection, Doc, Model } from "../mixins/collection-types.ts";
import { collectionOver } from "../mixins/storage/document-collection.ts";
import { adapterFor } from "../mixins/storage/engines.ts";
import { createFieldCipher } from "../mixins/storage/field-cipher.ts";
import { storedModel } from "../mixins/storage/model-rules.ts";
import { startPlatform } from "../platform.ts";
import { evidenceChain } from "../services/evidence/evidence-chain.model.ts";
import { wakeUpModel } from "../services/expiry/wake-up.model.ts";
import { deliveryModel } from "../services/notifier/delivery.model.ts";
import { signingEventModel } from "../services/notifier/signing-event.model.ts";
import { signingProcessModel } from "../services/process/signing-process.model.ts";
import { protocolRecordModel } from "../services/protocol/protocol-record.model.ts";
import { smsRecordModel } from "../services/sms/sms-record.model.ts";
import { verificationModel } from "../services/verification-bridge/verification.model.ts";
import { addRows, noRows, type Pattern, type Patterns, type Plan, type Rows } from "./scale-rows.ts";
import { Signer } from "./signings.ts";

const MODELS: Record<keyof Rows, Model> = {
  processes: signingProcessModel,
  protocols: protocolRecordModel,
  sms: smsRecordModel,
  verifications: verificationModel,
  events: signingEventModel,
  deliveries: deliveryModel,
  evidence: evidenceChain,
  wakeUps: wakeUpModel,
};
/** Processes whose rows go in together. */
const BATCH = 250;

type Store = { [K in keyof Rows]: Rows[K] extends (infer R extends Doc)[] ? Collection<R> : never };

/** Works with all collections as the settings keep them. @param indexed false drops their indexes, true builds them */
async function withStore<T>(indexed: boolean, work: (store: Store) => Promise<T>): Promise<T> {
  const cipher = createFieldCipher(config.fieldEncryptionKey);
  const opened = Object.entries(MODELS).map(([name, model]) => {
    const kept = indexed ? model : { ...model, indexes: [] };
    const adapter = adapterFor(storedModel(kept), config);
    return { adapter, entry: [name, collectionOver<Doc>(adapter, kept, cipher)] as const };
  });
  for (const { adapter } of opened) await adapter.connect();
  try {
    return await work(Object.fromEntries(opened.map(({ entry }) => entry)) as unknown as Store);
  } finally {
    for (const { adapter } of opened) await adapter.disconnect();
  }
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
 * Fills the store of the settings: one real signing by a real platform, then its rows as often as the plan says. The indexes are built over
 * what is stored, since that takes a fraction of keeping them up meanwhile.
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
  const patterns = await withStore(true, patternsOf);
  const counts: Record<string, number> = {};
  await withStore(false, async (store) => {
    for (let done = 0; done < plan.total; ) {
      const rows = noRows();
      for (const end = Math.min(plan.total, done + BATCH); done < end; done += 1) addRows(rows, patterns, plan, done);
      for (const name of Object.keys(rows) as (keyof Rows)[]) {
        counts[name] = (counts[name] ?? 0) + rows[name].length;
        if (rows[name].length) await (store[name] as unknown as Collection<Doc>).insertInOrder(rows[name]);
      }
      progress(done);
    }
  });
  await withStore(true, async () => undefined);
  return counts;
}
