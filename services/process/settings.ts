import { faultTogether, judgeLive, LIVE_SETTINGS, liveSetting, parseLive, textOfLive, type LiveName, type LiveValues } from "../../config/live-settings.ts";
import { failure, type FieldError } from "../../contract/errors.ts";
import { badField, cursorAt, pageLimit, readCursor } from "../../contract/paging.ts";
import type { ChangedSettings, ChangeSettingsParams, SettingChange, SettingsHistory, SettingsHistoryParams, SettingsView, StoredSettings } from "../../contract/settings.ts";
import { isoSeconds } from "../../contract/time.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { SettingVersion } from "./setting-version.model.ts";

/** What the owner of the settings needs. */
export interface SettingsDesk {
  versions: Collection<SettingVersion>;
  /** What holds where nobody has changed anything. */
  environment: LiveValues;
  now(): number;
}

/** How the present state is, for a node: null when it knows it. */
export async function storedSettings(on: SettingsDesk, known: number): Promise<StoredSettings | null> {
  const last = await lastOf(on);
  const version = last?.number ?? 0;
  return version === known ? null : { version, stored: last?.stored ?? {} };
}

/** Everything about them, for people. */
export const settingsView = async (on: SettingsDesk): Promise<SettingsView> => viewOf(on, await lastOf(on));

/**
 * Changes settings, all of them or none: judged by the parsers of the start and by sane bounds, stored as the next version.
 * @returns the settings as they are then; not changed when everything was like that already
 * @throws PARAM_INVALID naming each key; SETTINGS_CHANGED when somebody else was faster
 */
export async function changeSettings(on: SettingsDesk, { basedOn, changes, operator }: ChangeSettingsParams): Promise<ChangedSettings> {
  const wanted = judged(basedOn, changes);
  const last = await lastOf(on);
  const version = last?.number ?? 0;
  if (basedOn !== version) throw failure("SETTINGS_CHANGED");
  const stored = last?.stored ?? {};
  const made = [...wanted].map(([key, to]): SettingChange => ({ key, from: stored[key] ?? null, to })).filter(({ from, to }) => from !== to);
  if (made.length === 0) return { changed: false, settings: viewOf(on, last) };
  const becomes = after(stored, made);
  refuseTogether(on, becomes, made);
  const next: SettingVersion = {
    _id: String(version + 1),
    number: version + 1,
    at: new Date(on.now()),
    by: operator.name,
    reason: operator.reason,
    operationId: operator.id,
    changes: made,
    stored: becomes,
  };
  try {
    return { changed: true, settings: viewOf(on, await on.versions.insert(next)) };
  } catch (error) {
    throw isUniqueViolation(error) ? failure("SETTINGS_CHANGED") : error;
  }
}

/**
 * Every change there has been, the youngest first.
 * @throws PARAM_INVALID for a bad cursor or limit
 */
export async function settingsHistory(on: SettingsDesk, { after: cursor, limit: rows }: SettingsHistoryParams): Promise<SettingsHistory> {
  const limit = pageLimit(rows);
  const from = readCursor(cursor, /^\d{1,9}$/);
  const found = await on.versions.find({ number: from ? { $lt: Number(from[0]) } : { $gt: 0 } }, { sort: ["-number"], limit: limit + 1 });
  const items = found.slice(0, limit).map(({ number: version, at, by, reason, changes }) => ({ version, at: isoSeconds(at), by, reason, changes }));
  return { items, next: found.length > limit ? cursorAt(items.at(-1)!.version) : null };
}

const lastOf = async (on: SettingsDesk): Promise<SettingVersion | null> => (await on.versions.find({ number: { $gt: 0 } }, { sort: ["-number"], limit: 1 }))[0] ?? null;

/** New texts by key in the form in which they are stored; null for the environment's. */
function judged(basedOn: unknown, changes: unknown): Map<string, string | null> {
  if (!Number.isSafeInteger(basedOn) || (basedOn as number) < 0) throw badField("basedOn", "必填，应为所依据的配置版本号");
  if (typeof changes !== "object" || changes === null || Array.isArray(changes)) throw badField("changes", "必填，应为对象：配置项与其新值");
  const wanted = new Map<string, string | null>();
  const errors: FieldError[] = [];
  for (const [key, text] of Object.entries(changes)) {
    const setting = liveSetting(key);
    // An unknown name is not repeated: no answer holds what was sent.
    if (!setting) errors.push({ field: "changes", message: "含有不可在线更改的配置项" });
    else if (text === null) wanted.set(key, null);
    else {
      const judgement = judgeLive(setting, text);
      if (judgement.fault !== null) errors.push({ field: `changes.${key}`, message: judgement.fault });
      else wanted.set(key, judgement.text);
    }
  }
  if (errors.length) throw failure("PARAM_INVALID", { errors });
  if (wanted.size === 0) throw badField("changes", "至少应包含一个配置项");
  return wanted;
}

/** Only a change is judged: the environment may do more. @throws PARAM_INVALID naming each key that was changed and does not go with another */
function refuseTogether({ environment }: SettingsDesk, stored: Record<string, string>, made: SettingChange[]): void {
  const value = <K extends LiveName>(name: K): LiveValues[K] => {
    const setting = LIVE_SETTINGS.find((one) => one.name === name)!;
    try {
      const text = stored[setting.key];
      if (text !== undefined) return parseLive(setting, text) as LiveValues[K];
    } catch {
      // Stored by a newer platform: here the environment's holds.
    }
    return environment[name];
  };
  const wrong = faultTogether(value);
  const errors = made.filter(({ key }) => wrong?.keys.includes(key)).map(({ key }): FieldError => ({ field: `changes.${key}`, message: wrong!.fault }));
  if (errors.length) throw failure("PARAM_INVALID", { errors });
}

function after(stored: Record<string, string>, changes: SettingChange[]): Record<string, string> {
  const next = new Map(Object.entries(stored));
  for (const { key, to } of changes) {
    if (to === null) next.delete(key);
    else next.set(key, to);
  }
  return Object.fromEntries(next);
}

function viewOf({ environment }: SettingsDesk, last: SettingVersion | null): SettingsView {
  const stored = last?.stored ?? {};
  const fields = LIVE_SETTINGS.map((setting) => {
    const { key, label, type, doc, name } = setting;
    return { key, label, type, doc, default: textOfLive(setting, environment[name]) };
  });
  return {
    version: last?.number ?? 0,
    stored,
    values: Object.fromEntries(fields.map(({ key, default: text }) => [key, stored[key] ?? text])),
    fields,
    changedAt: last && isoSeconds(last.at),
    by: last && last.by,
  };
}
