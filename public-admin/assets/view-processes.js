/* Looking for processes, and those that hang. */
import { get, part } from "./api.js";
import { el, field, heading, input } from "./elements.js";
import { pagedTable } from "./table.js";
import { moment, processTypeText, sceneText, statusBadge, withMoments } from "./wording.js";

/** What was last looked for, while the page is open: a merchant's name may be a person's, so it goes into no address. */
const wanted = { q: "", stuck: false };

const party = (info) => (info ? el("div", {}, [info.merchantName, el("span", { class: "under" }, info.merchantNo)]) : "—");
const COLUMNS = [
  { label: "流程号", cell: ({ processId, createdAt }) => el("div", {}, [el("a", { class: "row-name", href: `#/processes/${part(processId)}` }, processId), el("span", { class: "under" }, ["发起 ", moment(createdAt)])]) },
  { label: "业务", brief: true, cell: ({ processType, scene }) => el("div", {}, [processTypeText(processType), el("span", { class: "under" }, sceneText(scene))]) },
  { label: "付方", cell: ({ payerInfo }) => party(payerInfo) },
  { label: "收方", cell: ({ payeeInfo }) => party(payeeInfo) },
  { label: "状态", cell: ({ status, why }) => el("div", {}, [statusBadge(status), why?.length > 0 && el("span", { class: "under" }, withMoments(why.join("；")))]) },
  { label: "期限", cell: ({ expiredAt }) => moment(expiredAt) },
];

export function processesView() {
  const q = input("q", { maxlength: "128", value: wanted.q, type: "search" });
  const stuck = el("input", { type: "checkbox", id: "stuck", checked: wanted.stuck });
  const list = pagedTable({
    caption: "签约流程",
    columns: COLUMNS,
    load: (after) => get("processes", { ...(wanted.stuck ? { stuck: "true" } : { q: wanted.q }), after }),
    nothing: "没有符合条件的流程。",
  });
  function look(event) {
    event?.preventDefault();
    wanted.q = q.value.trim();
    wanted.stuck = stuck.checked && wanted.q === "";
    stuck.checked = wanted.stuck;
    void list.reload();
  }
  stuck.addEventListener("change", () => {
    if (stuck.checked) q.value = "";
    look();
  });
  const filters = el("form", { class: "filters", role: "search", "aria-label": "查找流程", onsubmit: look }, [
    el("div", { class: "field-wide" }, field("流程号、请求号、商户号或商户全名", q).root),
    el("button", { type: "submit", class: "button button-main" }, "查找"),
    el("label", { class: "tick", for: "stuck" }, [stuck, "只看停滞的"]),
  ]);
  return { title: "签约流程", root: el("div", {}, [heading("签约流程", { lead: "个人信息已遮盖；查看完整内容须填写理由，并会记入审计与证据链。" }), filters, list.root]), ready: list.ready };
}
