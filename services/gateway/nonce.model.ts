import type { Doc, Model } from "../../mixins/collection-types.ts";

/** A nonce that a verified request used up (CONTRACT.md §2.3). `_id` is caller, key and nonce. */
export interface Nonce extends Doc {
  usedAt: Date;
}

export const nonceModel: Model = {
  name: "nonce",
  fields: { usedAt: "date" },
  indexes: [{ fields: ["usedAt"] }],
};
