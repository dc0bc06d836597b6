import { Schema } from "mongoose";
import type { FieldType, Model } from "../collection-types.ts";
import { NULLS } from "./mongo-document.ts";

const TYPES: Record<FieldType, unknown> = { string: String, number: Number, boolean: Boolean, date: Date, json: String };

/**
 * The mongoose schema of a stored model: its fields and nothing of mongoose's own (`__v`, defaults, getters). Indexes are not its
 * business: mongoose would build them some time after the start and keep a failure to itself.
 */
export function mongooseSchema(model: Model): Schema {
  const fields = Object.entries(model.fields).map(([field, type]) => [field, { type: TYPES[type] }]);
  return new Schema(
    { _id: { type: String, required: true }, version: { type: Number, required: true }, [NULLS]: { type: [String], default: undefined }, ...Object.fromEntries(fields) },
    {
      collection: model.name,
      strict: "throw",
      strictQuery: "throw",
      versionKey: false,
      id: false,
      minimize: false,
      autoIndex: false,
      autoCreate: false,
      bufferCommands: false,
      suppressReservedKeysWarning: true,
    },
  );
}
