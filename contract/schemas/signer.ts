import { nullable, text } from "./pieces.ts";

/** Any text: one that is not this agreement's hash is 409, whatever it looks like (CONTRACT.md §2.4). */
const protocolHash = { type: "string", maxLength: 256 };

/** `POST /h5/api/open`. */
export const openSchema = {
  type: "object",
  additionalProperties: false,
  required: ["protocolHash"],
  properties: { protocolHash },
};

/** `POST /h5/api/sign`: only the hash's presence is a matter of form; what is missing of the reading is 422, not 400. */
export const signSchema = {
  type: "object",
  additionalProperties: false,
  required: ["protocolHash"],
  properties: {
    protocolHash,
    smsCode: nullable({ type: "string", maxLength: 16 }),
    keyClauses: nullable({ type: "array", maxItems: 64, items: { type: "string", maxLength: 64 } }),
    scrolledToEnd: nullable({ type: "boolean" }),
    consent: nullable({ type: "boolean" }),
  },
};

/** `POST /h5/api/decline` and the wallet's cancel. */
export const reasonSchema = {
  type: "object",
  additionalProperties: false,
  required: ["reason"],
  properties: { reason: text(200) },
};

/** `POST /h5/api/verification/remittance` (CONTRACT.md §2.4); the remark is trimmed and NFKC-normalised before it is measured. */
export const answerSchema = {
  type: "object",
  additionalProperties: false,
  required: ["amount", "remark"],
  properties: {
    amount: { type: "string", format: "amount" },
    remark: { type: "string", format: "visible-text", minLength: 1, maxLength: 64 },
  },
};
