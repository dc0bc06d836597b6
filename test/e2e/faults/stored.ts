import { mongo } from "mongoose";
import type { Model } from "../../../mixins/collection-types.ts";
import { storedModel } from "../../../mixins/storage/model-rules.ts";
import { fromMongo, type MongoDocument } from "../../../mixins/storage/mongo-document.ts";
import { signingProcessModel, type SigningProcess } from "../../../services/process/signing-process.model.ts";
import { deliveryModel, type DeliveryRecord } from "../../../services/notifier/delivery.model.ts";
import { signingEventModel, type SigningEventRecord } from "../../../services/notifier/signing-event.model.ts";
import { protocolRecordModel, type ProtocolRecord } from "../../../services/protocol/protocol-record.model.ts";
import { smsRecordModel, type SmsRecord } from "../../../services/sms/sms-record.model.ts";
import { verificationModel, type VerificationRecord } from "../../../services/verification-bridge/verification.model.ts";

/** The documents as they lie in the database, personal fields encrypted. */
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

/** Reads the database as a stranger to the platform. */
export async function readStored(uri: string): Promise<Stored> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5_000 });
  try {
    const rows = await Promise.all(Object.entries(MODELS).map(async ([key, model]) => {
      const documents = await client.db().collection<MongoDocument>(model.name).find().toArray();
      return [key, documents.map((document) => fromMongo(storedModel(model), document))];
    }));
    return Object.fromEntries(rows) as Stored;
  } finally {
    await client.close();
  }
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
