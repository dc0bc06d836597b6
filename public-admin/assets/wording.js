/* What the platform's words are called in Chinese, and how times read. Pure. */
import { badge, el } from "./elements.js";

const PROCESS_TYPES = { RELATION_BINDING: "关系绑定", OPEN_PAYMENT: "开通付款", POOLING_AUTH: "归集授权", ANY: "所有流程" };
const SCENES = { POOLING: "归集", BATCH_PAYMENT: "批量付款", MEMBER_SETTLEMENT: "会员结算", ANY: "所有场景" };
const SIGNER_TYPES = { ENTERPRISE: "企业", INDIVIDUAL: "个人", ANY: "不限" };
const ACCOUNT_TYPES = { TIANCAI_RECEIVE_ACCOUNT: "收款账户", TIANCAI_RECEIVER_ACCOUNT: "接收方账户" };
export const KINDS = { PROTOCOL: "协议", SMS: "短信", H5: "签署页" };
export const ROLES = { author: "起草", approver: "审批", operator: "运营", auditor: "审计" };
const STATES = { DRAFT: ["待审批", "amber"], APPROVED: ["已审批", "blue"], REJECTED: ["已退回", "red"], SCHEDULED: ["待生效", "blue"], ACTIVE: ["使用中", "green"], RETIRED: ["已停用", "grey"] };
const STEPS = { SUBMIT: "提交", APPROVE: "批准", REJECT: "退回", ACTIVATE: "启用", DEACTIVATE: "停用" };
const STATUSES = {
  INIT: ["初始化", "grey"],
  SMS_SENT: ["待签署", "blue"],
  PROTOCOL_SIGNED: ["已签署", "blue"],
  VERIFICATION_PENDING: ["待认证", "blue"],
  VERIFICATION_SUCCESS: ["认证成功", "blue"],
  COMPLETED: ["已完成", "green"],
  FAILED: ["失败", "red"],
  EXPIRED: ["已过期", "amber"],
};
const DELIVERY_STATES = { PENDING: ["投递中", "blue"], DELIVERED: ["已送达", "green"], PARKED: ["已暂停", "red"] };
const VERIFICATIONS = { REMITTANCE: "打款验证", FACE: "人脸验证", NOT_STARTED: "尚未发起", PENDING: "进行中", SUCCESS: "通过", FAILED: "未通过" };
const EVIDENCE = {
  REQUEST: "发起请求",
  SMS_RECORD: "短信记录",
  LINK_OPENED: "打开链接",
  PROTOCOL: "协议固化",
  READING: "阅读",
  SIGNATURE: "签署",
  VERIFICATION_REQUEST: "发起认证",
  VERIFICATION_ANSWER: "提交认证信息",
  VERIFICATION_RESULT: "认证结果",
  VERIFICATION_ANOMALY: "认证异常",
  LATE_RESULT: "迟到的认证结果",
  PROTOCOL_SEALED: "协议封签",
  STATE: "状态变化",
  CALLBACK: "结果回调",
  CUSTODY: "经手记录",
  INCIDENT: "异常记录",
};
const COMMANDS = {
  initiate: "发起",
  invited: "短信已发出",
  inviteFailed: "短信发送失败",
  resend: "重发短信",
  resent: "短信已重发",
  open: "打开协议",
  codeSent: "验证码已发出",
  sign: "签署",
  decline: "拒签",
  cancel: "取消",
  verificationStarted: "认证已发起",
  renewVerification: "换发认证链接",
  answer: "提交认证信息",
  answered: "认证信息已答复",
  verified: "收到认证结果",
  sealed: "封签完成",
  expire: "到期",
  retry: "人工重试",
};
const ACTIONS = {
  "session.open": "登录",
  "session.close": "退出",
  "session.show": "查看会话",
  "templates.list": "查看模板列表",
  "templates.show": "查看模板",
  "template.submit": "上传模板",
  "template.lint": "检查模板",
  "template.preview": "预览模板",
  "template.diff": "对比模板",
  "template.approve": "批准模板",
  "template.reject": "退回模板",
  "template.activate": "启用模板",
  "template.deactivate": "停用模板",
  "templates.coverage": "查看适用范围",
  "templates.variables": "查看模板变量",
  "settings.show": "查看参数",
  "settings.history": "查看参数历史",
  "settings.change": "修改参数",
  "processes.list": "查看流程列表",
  "process.show": "查看流程",
  "process.reveal": "查看完整信息",
  "process.handOver": "取得文件",
  "process.retry": "重试流程",
  "deliveries.list": "查看回调",
  "delivery.replay": "重新投递回调",
  "audit.list": "查看审计",
};

const named = (table, key) => (Object.hasOwn(table, key ?? "") ? table[key] : (key ?? ""));
const marked = (table, key) => {
  const [text, tone] = Object.hasOwn(table, key ?? "") ? table[key] : [key ?? "", "grey"];
  return badge(tone, text);
};
const optionsOf = (table) => Object.entries(table).map(([key, text]) => [key, Array.isArray(text) ? text[0] : text]);

export const processTypeText = (key) => named(PROCESS_TYPES, key);
export const sceneText = (key) => named(SCENES, key);
export const signerText = (key) => named(SIGNER_TYPES, key);
export const accountText = (key) => (key ? named(ACCOUNT_TYPES, key) : "不限");
export const kindText = (key) => named(KINDS, key);
export const stepText = (key) => named(STEPS, key);
export const evidenceText = (key) => named(EVIDENCE, key);
export const commandText = (key) => named(COMMANDS, key);
export const actionText = (key) => named(ACTIONS, key);
export const verificationText = (key) => named(VERIFICATIONS, key);
export const roleTexts = (roles) => roles.map((role) => named(ROLES, role)).join("、");
export const stateBadge = (key) => marked(STATES, key);
export const statusBadge = (key) => marked(STATUSES, key);
export const deliveryBadge = (key) => marked(DELIVERY_STATES, key);
export const KIND_OPTIONS = optionsOf(KINDS);
export const STATE_OPTIONS = optionsOf(STATES);
export const DELIVERY_OPTIONS = optionsOf(DELIVERY_STATES);
export const PROCESS_TYPE_OPTIONS = optionsOf(PROCESS_TYPES);
export const SCENE_OPTIONS = optionsOf(SCENES);
export const SIGNER_OPTIONS = optionsOf(SIGNER_TYPES);
export const ACCOUNT_OPTIONS = optionsOf(ACCOUNT_TYPES);

/** Where a template serves, in one line. */
export const placeText = ({ processType, scene, signerType, fundPurpose, accountType }) =>
  [processTypeText(processType), scene !== "ANY" && sceneText(scene), signerType && signerType !== "ANY" && `${signerText(signerType)}签署`, fundPurpose && `用途“${fundPurpose}”`, accountType && accountText(accountType)].filter(Boolean).join(" · ") || "所有流程";

const two = (number) => String(number).padStart(2, "0");
const clockOf = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;

/** `2026-11-25 15:25:00` in this computer's time zone; a dash for an absent time. */
export function moment(iso) {
  const at = iso ? new Date(iso) : null;
  if (!at || Number.isNaN(at.getTime())) return "—";
  return el("time", { datetime: iso, class: "time" }, `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clockOf(at)}`);
}

/** A sentence of the platform's with the times in it as `moment` has them. */
export const withMoments = (text) => text.split(/(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)/).map((part, at) => (at % 2 ? moment(part) : part));

/** `UTC+8` */
export function timeZone() {
  const minutes = -new Date().getTimezoneOffset();
  const hours = Math.trunc(Math.abs(minutes) / 60);
  return `UTC${minutes < 0 ? "-" : "+"}${hours}${minutes % 60 ? `:${two(Math.abs(minutes) % 60)}` : ""}`;
}

/** A code that is broken behind its words rather than anywhere. */
export const breakable = (text) => text.split(/(?<=_)/).flatMap((word, at) => (at === 0 ? [word] : [el("wbr"), word]));

/** A long hash or number that can be broken anywhere. */
export const code = (text) => el("code", { class: "code" }, breakable(text ?? "—"));
