import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { loadModeRules } from "../../config/verification-rules.ts";
import { SETTINGS_CHANGED } from "../../contract/events.ts";
import type { ChangedSettings, ChangeSettingsParams, SettingsHistory, SettingsHistoryParams, SettingsView, StoredSettings } from "../../contract/settings.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { settingsOf, type ByLiveSettings } from "../../mixins/settings-in-force.ts";
import type { SettingVersion } from "./setting-version.model.ts";
import { changeSettings, settingsHistory, settingsView, storedSettings, type SettingsDesk } from "./settings.ts";

interface SettingsOwner extends Service, ByLiveSettings {
  collections: { settings: Collection<SettingVersion> };
  settingsDesk: SettingsDesk;
}

/**
 * Mixin of the process service, which owns the settings that may change while the platform runs. Listed before its collections, so that
 * it starts behind them and can read them; every other service of the node waits for that.
 */
export const settingsOwner = {
  actions: {
    /** With `known` a node asks whether anything has changed; without it everything is told, for people. */
    settings(this: SettingsOwner, ctx: Context<{ known?: number }>): Promise<StoredSettings | SettingsView | null> {
      const { known } = ctx.params;
      return known === undefined ? settingsView(this.settingsDesk) : storedSettings(this.settingsDesk, known);
    },
    settingsHistory(this: SettingsOwner, ctx: Context<SettingsHistoryParams>): Promise<SettingsHistory> {
      return settingsHistory(this.settingsDesk, ctx.params);
    },
    async changeSettings(this: SettingsOwner, ctx: Context<ChangeSettingsParams>): Promise<ChangedSettings> {
      const outcome = await changeSettings(this.settingsDesk, ctx.params);
      if (outcome.changed) {
        // In force here before it is answered; elsewhere by the event or, when that is lost, by the next asking.
        await this.inForce.look();
        await this.broker.broadcast(SETTINGS_CHANGED);
      }
      return outcome;
    },
  },
  events: {
    [SETTINGS_CHANGED](this: SettingsOwner) {
      return this.inForce.look();
    },
  },
  created(this: SettingsOwner) {
    this.inForce = settingsOf(this.broker);
    this.inForce.expectOwner();
    this.settingsDesk = {
      versions: this.collections.settings,
      environment: { ...config, verificationRules: loadModeRules(config.verificationRulesFile) },
      now: clock.now,
    };
  },
  async started(this: SettingsOwner) {
    await this.inForce.ownedBy((known) => storedSettings(this.settingsDesk, known));
    await this.inForce.begin();
  },
  stopped(this: SettingsOwner) {
    this.inForce.end();
  },
} as unknown as Partial<ServiceSchema>;
