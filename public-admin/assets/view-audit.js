/* Who did what, when, why, and what became of it. */
import { get } from "./api.js";
import { badge, el, field, heading, input } from "./elements.js";
import { pagedTable } from "./table.js";
import { actionText, code, moment } from "./wording.js";

const COLUMNS = [
  { label: "时间", brief: true, cell: ({ at }) => moment(at) },
  { label: "操作人", cell: ({ name, via, address }) => el("div", {}, [el("span", { class: "row-name" }, name), el("span", { class: "under" }, via === "CONSOLE" ? "命令行" : (address ?? ""))]) },
  { label: "操作", cell: ({ action, detail }) => el("div", {}, [actionText(action), el("span", { class: "under" }, [action, detail && ` · ${detail}`])]) },
  { label: "对象", roomy: true, cell: ({ target }) => (target ? code(target) : "—") },
  { label: "理由", roomy: true, cell: ({ reason }) => reason ?? "—" },
  { label: "结果", cell: ({ outcome }) => (outcome === null ? badge("amber", "执行中") : outcome === "SUCCESS" ? badge("green", "成功") : el("div", {}, [badge("red", "未成功"), el("span", { class: "under" }, code(outcome))])) },
];

export function auditView() {
  const wanted = { name: "", target: "" };
  const name = input("name", { maxlength: "64" });
  const target = input("target", { maxlength: "64" });
  const list = pagedTable({ caption: "操作审计", columns: COLUMNS, load: (after) => get("audit", { ...wanted, after }), nothing: "没有符合条件的记录。" });
  function look(event) {
    event.preventDefault();
    Object.assign(wanted, { name: name.value.trim(), target: target.value.trim() });
    void list.reload();
  }
  const filters = el("form", { class: "filters", role: "search", "aria-label": "筛选审计", onsubmit: look }, [field("操作人", name).root, el("div", { class: "field-wide" }, field("对象（流程号、事件号、模板代码等）", target).root), el("button", { type: "submit", class: "button button-plain" }, "筛选")]);
  return { title: "操作审计", root: el("div", {}, [heading("操作审计", { lead: "每一次查看和更改，由谁、从哪里、为什么；记录只增不改。" }), filters, list.root]), ready: list.ready };
}
