import type { Operator } from "./operator.ts";
import type { Page, PageParams } from "./paging.ts";

/** Settings that may change while the platform runs (§7.3 配置中心), as their owner, the process service, tells of them. */

/** `process.settings {known}` answers this to a node, or null where `known` is the present version. */
export interface StoredSettings {
  /** Counts changes from 1; 0 before the first. */
  version: number;
  /** Texts that operators have set, by key; for all others the environment's hold. */
  stored: Record<string, string>;
}
/** One setting as the console shows it. */
export interface SettingField {
  key: string;
  label: string;
  type: "duration" | "switch" | "rate" | "durations" | "rules";
  doc: string;
  /** The environment's text. */
  default: string;
}
/** `process.settings {}` answers this. */
export interface SettingsView extends StoredSettings {
  /** Texts in force, by key. */
  values: Record<string, string>;
  fields: SettingField[];
  /** ISO; null before the first change. */
  changedAt: string | null;
  by: string | null;
}

/** `process.changeSettings`. */
export interface ChangeSettingsParams {
  /** As they came; judged by the owner. `changes`: new texts by key, null for the environment's. */
  basedOn: unknown;
  changes: unknown;
  operator: Operator;
}
/** `changed` is false when everything was like that already. */
export interface ChangedSettings {
  changed: boolean;
  settings: SettingsView;
}

/** From one text to another; null is the environment's. */
export interface SettingChange {
  key: string;
  from: string | null;
  to: string | null;
}
export interface SettingsVersion {
  version: number;
  at: string;
  by: string;
  reason: string;
  changes: SettingChange[];
}
/** `process.settingsHistory` answers the youngest first. */
export type SettingsHistory = Page<SettingsVersion>;
export type SettingsHistoryParams = PageParams;
