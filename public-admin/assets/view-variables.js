/* The variables that a template may use. */
import { get, trouble } from "./api.js";
import { el, fill, heading, notice, waiting } from "./elements.js";
import { table } from "./table.js";
import { templateTabs } from "./templates-data.js";
import { kindText } from "./wording.js";

const TYPES = { text: "文字", flag: "是否", list: "列表" };

/** How a variable is written. */
export function spelling({ name, type, fields }) {
  if (type === "flag") return `<% if (${name}) { %> … <% } %>`;
  if (type === "list") return `<% for (const x of ${name}) { %> … <%= x.${fields?.[0]?.name ?? "…"} %> … <% } %>`;
  return `<%= ${name} %>`;
}

const COLUMNS = [
  { label: "变量", brief: true, cell: ({ name }) => el("code", { class: "code row-name" }, name) },
  { label: "含义", roomy: true, cell: ({ label, fields }) => el("div", {}, [label, fields?.length > 0 && el("span", { class: "under" }, fields.map((each) => `${each.name} ${each.label}`).join("；"))]) },
  { label: "类型", brief: true, cell: ({ type }) => TYPES[type] ?? type },
  { label: "用于", brief: true, cell: ({ kinds }) => (kinds ?? []).map(kindText).join("、") },
  { label: "写法", cell: (row) => el("code", { class: "code" }, spelling(row)) },
];

export function variablesView() {
  const body = el("div", {}, waiting());
  const told = notice();
  async function load() {
    const result = await get("templates/variables");
    if (!result.ok) {
      fill(body, []);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    fill(body, table("模板可用的变量", COLUMNS, result.data.items).root);
  }
  return {
    title: "可用变量",
    root: el("div", {}, [heading("可用变量", { lead: "模板只能在正文文字中使用这些变量；变量的内容一律按纯文字显示。" }), templateTabs("variables"), told.root, body]),
    ready: load(),
  };
}
