/* The callbacks to the business systems: what was tried, what is parked, and trying it again. */
import { get, part, post } from "./api.js";
import { flash, operate } from "./dialog.js";
import { button, el, field, heading, input, select } from "./elements.js";
import { can } from "./session.js";
import { pagedTable } from "./table.js";
import { code, deliveryBadge, DELIVERY_OPTIONS, moment, statusBadge } from "./wording.js";

const OUTCOMES = {
  DELIVERED: "已送达",
  REFUSED: "对方未受理",
  GONE: "对方已停用此地址",
  FAILED: "失败",
  HOST_NOT_ALLOWED: "回调域名不在许可名单",
  ADDRESS_NOT_ALLOWED: "回调地址不被允许",
  NO_SECRET: "没有签名密钥",
};
/** What became of a try; where no answer came at all that is said. */
function outcomeText({ outcome, status }) {
  const text = Object.hasOwn(OUTCOMES, outcome) ? OUTCOMES[outcome] : outcome;
  if (status !== null && status !== undefined) return `${text}（HTTP ${status}）`;
  return outcome === "FAILED" ? "失败（没有收到答复）" : text;
}

/** @param of a process whose deliveries are wanted; absent: the parked ones of all */
export function deliveriesView(of) {
  const wanted = { state: of ? "" : "PARKED", processId: of ?? "" };
  const state = select("state", [["", "全部状态"], ...DELIVERY_OPTIONS], wanted.state);
  const processId = input("processId", { maxlength: "64", value: wanted.processId });
  const list = pagedTable({ caption: "回调投递", columns: columns(replay), load: (after) => get("deliveries", { ...wanted, after }), nothing: "没有符合条件的回调。" });

  function look(event) {
    event?.preventDefault();
    Object.assign(wanted, { state: state.value, processId: processId.value.trim() });
    void list.reload();
  }
  state.addEventListener("change", look);

  function replay({ eventId }) {
    operate({
      title: "重新投递",
      lines: [`立即把事件 ${eventId} 再投递给业务系统，内容与以前完全相同；业务系统须按事件号去重。`],
      label: "重新投递",
      act: (reason) => post(`deliveries/${part(eventId)}/replay`, { reason }),
      done: ({ message }) => {
        flash(message);
        void list.reload();
      },
    });
  }
  const filters = el("form", { class: "filters", role: "search", "aria-label": "筛选回调", onsubmit: look }, [field("状态", state).root, el("div", { class: "field-wide" }, field("流程号", processId).root), el("button", { type: "submit", class: "button button-plain" }, "筛选")]);
  return { title: "回调投递", root: el("div", {}, [heading("回调投递", { lead: "多次投递不成功的事件会暂停，等业务系统恢复后在这里重新投递。" }), filters, list.root]), ready: list.ready };
}

const columns = (replay) => [
  { label: "事件", cell: ({ eventId, processId }) => el("div", {}, [code(eventId), el("a", { class: "under", href: `#/processes/${part(processId)}` }, processId)]) },
  { label: "送往", roomy: true, cell: ({ host, systemCode }) => el("div", {}, [code(host), el("span", { class: "under" }, systemCode)]) },
  { label: "流程结果", brief: true, cell: ({ processStatus }) => statusBadge(processStatus) },
  { label: "投递状态", brief: true, cell: (row) => deliveryBadge(row.state) },
  { label: "投递经过", cell: ({ attempts }) => tries(attempts) },
  { label: "下次投递", cell: ({ nextAt }) => moment(nextAt) },
  { label: "操作", brief: true, cell: (row) => (can("operator") && row.state !== "PENDING" ? button("重新投递", () => replay(row), { class: "button button-plain button-small", "aria-label": `重新投递 ${row.eventId}` }) : "—") },
];

/** The last three, and all behind a fold. */
function tries(attempts) {
  if (attempts.length === 0) return "尚未投递";
  const lines = attempts.map((one) => el("li", {}, [moment(one.at), ` ${outcomeText(one)}`]));
  if (lines.length <= 3) return el("ol", { class: "tries" }, lines);
  return el("div", {}, [el("details", {}, [el("summary", {}, `共 ${lines.length} 次`), el("ol", { class: "tries" }, lines.slice(0, -3))]), el("ol", { class: "tries", start: String(lines.length - 2) }, lines.slice(-3))]);
}
