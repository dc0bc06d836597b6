/* The settings that may change while the platform runs: what holds, changing it with a preview of what changes, and who changed what. */
import { get, post, trouble } from "./api.js";
import { flash, operate } from "./dialog.js";
import { button, card, el, field, fill, heading, input, notice, waiting } from "./elements.js";
import { can } from "./session.js";
import { pagedTable, table } from "./table.js";
import { moment } from "./wording.js";

const shown = (value) => (value === null || value === undefined || value === "" ? "（默认）" : String(value));

const HISTORY = [
  { label: "版本", cell: ({ version }) => `第 ${version} 版` },
  { label: "时间", cell: ({ at }) => moment(at) },
  { label: "操作人", cell: ({ by }) => by ?? "—" },
  { label: "更改", cell: ({ changes }) => el("ul", { class: "plain" }, (changes ?? []).map(({ key, from, to }) => el("li", {}, [el("strong", {}, key), ` ${shown(from)} → ${shown(to)}`]))) },
  { label: "理由", cell: ({ reason }) => reason ?? "—" },
];

export function settingsView() {
  const root = el("div", {}, waiting());
  const history = pagedTable({ caption: "参数的更改历史", columns: HISTORY, load: (after) => get("settings/history", { after }), nothing: "还没有更改过。" });
  const told = notice();

  async function load() {
    const result = await get("settings");
    if (!result.ok) {
      fill(root, [heading("参数配置"), told.root]);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    fill(root, partsOf(result.data));
  }

  function partsOf(settings) {
    const { version, values, fields, changedAt, by } = settings;
    const rows = fields.map((each) => ({ ...each, value: values[each.key], control: input(`setting-${each.key}`, { value: values[each.key] ?? "", maxlength: "200", readonly: !can("operator") }) }));
    const made = rows.map((row) => {
      const line = field(row.label, row.control, { hint: `${row.doc}${row.default === undefined || row.default === null ? "" : ` 环境给出的值：${row.default}。`}` });
      line.root.append(el("p", { class: "soft" }, el("code", { class: "code" }, row.key)));
      return { ...row, line };
    });

    function change(event) {
      event.preventDefault();
      told.clear();
      for (const { line } of made) line.clear();
      const changed = made.filter(({ control, value }) => control.value.trim() !== String(value ?? ""));
      if (changed.length === 0) return told.say("info", "没有更改。");
      const rowsOf = changed.map(({ key, label, value, control }) => ({ key, label, from: value, to: control.value.trim() }));
      operate({
        title: "更改参数",
        lines: [
          "更改在数秒内对所有节点生效，只影响此后的操作。",
          table("将要更改的参数", [
            { label: "参数", cell: ({ label, key }) => el("div", {}, [label, el("span", { class: "under" }, key)]) },
            { label: "现在", cell: ({ from }) => shown(from) },
            { label: "改为", cell: ({ to }) => (to === "" ? "恢复环境给出的值" : to) },
          ], rowsOf).root,
        ],
        label: "确认更改",
        act: async (reason) => {
          const result = await post("settings", { basedOn: version, changes: Object.fromEntries(rowsOf.map(({ key, to }) => [key, to === "" ? null : to])), reason });
          const wrong = result.errors.filter(({ field: where }) => made.some(({ key }) => where === key || where === `changes.${key}`));
          for (const { field: where, message } of wrong) made.find(({ key }) => where.endsWith(key)).line.fail(message);
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
      heading("参数配置", { lead: ["运行中可以更改的参数，现为第 ", version, " 版", by && `，由 ${by} 更改于 `, by && moment(changedAt), "。"] }),
      told.root,
      el("form", { onsubmit: change, novalidate: true }, [
        card("参数", el("div", { class: "settings" }, made.map(({ line }) => line.root))),
        can("operator") ? el("div", { class: "actions" }, [el("button", { type: "submit", class: "button button-main" }, "查看更改并确认"), button("放弃更改", load)]) : el("p", { class: "soft" }, "您的角色只能查看参数。"),
      ]),
      card("更改历史", history.root),
    ];
  }
  return { title: "参数配置", root, ready: Promise.all([load(), history.ready]) };
}
