import type { Doc, Model } from "../../mixins/collection-types.ts";
import type { EvidenceType } from "../../contract/vocabulary.ts";

/** One event of a process's chain (§3.1 `evidence_chain`; the chain's own fields beside the client's). Never changed, only erased. */
export interface EvidenceEvent extends Doc {
  processId: string;
  seq: number;
  evidenceType: EvidenceType;
  evidenceKey: string;
  /** Null once erased, together with the salt. */
  evidenceData: Record<string, unknown> | null;
  salt: string | null;
  /** ISO text and not a Date: these very characters are hashed. */
  at: string;
  prev: string;
  dataHash: string;
  hash: string;
  /** The wallet system the process belongs to; on the first event only. */
  systemCode?: string;
  createdAt: Date;
}

/** Sorts like the numbers do up to 999 999 events. */
export const eventId = (processId: string, seq: number): string => `${processId}:${String(seq).padStart(6, "0")}`;

export const evidenceChain: Model = {
  name: "evidence_chain",
  fields: {
    processId: "string",
    seq: "number",
    evidenceType: "string",
    evidenceKey: "string",
    evidenceData: "json",
    salt: "string",
    at: "string",
    prev: "string",
    dataHash: "string",
    hash: "string",
    systemCode: "string",
    createdAt: "date",
  },
  indexes: [
    { fields: ["processId"] },
    // Whoever writes a number first owns it: this index is the compare-and-set on the head of the chain.
    { fields: ["processId", "seq"], unique: true },
    { fields: ["processId", "evidenceKey"], unique: true },
  ],
  personal: ["evidenceData", "salt"],
};
