import type { Doc, Model } from "../../mixins/collection-types.ts";

/** What became of one try. The words below FAILED say why nothing could be sent. */
export type TryOutcome = "DELIVERED" | "REFUSED" | "GONE" | "FAILED" | "HOST_NOT_ALLOWED" | "ADDRESS_NOT_ALLOWED" | "NO_SECRET";

export interface DeliveryAttempt {
  /** ISO time of the try's end. */
  at: string;
  outcome: TryOutcome;
  /** HTTP status; null when no answer came. */
  status: number | null;
}

/** A fact for the chain that has not been appended yet. `number` is that of the try it tells of. */
export interface OwedCallbackEvidence {
  number: number;
  at: string;
  outcome: "DELIVERED" | "PARKED";
  httpStatus: number | null;
}

/** The way of one event to its wallet; `_id` is `eventId`. */
export interface DeliveryRecord extends Doc {
  processId: string;
  systemCode: string;
  businessId: string;
  callbackUrl: string;
  /** PARKED: the schedule is used up or the wallet said 410; an operator replays it. */
  state: "PENDING" | "DELIVERED" | "PARKED";
  attempts: DeliveryAttempt[];
  /** How many of the attempts belong to earlier rounds; the schedule counts from here. */
  roundFrom: number;
  /** When the next try is due, or when the lease of the running one ends; absent when no more will be made. */
  nextAt?: Date;
  /** The try was put off because too many wait for its host; now it goes before those that have only become due. */
  putOff?: boolean;
  evidenceOwed: OwedCallbackEvidence[];
  /** When the owed evidence is to be appended; absent when none is owed. */
  owedAt?: Date;
  /** Also its place in the wallet's feed. */
  createdAt: Date;
}

export const deliveryModel: Model = {
  name: "delivery",
  fields: {
    processId: "string",
    systemCode: "string",
    businessId: "string",
    callbackUrl: "string",
    state: "string",
    attempts: "json",
    roundFrom: "number",
    nextAt: "date",
    putOff: "boolean",
    evidenceOwed: "json",
    owedAt: "date",
    createdAt: "date",
  },
  indexes: [{ fields: ["nextAt"], sparse: true }, { fields: ["owedAt"], sparse: true }, { fields: ["state", "createdAt", "_id"] }, { fields: ["systemCode", "createdAt", "_id"] }],
  // A wallet may have put a key of its own into the address.
  personal: ["callbackUrl"],
};
