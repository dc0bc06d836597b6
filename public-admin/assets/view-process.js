/* One process: what it waits for, its course with each item of evidence, its documents, and what an operator may do about it. */
import { get, part, post, trouble } from "./api.js";
import { flash, operate } from "./dialog.js";
import { badge, button, card, el, facts, fill, heading, linkButton, notice, waiting } from "./elements.js";
import { download } from "./preview.js";
import { revealed } from "./reveal.js";
import { can } from "./session.js";
import { table } from "./table.js";
import { hrefOf } from "./templates-data.js";
import { accountText, code, commandText, evidenceText, kindText, moment, processTypeText, sceneText, signerText, statusBadge, verificationText, withMoments } from "./wording.js";

const DOCUMENTS = { AGREEMENT: "协议原文", SEALED_PDF: "封签 PDF", BUNDLE: "证据包" };

export function processView(processId) {
  const root = el("div", {}, waiting());
  const path = `processes/${part(processId)}`;
  const told = notice();

  async function load() {
    const result = await get(path);
    if (!result.ok) {
      fill(root, [heading("签约流程", { back: { href: "#/processes", text: "签约流程" } }), told.root]);
      return told.say("bad", trouble(result).map((line) => el("p", {}, line)));
    }
    fill(root, partsOf(result.data));
  }

  function retry() {
    operate({
      title: "立即重试",
      lines: ["平台现在就再做一次尚欠的事项，不必等到下次自动重试。已经做成的不会重复。"],
      label: "立即重试",
      act: (reason) => post(`${path}/retry`, { reason }),
      done: ({ message }) => {
        flash(message);
        void load().then(() => root.querySelector("h1").focus());
      },
    });
  }

  function handOver({ kind }) {
    operate({
      title: `取得${DOCUMENTS[kind] ?? kind}`,
      lines: ["文件含有完整的个人信息。取得文件会连同理由记入审计与证据链。"],
      label: "取得文件",
      act: (reason) => post(`${path}/documents`, { kind, reason }),
      done: ({ data }) => download(data.base64, data.fileName, data.type, { say: (_tone, words) => flash(words) }),
    });
  }

  const hidden = (field, label, masked) => (masked ? revealed({ field, label, masked, path }) : null);

  function partsOf(process) {
    const { payerInfo, payeeInfo, verificationInfo, signer } = process;
    return [
      heading(process.processId, {
        back: { href: "#/processes", text: "签约流程" },
        lead: `${processTypeText(process.processType)} · ${sceneText(process.scene)}`,
        actions: [can("operator") && process.owed.length + (process.verificationStart?.dueAt ? 1 : 0) > 0 && button("立即重试", retry, { kind: "main", id: "retry" }), button("刷新", () => void load().then(() => root.querySelector("h1").focus())), linkButton("查看回调", `#/deliveries/${part(process.processId)}`)].filter(Boolean),
      }),
      told.root,
      process.why.length > 0 && el("div", { class: "notice notice-warn", id: "why" }, [el("strong", {}, "流程停滞"), el("ul", { class: "reasons" }, process.why.map((line) => el("li", {}, withMoments(line))))]),
      card("概况", facts([
        ["状态", statusBadge(process.status)],
        ["正在等待", process.waitsFor && withMoments(process.waitsFor)],
        ["失败原因", process.failureReason],
        ["期限", process.expiredAt && moment(process.expiredAt)],
        ["资金用途", process.fundPurpose],
        ["身份认证", verificationInfo && `${verificationText(verificationInfo.type)}：${verificationText(verificationInfo.status)}`],
        ["请求号", code(process.requestId)],
        ["业务流水号", code(process.businessId)],
        ["发起系统", process.systemCode],
        ["发起时间", moment(process.createdAt)],
        ["完成时间", process.completedAt && moment(process.completedAt)],
        ["协议编号", process.protocolInfo && code(process.protocolInfo.protocolId)],
      ])),
      el("div", { class: "columns" }, [
        card("当事人", facts([partyRow("付方", payerInfo), payeeInfo && partyRow("收方", payeeInfo), partyRow("发起方", process.initiatorInfo)])),
        card("签署人", facts([
          ["姓名", hidden("signer.name", "姓名", signer.name)],
          ["手机号", hidden("signer.mobile", "手机号", signer.mobile)],
          ["证件号", hidden("signer.idCardNo", "证件号", signer.idCardNo)],
          ["银行卡号", hidden("bankCard.cardNo", "银行卡号", signer.bankCard?.cardNo)],
          ["户名", hidden("bankCard.accountName", "户名", signer.bankCard?.accountName)],
        ])),
      ]),
      el("div", { class: "columns" }, [
        card("经过", el("ol", { class: "timeline" }, process.timeline.map(({ at, status, command }) => el("li", {}, [statusBadge(status), " ", commandText(command), el("span", { class: "soft" }, moment(at))])))),
        card("文件", [
          el("ul", { class: "documents" }, (process.documents ?? []).map((file) => el("li", {}, [
            el("strong", {}, DOCUMENTS[file.kind] ?? file.kind),
            file.available ? can("operator", "auditor") && button("取得文件", () => handOver(file), { class: "button button-plain button-small", "aria-label": `取得文件：${DOCUMENTS[file.kind] ?? file.kind}` }) : el("span", { class: "soft" }, "尚未生成"),
            file.sha256 && el("span", { class: "under" }, code(file.sha256)),
          ]))),
          process.owed.length > 0 && [el("h3", {}, "平台尚欠的事项"), el("ul", { class: "reasons" }, process.owed.map(({ name, attempt, dueAt, lastError }) => el("li", {}, [code(name), ` 已试 ${attempt} 次，下次 `, moment(dueAt), lastError && `，最近的错误 ${lastError}`])))],
        ]),
      ]),
      card("证据链", [chainWords(process.chain), el("ol", { class: "timeline chain" }, (process.evidence ?? []).map(evidenceRow))]),
      card("使用的模板", table("使用的模板", TEMPLATES, process.templates ?? []).root),
    ];
  }
  return { title: `流程 ${processId}`, root, ready: load(), leave: () => root.replaceChildren() };
}

const partyRow = (term, info) => [term, info ? `${info.merchantName}（${[info.merchantNo, info.merchantType && signerText(info.merchantType), info.accountType && accountText(info.accountType)].filter(Boolean).join("，")}）` : null];

function chainWords(chain) {
  if (!chain) return el("p", { class: "notice notice-warn" }, "证据服务暂时无法访问，以下可能不完整。");
  return el("p", { class: "soft" }, [chain.ok ? badge("green", "校验一致") : badge("red", "校验不一致"), ` 共 ${chain.length} 项`]);
}

const evidenceRow = ({ seq, type, at, hash, summary }) =>
  el("li", {}, [badge("grey", `${seq} ${evidenceText(type)}`), " ", summary, el("span", { class: "soft" }, [moment(at), " ", el("span", { class: "hash" }, ["哈希 ", code(hash)])])]);
const TEMPLATES = [
  { label: "类型", brief: true, cell: ({ kind }) => kindText(kind) },
  { label: "模板", cell: (row) => el("a", { href: hrefOf(row) }, `${row.name || row.code} 第 ${row.version} 版`) },
  { label: "批准人", brief: true, cell: ({ approvedBy }) => approvedBy ?? "—" },
  { label: "SHA-256", cell: ({ sha256 }) => code(sha256) },
];
