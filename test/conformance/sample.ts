import type { Doc, Model } from "../../mixins/collection-types.ts";
import { createFieldCipher } from "../../mixins/storage/field-cipher.ts";

/** A collection with one of everything the contract speaks of. */
export interface Sample extends Doc {
  number: string;
  system?: string;
  status?: number;
  open?: boolean;
  at?: Date;
  /** Sparse. */
  dueAt?: Date | null;
  /** Sparse and unique. */
  alias?: string | null;
  body?: unknown;
  mobile?: string | null;
  born?: Date;
  contact?: unknown;
}

export const sampleModel: Model = {
  name: "sample",
  fields: {
    number: "string",
    system: "string",
    status: "number",
    open: "boolean",
    at: "date",
    dueAt: "date",
    alias: "string",
    body: "json",
    mobile: "string",
    born: "date",
    contact: "json",
  },
  indexes: [
    { fields: ["number"], unique: true },
    { fields: ["system", "status"] },
    { fields: ["status"] },
    { fields: ["open"] },
    { fields: ["at", "_id"] },
    { fields: ["dueAt"], sparse: true },
    { fields: ["alias"], unique: true, sparse: true },
  ],
  personal: ["mobile", "born", "contact"],
  blind: ["mobile"],
};

export const pairModel: Model = {
  name: "pair",
  fields: { left: "string", right: "string" },
  indexes: [{ fields: ["left", "right"], unique: true }],
};

export const FIRST_KEY = { kid: "k1", key: Buffer.alloc(32, 1) };
export const SECOND_KEY = { kid: "k2", key: Buffer.alloc(32, 2) };
export const cipher = createFieldCipher([FIRST_KEY]);
