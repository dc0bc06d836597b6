import type { Model } from "../mixins/collection-types.ts";
import { evidenceChain } from "../services/evidence/evidence-chain.model.ts";
import { wakeUpModel } from "../services/expiry/wake-up.model.ts";
import { deliveryModel } from "../services/notifier/delivery.model.ts";
import { signingEventModel } from "../services/notifier/signing-event.model.ts";
import { signingProcessModel } from "../services/process/signing-process.model.ts";
import { protocolRecordModel } from "../services/protocol/protocol-record.model.ts";
import { smsRecordModel } from "../services/sms/sms-record.model.ts";
import { verificationModel } from "../services/verification-bridge/verification.model.ts";
import type { Rows } from "./scale-rows.ts";

/** The collections that grow with every process. */
export const MODELS: Record<keyof Rows, Model> = {
  processes: signingProcessModel,
  protocols: protocolRecordModel,
  sms: smsRecordModel,
  verifications: verificationModel,
  events: signingEventModel,
  deliveries: deliveryModel,
  evidence: evidenceChain,
  wakeUps: wakeUpModel,
};
