import type { FailureCode } from "./vocabulary.ts";

/** The outcome of a process as wallet and bus see it (§2.2.2, CONTRACT.md §3.3). Holds no personal data. */
export interface SigningEvent {
  eventId: string;
  type: "SIGNING_PROCESS_COMPLETED" | "SIGNING_PROCESS_FAILED";
  /** ISO 8601 UTC, no fractions. */
  timestamp: string;
  payload: {
    processId: string;
    requestId: string;
    businessType: string;
    scene: string;
    processType: string;
    status: "COMPLETED" | "FAILED";
    processStatus?: "FAILED" | "EXPIRED";
    failureCode?: FailureCode;
    failureReason?: string;
    payerMerchantNo: string;
    payeeMerchantNo: string | null;
    protocolId: string | null;
    verificationId: string | null;
    fundPurpose: string;
  };
  evidence: { chainHead: string; checkpoint: null };
}

/** Names on the bus: broadcast, hints only; the database and the wallet callback are the truth (CONTRACT.md §4). */
export const SIGNING_COMPLETED = "signing.completed";
export const SIGNING_FAILED = "signing.failed";
export const VERIFICATION_COMPLETED = "verification.completed";
/** An operator has changed settings; who hears it asks what is in force. */
export const SETTINGS_CHANGED = "settings.changed";
