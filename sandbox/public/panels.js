// Draws what the three stand-ins hold. Whatever came from outside goes in as text, never as markup.

import { messagesOf } from "./guide.js";

/** An element with properties and children; strings become text. */
export function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child != null && child !== false));
  return element;
}

const empty = (text) => el("p", { className: "empty", textContent: text });
const clockTime = (iso) => new Date(iso).toLocaleTimeString("zh-CN", { hour12: false });

/** Redraws a panel only when what it shows has changed, so that a selection or an open fold survives the polling. */
const drawn = new Map();
export function draw(id, value, build) {
  const key = JSON.stringify(value);
  if (drawn.get(id) === key) return false;
  drawn.set(id, key);
  document.getElementById(id).replaceChildren(...build());
  return true;
}

function openPage(event, link) {
  const opened = window.open(link, "esign-h5", "popup,width=390,height=780");
  if (!opened) return;
  event.preventDefault();
  opened.focus();
}

function bubble({ content, link, code, at }, old) {
  const text = link ? content.split(link) : [content];
  return el("article", { className: old ? "bubble old" : "bubble" },
    el("p", {}, ...text.flatMap((part, index) => (index ? [el("span", { className: "url", textContent: link }), part] : [part]))),
    link && el("a", { className: "open", href: link, target: "_blank", rel: "noopener", textContent: "打开签署页", onclick: (event) => openPage(event, link) }),
    code && el("p", { className: "code" }, "验证码 ", el("b", { textContent: code })),
    el("time", { dateTime: at, textContent: clockTime(at) }));
}

export function drawPhone(run, sms) {
  const recent = sms.slice(-30);
  const changed = draw("phone", [run?.processId, recent], () => {
    if (!recent.length) return [empty(run ? "还没有短信。" : "发起签约后，短信会出现在这里。")];
    const current = run ? messagesOf(run, recent) : [];
    return recent.map((message) => bubble(message, !current.includes(message)));
  });
  const phone = document.getElementById("phone");
  if (changed) phone.scrollTop = phone.scrollHeight;
}

const field = (name, value, className = "") => [el("dt", { textContent: name }), el("dd", { textContent: value, className })];

export function drawBank(run, process, bank, decideFace) {
  const verification = process?.verificationInfo;
  const face = verification?.type === "FACE";
  document.getElementById("bank-name").textContent = face ? "人脸识别" : "签署方的银行流水";
  document.getElementById("bank-about").textContent = face ? "扮演认证系统" : "对公账户收到的打款";
  draw("bank", [run?.processId, verification, bank], () => {
    if (face) return faceButtons(verification, decideFace);
    if (!bank.length) return [empty("协议签署后，认证系统会打来一笔小额款项，金额和备注显示在这里。")];
    return bank.map((line) => el("dl", { className: "transfer" },
      ...field("收入", `¥${line.amount}`, "amount"), ...field("备注", line.remark, "remark"),
      ...field("收款户名", line.payee), ...field("账号尾号", line.cardTail), ...field("时间", new Date(line.at).toLocaleString("zh-CN", { hour12: false }))));
  });
}

function faceButtons({ verificationId, status }, decideFace) {
  if (status === "SUCCESS" || status === "FAILED") return [empty(status === "SUCCESS" ? "人脸识别已通过。" : "人脸识别未通过。")];
  if (!verificationId) return [empty("平台正在请认证系统开始人脸识别。")];
  const button = (text, result, className) => el("button", { type: "button", className, textContent: text, onclick: () => decideFace(verificationId, result) });
  return [el("p", { className: "about", textContent: "真实系统会打开摄像头；这里由你决定结果。" }),
    el("p", { className: "choices" }, button("识别通过", "SUCCESS", "primary"), button("识别不通过", "FAILED", "quiet"))];
}

const EVENTS = { SIGNING_PROCESS_COMPLETED: "签约完成", SIGNING_PROCESS_FAILED: "签约失败" };

function webhookCard({ headers, body, signature, at }, times) {
  return el("article", { className: "webhook" },
    el("p", { className: "webhook-head" },
      el("b", { textContent: EVENTS[body?.type] ?? "未知事件" }),
      el("span", { className: signature.valid ? "badge good" : "badge bad", textContent: signature.valid ? "签名有效 ✓" : "签名无效 ✗", title: signature.reason }),
      times > 1 && el("span", { className: "badge", textContent: `第 ${times} 次投递` }),
      el("time", { dateTime: at, textContent: clockTime(at) })),
    !signature.valid && el("p", { className: "error", textContent: signature.reason }),
    el("pre", { textContent: typeof body === "string" ? body : JSON.stringify(body, null, 2), tabIndex: 0 }),
    el("details", {}, el("summary", { textContent: "请求头" }), el("pre", { textContent: Object.entries(headers).map(([name, value]) => `${name}: ${value}`).join("\n"), tabIndex: 0 })));
}

export function drawWallet(run, wallet) {
  draw("wallet", [run?.processId, wallet], () => {
    if (!wallet.length) return [empty("流程结束（完成、失败或过期）后，平台会把结果回调给钱包。")];
    const seen = new Map();
    return wallet.map((webhook) => {
      const id = webhook.headers["webhook-id"];
      seen.set(id, (seen.get(id) ?? 0) + 1);
      return webhookCard(webhook, seen.get(id));
    }).reverse();
  });
}
