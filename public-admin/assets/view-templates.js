/* All versions of all templates. */
import { get } from "./api.js";
import { el, field, heading, input, linkButton, select } from "./elements.js";
import { pagedTable } from "./table.js";
import { hrefOf, mayWrite, templateTabs } from "./templates-data.js";
import { KIND_OPTIONS, kindText, moment, placeText, STATE_OPTIONS, stateBadge } from "./wording.js";

/** What was last looked for, while the page is open. */
const wanted = { kind: "", code: "", state: "" };

const COLUMNS = [
  { label: "模板", cell: (row) => el("div", {}, [el("a", { class: "row-name", href: hrefOf(row) }, row.name || row.code), el("span", { class: "under" }, row.code)]) },
  { label: "版本", brief: true, cell: ({ kind, version }) => el("div", {}, [kindText(kind), el("span", { class: "under" }, `第 ${version} 版`)]) },
  { label: "适用范围", cell: (row) => placeText(row) },
  { label: "状态", brief: true, cell: (row) => el("div", {}, [stateBadge(row.state), row.state === "SCHEDULED" && el("span", { class: "under" }, [moment(row.activeFrom), " 起"])]) },
  { label: "起草 / 审批", cell: ({ author, approver, origin }) => (origin === "BUILT_IN" ? author : el("div", {}, [author, el("span", { class: "under" }, approver ? `审批 ${approver}` : "尚未审批")])) },
  { label: "提交时间", brief: true, cell: ({ createdAt }) => moment(createdAt) },
];

export function templatesView() {
  const kind = select("kind", [["", "全部类型"], ...KIND_OPTIONS], wanted.kind);
  const state = select("state", [["", "全部状态"], ...STATE_OPTIONS], wanted.state);
  const code = input("code", { maxlength: "64", value: wanted.code });
  const list = pagedTable({
    caption: "协议模板的所有版本",
    columns: COLUMNS,
    load: (after) => get("templates", { ...wanted, after }),
    nothing: "没有符合条件的模板。",
  });
  const look = (event) => {
    event?.preventDefault();
    Object.assign(wanted, { kind: kind.value, state: state.value, code: code.value.trim() });
    void list.reload();
  };
  kind.addEventListener("change", look);
  state.addEventListener("change", look);
  const filters = el("form", { class: "filters", role: "search", "aria-label": "筛选模板", onsubmit: look }, [
    field("类型", kind).root,
    field("状态", state).root,
    field("模板代码", code).root,
    el("button", { type: "submit", class: "button button-plain" }, "筛选"),
  ]);
  return {
    title: "协议模板",
    root: el("div", {}, [
      heading("协议模板", { lead: "每个版本一经提交不再改变；经他人批准并启用后，新发起的流程使用新版本，进行中的流程沿用原版本。", actions: mayWrite() ? [linkButton("上传新版本", "#/templates/new", "main")] : [] }),
      templateTabs("list"),
      filters,
      list.root,
    ]),
    ready: list.ready,
  };
}
