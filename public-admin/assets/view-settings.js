/* The settings that may change while the platform runs: what holds, changing it with a preview of what changes, and who changed what. */
import { get, post, trouble } from "./api.js";
import { flash, operate } from "./dialog.js";
import { badge, button, card, el, field, fill, heading, input, notice, select, waiting } from "./elements.js";
import { can } from "./session.js";
import { pagedTable, table } from "./table.js";
import { code, moment } from "./wording.js";

const FORMATS = "时长写作 8s、30m、24h、7d（秒、分、时、天）；次数上限写作 60/m、10/24h（每分钟 60 次、每 24 小时 10 次），off 为不限。";
const SWITCH = { on: "开", off: "关" };
const shown = (value, type) => (value === null ? "部署默认值" : type === "switch" ? (SWITCH[value] ?? value) : value);

/** A text area shows one rule on each line; what is sent is the same JSON without the line breaks. */
const pretty = (rules) => rules.replaceAll("},{", "},\n{");
const plain = (rules) => rules.replace(/\s*\n\s*/g, "").trim();

function controlOf({ key, type, default: environment }, value) {
  const id = `setting-${key}`;
  const fixed = !can("operator");
  if (type === "switch") return select(id, [...Object.entries(SWITCH), ["", `恢复部署默认值（${shown(environment, type)}）`]], value, { disabled: fixed });
  if (type !== "rules") return input(id, { value, maxlength: "200", readonly: fixed });
  const area = el("textarea", { id, class: "input", rows: "5", spellcheck: "false", readonly: fixed });
  area.value = pretty(value);
  return area;
}

/** @param fields the settings by key, for their Chinese names */
const historyColumns = (fields) => [
  { label: "版本", cell: ({ version }) => `第 ${version} 版` },
  { label: "时间", cell: ({ at }) => moment(at) },
  { label: "操作人", cell: ({ by }) => by ?? "—" },
  { label: "更改", cell: ({ changes }) => el("ul", { class: "plain" }, (changes ?? []).map(({ key, from, to }) => el("li", {}, [el("strong", {}, fields.get(key)?.label ?? key), ` ${shown(from, fields.get(key)?.type)} → ${shown(to, fields.get(key)?.type)}`]))) },
  { label: "理由", cell: ({ reason }) => reason ?? "—" },
];

export function settingsView() {
  const root = el("div", {}, waiting());
  const told = notice();
  const known = new Map();
  const loaded = load();
  const history = pagedTable({ caption: "参数的更改历史", columns: historyColumns(known), load: (after) => loaded.then(() => get("settings/history", { after })), nothing: "还没有更改过。" });

  async function load() {
    const result = await get("settings");
    if (!result.ok) {
      fill(root, [heading("参数配置"), told.root]);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    for (const setting of result.data.fields) known.set(setting.key, setting);
    fill(root, partsOf(result.data));
  }

  function partsOf(settings) {
    const { version, values, fields, changed: own, changedAt, by } = settings;
    const made = fields.map((setting) => {
      const value = values[setting.key];
      const control = controlOf(setting, value);
      const line = field([setting.label, own.includes(setting.key) && [" ", badge("blue", "已更改")]], control, { hint: `${setting.doc}。` });
      line.root.append(el("p", { class: "soft" }, [code(setting.key), " 部署默认值：", setting.type === "rules" ? pretty(setting.default) : shown(setting.default, setting.type)]));
      line.root.classList.toggle("field-whole", setting.type === "rules");
      return { ...setting, value, control, line, now: () => (setting.type === "rules" ? plain(control.value) : control.value.trim()) };
    });

    function change(event) {
      event.preventDefault();
      told.clear();
      for (const { line } of made) line.clear();
      const changed = made.filter(({ now, value }) => now() !== value);
      if (changed.length === 0) return told.say("info", "没有更改。");
      const rowsOf = changed.map(({ key, label, type, value, now }) => ({ key, label, type, from: value, to: now() }));
      operate({
        title: "更改参数",
        lines: [
          "更改在 5 秒内对所有节点生效，只影响此后的操作。",
          table("将要更改的参数", [
            { label: "参数", cell: ({ label, key }) => el("div", {}, [label, el("span", { class: "under" }, key)]) },
            { label: "现在", cell: ({ from, type }) => shown(from, type) },
            { label: "改为", cell: ({ to, type }) => shown(to === "" ? null : to, type) },
          ], rowsOf).root,
        ],
        label: "确认更改",
        act: async (reason) => {
          const result = await post("settings", { basedOn: version, changes: Object.fromEntries(rowsOf.map(({ key, to }) => [key, to === "" ? null : to])), reason });
          for (const { field: where, message } of result.errors) made.find(({ key }) => where === `changes.${key}`)?.line.fail(message);
          return result;
        },
        done: ({ message }) => {
          flash(message);
          void load().then(() => root.querySelector("h1").focus());
          void history.reload();
        },
      });
    }

    return [
      heading("参数配置", { lead: version === 0 ? "运行中可以更改的参数。尚未更改过，以下都是部署默认值。" : ["运行中可以更改的参数。最近由 ", by, " 更改于 ", moment(changedAt), `（第 ${version} 版）；清空一项即恢复部署默认值。`] }),
      told.root,
      el("form", { onsubmit: change, novalidate: true }, [
        card("参数", [el("p", { class: "soft" }, FORMATS), el("div", { class: "settings" }, made.map(({ line }) => line.root))]),
        can("operator") ? el("div", { class: "actions" }, [el("button", { type: "submit", class: "button button-main" }, "查看更改并确认"), button("放弃更改", load)]) : el("p", { class: "soft" }, "您的角色只能查看参数。"),
      ]),
      card("更改历史", history.root),
    ];
  }
  return { title: "参数配置", root, ready: Promise.all([loaded, history.ready]) };
}
