import type { SigningEvent } from "../../contract/events.ts";
import { statusOf } from "./decision.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/**
 * The outcome as §2.2.2 and CONTRACT.md §3.3 have it; the same for every repeat but for the chain's head.
 * @param chainHead hash of the chain's last event, hex: whoever keeps the callback can tell a later rewrite of the chain
 */
export function signingEvent(process: SigningProcess, chainHead: string): SigningEvent {
  const status = statusOf(process);
  const completed = status === "COMPLETED";
  const ended = process.history.at(-1)!;
  return {
    eventId: process.eventId,
    type: completed ? "SIGNING_PROCESS_COMPLETED" : "SIGNING_PROCESS_FAILED",
    timestamp: ended.at,
    payload: {
      processId: process.processId,
      requestId: process.requestId,
      businessType: process.businessType,
      scene: process.scene,
      processType: process.processType,
      status: completed ? "COMPLETED" : "FAILED",
      ...(completed ? {} : { processStatus: status as "FAILED" | "EXPIRED", failureCode: process.failureCode!, failureReason: process.failureReason! }),
      payerMerchantNo: process.payerMerchantNo,
      payeeMerchantNo: process.payeeMerchantNo,
      protocolId: process.signedAt ? process.protocolId : null,
      verificationId: process.verificationId,
      fundPurpose: process.fundPurpose,
    },
    evidence: { chainHead, checkpoint: null },
  };
}
