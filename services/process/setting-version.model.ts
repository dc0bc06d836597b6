import type { SettingChange } from "../../contract/settings.ts";
import type { Doc, Model } from "../../mixins/collection-types.ts";

/**
 * One change of settings. Never altered: what is in force is the last one. `_id` is its number, so of two changes made from the same
 * state the unique key lets one through.
 */
export interface SettingVersion extends Doc {
  number: number;
  at: Date;
  by: string;
  reason: string;
  /** The audit's. */
  operationId: string;
  changes: SettingChange[];
  /** All that operators have set, as it is from here on. */
  stored: Record<string, string>;
}

export const settingVersionModel: Model = {
  name: "setting_version",
  fields: { number: "number", at: "date", by: "string", reason: "string", operationId: "string", changes: "json", stored: "json" },
  indexes: [{ fields: ["number"], unique: true }],
};
