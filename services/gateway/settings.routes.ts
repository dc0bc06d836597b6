import type { ChangedSettings, SettingsHistory, SettingsView } from "../../contract/settings.ts";
import { adminOperation, type AdminParts } from "./admin-operation.ts";
import { paging } from "./admin-query.ts";
import { routes } from "./exchange.ts";

const READ = { timeout: 8_000 };
const CHANGE = { timeout: 12_000 };
const TARGET = (): string => "settings";

/** Settings that change while the platform runs (§7.3 配置中心); their owner judges and keeps them. */
export function settingsRoutes(parts: AdminParts): Record<string, unknown> {
  const operation = adminOperation(parts);
  return routes("admin-settings", "/api/admin/v1", {
    "GET settings": operation("settings.show", { target: TARGET }, async ({ ctx }) => {
      const settings = await ctx.call<SettingsView, object>("process.settings", {}, READ);
      return { message: "查询成功", data: shown(settings) };
    }),
    "GET settings/history": operation("settings.history", { target: TARGET }, async ({ req, ctx }) => {
      const data = await ctx.call<SettingsHistory, object>("process.settingsHistory", paging(req), READ);
      return { message: "查询成功", data };
    }),
    "POST settings": operation("settings.change", { changes: true, roles: ["operator"], target: TARGET }, async ({ ctx }, operator, { basedOn, changes }) => {
      const { changed, settings } = await ctx.call<ChangedSettings, object>("process.changeSettings", { basedOn, changes, operator }, CHANGE);
      return { message: changed ? "配置已更改" : "与现有配置相同，未作更改", data: shown(settings) };
    }),
  });
}

const shown = ({ version, values, fields, changedAt, by, stored }: SettingsView) => ({ version, values, changed: Object.keys(stored), fields, changedAt, by });
