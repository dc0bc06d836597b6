import type { Doc, Model } from "../../mixins/collection-types.ts";

/** Somebody who has shown an admin key and is at work since. `_id` is the SHA-256 of the token: whoever reads this collection gets no token from it. */
export interface AdminSession extends Doc {
  /** The key's name; what its holder may do is read from the key at each call. */
  name: string;
  /** Tells the key from a later one under the same name. */
  keyPrint: string;
  /** At its last use, to about a minute. */
  usedAt: Date;
  /** When it ends unless it is used again. */
  goneAt: Date;
  /** When it ends however much it is used. */
  endsAt: Date;
}

export const adminSessionModel: Model = {
  name: "admin_session",
  fields: { name: "string", keyPrint: "string", usedAt: "date", goneAt: "date", endsAt: "date" },
  indexes: [{ fields: ["goneAt"] }],
};
