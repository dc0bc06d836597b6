import type { Model } from "../../mixins/collection-types.ts";
import { evidenceChain } from "../../services/evidence/evidence-chain.model.ts";
import { deliveryModel } from "../../services/notifier/delivery.model.ts";
import { signingProcessModel } from "../../services/process/signing-process.model.ts";
import { protocolRecordModel } from "../../services/protocol/protocol-record.model.ts";
import { smsRecordModel } from "../../services/sms/sms-record.model.ts";
import { verificationModel } from "../../services/verification-bridge/verification.model.ts";

/** Every collection with personal fields; a test compares the list with the models there are. */
export const PERSONAL_MODELS: readonly Model[] = [evidenceChain, deliveryModel, signingProcessModel, protocolRecordModel, smsRecordModel, verificationModel];
