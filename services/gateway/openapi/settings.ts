import * as schemas from "../../../contract/schemas/settings.ts";
import type { Operations } from "./operation.ts";

export const settingsSchemas: Readonly<Record<string, object>> = { Settings: schemas.settings, SettingsChange: schemas.settingsChangeSchema, SettingsHistory: schemas.settingsHistory };

/** Settings that change while the platform runs (§7.3 配置中心). */
export const settingsOperations: Operations = {
  "GET /api/admin/v1/settings": {
    caller: "admin",
    operationId: "showSettings",
    summary: "现行配置",
    description: "可在线更改的配置项及其现行的值。初始值来自环境变量。",
    answer: { message: "查询成功", data: "Settings" },
  },
  "POST /api/admin/v1/settings": {
    caller: "admin",
    operationId: "changeSettings",
    summary: "更改配置",
    description: "5 秒内在所有节点生效。流程中已固定的内容（截止时间、协议、验证码要求）不受影响。操作人与理由写入审计与更改历史。",
    body: "SettingsChange",
    examples: { window: { summary: "延长签署期限", value: { basedOn: 0, changes: { SIGN_WINDOW: "48h" }, reason: "节假日延长签署期限" } } },
    answer: { message: "配置已更改", data: "Settings" },
    refusals: ["SETTINGS_CHANGED"],
  },
  "GET /api/admin/v1/settings/history": {
    caller: "admin",
    operationId: "settingsHistory",
    summary: "配置更改历史",
    query: ["after", "limit"],
    answer: { message: "查询成功", data: "SettingsHistory" },
    refusals: ["PARAM_INVALID"],
  },
};
