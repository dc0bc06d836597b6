import { nullable, object, text, time, word } from "./pieces.ts";

/** Settings that change while the platform runs (§7.3 配置中心). */

const string = (description: string) => ({ type: "string", description });
const version = { type: "integer", minimum: 0, description: "配置版本号；从未更改过为 0" };

export const settingsChangeSchema = object(
  {
    basedOn: { ...version, description: "所依据的配置版本号；已有更新的版本时返回 409" },
    changes: { type: "object", description: "配置项与其新值（文本）；null 表示恢复为环境变量的值" },
    reason: text(200, "操作理由；永久保存，不得包含手机号、证件号或银行卡号"),
  },
  undefined,
  "更改配置：全部生效或全部不生效",
);

const field = object(
  {
    key: string("配置项，与环境变量同名"),
    label: string("名称"),
    type: word(["duration", "switch", "rate", "durations", "rules"], "值的形式"),
    doc: string("含义，以及何时生效"),
    default: string("环境变量的值"),
  },
  undefined,
  "一个配置项",
);

export const settings = object(
  {
    version,
    values: { type: "object", description: "各配置项现行的值" },
    changed: { type: "array", items: string("配置项"), description: "由操作人员更改过、不同于环境变量的配置项" },
    fields: { type: "array", items: field, description: "可在线更改的配置项" },
    changedAt: nullable(time("最近一次更改的时间")),
    by: nullable(string("最近一次更改的操作人")),
  },
  undefined,
  "现行配置",
);

const change = object({ key: string("配置项"), from: nullable(string("原值；null 为环境变量的值")), to: nullable(string("新值；null 为环境变量的值")) }, undefined, "一处更改");

export const settingsHistory = object(
  {
    items: { type: "array", items: object({ version, at: time("时间"), by: string("操作人"), reason: string("理由"), changes: { type: "array", items: change, description: "更改内容" } }, undefined, "一次更改") },
    next: nullable(string("下一页的 after；没有更多时为 null")),
  },
  undefined,
  "配置更改历史，最近的在前",
);
