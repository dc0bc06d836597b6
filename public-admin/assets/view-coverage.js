/* Which template would be chosen for which flow, with the gaps. */
import { get, trouble } from "./api.js";
import { badge, el, fill, heading, notice, waiting } from "./elements.js";
import { table } from "./table.js";
import { hrefOf, templateTabs } from "./templates-data.js";
import { accountText, breakable, processTypeText, sceneText, signerText } from "./wording.js";

const chosen = (kind) => ({ [kind.key]: found, tie }) => {
  if (found) return el("div", {}, [el("a", { href: hrefOf({ kind: kind.name, ...found }) }, breakable(found.code)), el("span", { class: "under" }, `第 ${found.version} 版`)]);
  return tie?.length ? badge("amber", `并列：${tie.join("、")}`) : badge("red", "缺失");
};

const COLUMNS = [
  { label: "流程", brief: true, cell: (row) => el("div", {}, [el("span", { class: "row-name" }, processTypeText(row.processType)), el("span", { class: "under" }, sceneText(row.scene))]) },
  { label: "签署方", brief: true, cell: ({ signerType }) => signerText(signerType) },
  { label: "资金用途", cell: ({ fundPurpose }) => fundPurpose || "不限" },
  { label: "账户类型", brief: true, cell: ({ accountType }) => accountText(accountType) },
  { label: "协议", cell: chosen({ key: "protocol", name: "PROTOCOL" }) },
  { label: "短信", cell: chosen({ key: "sms", name: "SMS" }) },
  { label: "签署页", cell: chosen({ key: "h5", name: "H5" }) },
];

export function coverageView() {
  const body = el("div", {}, waiting());
  const told = notice();
  async function load() {
    const result = await get("templates/coverage");
    if (!result.ok) {
      fill(body, []);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    const { items } = result.data;
    const gaps = items.filter(({ gap, tie }) => gap || tie?.length).length;
    if (gaps > 0) told.say("bad", `有 ${gaps} 种情形选不出模板：这样的流程无法发起，请启用缺少的模板。`);
    else told.say("good", `${items.length} 种情形都有可用的模板。`);
    const made = table("每种流程会选用的模板", COLUMNS, items);
    items.forEach(({ gap, tie }, at) => made.root.querySelectorAll("tbody tr")[at].classList.toggle("gap", Boolean(gap || tie?.length)));
    fill(body, made.root);
  }
  return {
    title: "适用范围",
    root: el("div", {}, [heading("适用范围", { lead: "现在发起一个流程会选用哪个模板。限定条件更多的模板优先。" }), templateTabs("coverage"), told.root, body]),
    ready: load(),
  };
}
