/* One version: where it serves, what has happened to it, what may happen next, how it looks. */
import { get, part, post, trouble } from "./api.js";
import { flash, operate } from "./dialog.js";
import { badge, button, card, el, facts, field, fill, heading, input, linkButton, notice, select, waiting } from "./elements.js";
import { previewPanel } from "./preview.js";
import { can, session } from "./session.js";
import { hrefOf, pathOf, step, wordsOf } from "./templates-data.js";
import { accountText, code, kindText, moment, placeText, signerText, stateBadge, stepText } from "./wording.js";

export function templateView(kind, templateCode, version) {
  const here = { kind, code: templateCode, version };
  const root = el("div", {}, waiting());
  const ready = load();

  async function load() {
    const [result, words] = await Promise.all([get(pathOf(here), { kind }), wordsOf(kind)]);
    if (!result.ok) {
      const told = notice();
      fill(root, [heading("模板", { back: { href: "#/templates", text: "协议模板" } }), told.root]);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    fill(root, partsOf(result.data, words));
  }
  /** After a step: the page shows what has become of it, and the focus is where a reader starts. */
  const changed = ({ message }) => {
    flash(message);
    void load().then(() => root.querySelector("h1").focus());
  };

  function partsOf(template, { variables, samples }) {
    return [
      heading(`${template.name || template.code} 第 ${template.version} 版`, {
        back: { href: "#/templates", text: "协议模板" },
        actions: [
          linkButton(template.state === "ACTIVE" ? "与其他版本对比" : "与现行版本对比", `${hrefOf(here)}/diff`),
          can("author") && linkButton("以此为底稿新建版本", `#/templates/new/${part(kind)}/${part(template.code)}/${part(template.version)}`),
        ].filter(Boolean),
      }),
      card("概况", [
        facts([
          ["状态", el("span", {}, [stateBadge(template.state), template.state === "SCHEDULED" && [" ", moment(template.activeFrom), " 起生效"]])],
          ["类型", kindText(template.kind)],
          ["代码", code(template.code)],
          ["适用范围", placeText(template)],
          ["签署方", signerText(template.signerType)],
          ["资金用途", template.fundPurpose || "不限"],
          ["账户类型", accountText(template.accountType)],
          ["起草", template.author],
          ["审批", template.approver ?? "尚未审批"],
          ["来源", template.origin === "BUILT_IN" ? "系统内置" : "上传"],
          ["提交时间", moment(template.createdAt)],
          ["内容 SHA-256", code(template.sha256)],
        ]),
        actionsOf(template),
      ]),
      card("经过", el("ol", { class: "timeline" }, template.steps.map(stepRow))),
      card("预览", previewPanel({ kind, samples, sample: template.signerType, ask: (format, sample) => post(`${pathOf(here)}/preview`, { kind, format, sample }) })),
      card(null, el("details", {}, [el("summary", {}, `使用的变量（${template.variables.length} 个）`), usedVariables(template.variables, variables)])),
      card(null, el("details", {}, [el("summary", {}, "模板原文"), el("pre", { class: "source", tabindex: "0" }, template.content)])),
    ];
  }

  /** What may happen to it next, for the roles of whoever looks. */
  function actionsOf(template) {
    if (!can("approver")) return null;
    const { state, author } = template;
    const mine = author === session()?.name;
    const rows = [];
    if (state === "DRAFT" && mine) return el("p", { class: "notice notice-info" }, "这是您提交的版本，须由另一位审批人批准。");
    if (state === "DRAFT") rows.push(button("批准", () => judge(template, "approve"), { kind: "main" }), button("退回", () => judge(template, "reject"), { kind: "danger" }));
    if (state === "APPROVED" || state === "SCHEDULED") rows.push(button(state === "SCHEDULED" ? "改变生效时间" : "启用", () => activate(template), { kind: "main" }));
    if (state === "APPROVED" && !mine) rows.push(button("退回", () => judge(template, "reject"), { kind: "danger" }));
    if (state === "RETIRED") rows.push(button("重新启用（回退到这一版）", () => activate(template)));
    if (state === "ACTIVE" || state === "SCHEDULED") rows.push(button(state === "ACTIVE" ? "停用" : "取消启用", () => deactivate(template), { kind: "danger" }));
    return rows.length > 0 && el("div", { class: "actions" }, rows);
  }

  function judge(template, name) {
    const good = name === "approve";
    operate({
      title: good ? "批准这一版" : "退回这一版",
      lines: [`${template.name || template.code} 第 ${template.version} 版，由 ${author(template)} 提交。`, good ? "批准后可以启用；批准本身不改变正在使用的版本。" : "退回后这一版不能再批准，起草人须提交新的版本。"],
      label: good ? "批准" : "退回",
      danger: !good,
      act: (reason) => step(template, name, { reason }),
      done: changed,
    });
  }

  function activate(template) {
    const when = field("生效时间", select("when", [["now", "立即生效"], ["later", "在指定时间生效"]]));
    const at = field("指定时间（本机时区）", input("from", { type: "datetime-local", step: "60" }));
    at.root.hidden = true;
    when.control.addEventListener("change", () => {
      at.root.hidden = when.control.value === "now";
    });
    operate({
      title: template.state === "RETIRED" ? "回退到这一版" : "启用这一版",
      lines: [`适用于：${placeText(template)}。`, "生效后新发起的流程使用这一版，原来的版本自动停用；进行中的流程沿用各自的版本。"],
      fields: [when, at],
      label: "启用",
      act: (reason) => {
        if (when.control.value === "now") return step(template, "activate", { reason });
        const from = new Date(at.control.value);
        return Number.isNaN(from.getTime()) ? "请选择生效时间。" : step(template, "activate", { reason, from: from.toISOString() });
      },
      done: changed,
    });
  }

  function deactivate(template) {
    operate({
      title: template.state === "ACTIVE" ? "停用这一版" : "取消这次启用",
      lines: [template.state === "ACTIVE" ? "停用后这个范围没有可用的模板，相应的流程将无法发起，直到启用另一个版本。如需更换版本，直接启用新版本即可，不必先停用。" : "到时不会启用这一版，现行版本继续使用。"],
      label: template.state === "ACTIVE" ? "停用" : "取消启用",
      danger: true,
      act: (reason) => step(template, "deactivate", { reason }),
      done: changed,
    });
  }
  return { title: `${templateCode} 第 ${version} 版`, root, ready };
}

/** The variables of a text by what they mean, each with its name. */
function usedVariables(names, declared) {
  if (names.length === 0) return el("p", { class: "soft" }, "没有使用变量。");
  // What stands in brackets is an example or a remark.
  const meaning = (name) => declared.find((each) => each.name === name)?.label.replace(/（.*）$/, "");
  return el("ul", { class: "used-variables" }, names.map((name) => el("li", {}, [meaning(name), " ", el("code", { class: "code soft" }, name)])));
}

const author = ({ author: name }) => name ?? "（未知）";

const stepRow = ({ at, step: name, by, reason, from }) =>
  el("li", {}, [el("strong", {}, stepText(name)), " ", badge("grey", by), from && [" ", moment(from), " 起"], el("span", { class: "soft" }, [moment(at), reason && ` · ${reason}`])]);
