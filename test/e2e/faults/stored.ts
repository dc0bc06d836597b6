import type { Doc, Model } from "../../../mixins/collection-types.ts";
import { collectionOver } from "../../../mixins/storage/document-collection.ts";
import type { FieldCipher } from "../../../mixins/storage/field-cipher.ts";
import { storedModel } from "../../../mixins/storage/model-rules.ts";
import { MongoAdapter } from "../../../mixins/storage/mongo-adapter.ts";
import { signingProcessModel, type SigningProcess } from "../../../services/process/signing-process.model.ts";
import { deliveryModel, type DeliveryRecord } from "../../../services/notifier/delivery.model.ts";
import { signingEventModel, type SigningEventRecord } from "../../../services/notifier/signing-event.model.ts";
import { protocolRecordModel, type ProtocolRecord } from "../../../services/protocol/protocol-record.model.ts";
import { smsRecordModel, type SmsRecord } from "../../../services/sms/sms-record.model.ts";
import { verificationModel, type VerificationRecord } from "../../../services/verification-bridge/verification.model.ts";

/** The documents of those collections that hold an outcome. */
export interface Stored {
  processes: SigningProcess[];
  protocols: ProtocolRecord[];
  messages: SmsRecord[];
  verifications: VerificationRecord[];
  events: SigningEventRecord[];
  deliveries: DeliveryRecord[];
}

const MODELS: Record<keyof Stored, Model> = {
  processes: signingProcessModel,
  protocols: protocolRecordModel,
  messages: smsRecordModel,
  verifications: verificationModel,
  events: signingEventModel,
  deliveries: deliveryModel,
};

/** Everything there is, by a connection of one's own. @param cipher of the cluster's FIELD_ENCRYPTION_KEY */
export async function readStored(uri: string, cipher: FieldCipher): Promise<Stored> {
  const read = async (model: Model): Promise<Doc[]> => {
    const adapter = new MongoAdapter(storedModel(model), uri);
    await adapter.connect();
    try {
      return await collectionOver(adapter, model, cipher).find({});
    } finally {
      await adapter.disconnect();
    }
  };
  const rows = await Promise.all(Object.entries(MODELS).map(async ([key, model]) => [key, await read(model)]));
  return Object.fromEntries(rows) as Stored;
}

/** What is still under way: nobody may owe anything once it is quiet. */
export function unsettled(stored: Stored): string[] {
  const processes = stored.processes.filter(({ owed, status }) => owed.length > 0 || status < 5);
  return [
    ...processes.map(({ processId, status, owed, expiredAt }) => `${processId} in ${status} until ${expiredAt?.toISOString()} owes ${JSON.stringify(owed.map(({ name, attempt, owner, leaseUntil, lastError }) => ({ name, attempt, owner, leaseUntil, lastError })))}`),
    ...stored.deliveries.filter(({ state, owedAt }) => state === "PENDING" || owedAt).map(({ _id, state, attempts }) => `delivery ${_id} ${state} after ${attempts.length} tries`),
    ...stored.messages.filter(({ owedAt }) => owedAt).map(({ _id }) => `message ${_id} owes evidence`),
    ...stored.verifications.filter(({ owesResult, owesStarted }) => owesResult || owesStarted).map(({ _id }) => `verification ${_id} owes the process`),
  ];
}
