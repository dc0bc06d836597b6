import { oneOf, REVEALABLE } from "../../contract/disclosure.ts";
import { nameFault } from "../../contract/operator.ts";
import { SIGN_TYPES } from "../../contract/request-signature.ts";
import { FAILURES, STATUSES, type EvidenceType } from "../../contract/vocabulary.ts";

type Data = Record<string, unknown>;

/**
 * One short Chinese line for each kind of evidence: what happened, for an operator who looks for the place where a signing hangs. Nothing
 * that was typed by a person or came from outside is repeated: only words of our own tables, numbers and names of operators, so that a
 * line holds no personal data whatever the event holds.
 */
const SUMMARIES: Readonly<Record<EvidenceType, (data: Data) => string>> = {
  REQUEST: ({ signed }) => `业务系统发起签约，${isObject(signed) ? `请求带签名（${signTypeOf(signed)}）` : "请求未签名"}`,
  PROTOCOL: ({ template }) => `协议已固化${isObject(template) ? `，模板 ${idOf(template["code"])} 第 ${countOf(template["version"])} 版${approvalOf(template["approvedBy"])}` : ""}`,
  SMS_RECORD: (data) => `${wordOf(SMS_KINDS, data["kind"])}${wordOf(SMS_STATES, data["status"])}${triesOf(data["attempts"])}`,
  LINK_OPENED: () => "签署人打开链接",
  READING: () => "协议已展示给签署人",
  SIGNATURE: ({ readSeconds, smsCode }) => `签署人签署，阅读 ${countOf(readSeconds)} 秒，${codeOf(smsCode)}`,
  VERIFICATION_REQUEST: ({ type, replaces }) => `${wordOf(VERIFICATIONS, type)}${replaces === undefined ? "已发起" : "链接过期，换发新的一次"}`,
  VERIFICATION_ANSWER: ({ outcome, remainingAttempts }) =>
    outcome === undefined ? "签署人回填金额与备注" : `认证系统答复：${wordOf(ANSWERS, outcome)}${isCount(remainingAttempts) ? `，剩余 ${remainingAttempts} 次` : ""}`,
  VERIFICATION_RESULT: ({ status }) => `身份认证${wordOf(RESULTS, status)}`,
  VERIFICATION_ANOMALY: ({ status, why }) => `与现状不符的认证结果（${wordOf(RESULTS, status)}，${wordOf(ANOMALIES, why)}），未改变流程`,
  LATE_RESULT: ({ status, processStatus }) => `流程终结（${statusOf(processStatus)}）后到达的认证结果（${wordOf(RESULTS, status)}），未改变流程`,
  PROTOCOL_SEALED: ({ size }) => `协议已封签，PDF ${countOf(size)} 字节`,
  STATE: ({ status, failureCode }) => `流程终结：${statusOf(status)}${typeof failureCode === "string" && Object.hasOwn(FAILURES, failureCode) ? `（${failureCode}）` : ""}`,
  CALLBACK: ({ attempt, outcome, httpStatus }) => `结果通知第 ${countOf(attempt)} 次${wordOf(DELIVERIES, outcome)}${isCount(httpStatus) ? `，HTTP ${httpStatus}` : ""}`,
  CUSTODY: ({ action, name, view, kind, field }) => `操作人 ${operatorOf(name)} ${custodyOf(action, view, kind, field)}`,
  INCIDENT: ({ by, action, name }) => (by === "OPERATOR" ? `操作人 ${operatorOf(name)} ${wordOf(DEEDS, action)}` : wordOf(ENDINGS, by)),
};

const SMS_KINDS = { INVITATION: "签约短信", SIGN_CODE: "验证码短信", RECEIPT: "短信回执：" };
const SMS_STATES = { SENT: "已发送", FAILED: "发送失败", DELIVERED: "已送达手机" };
const VERIFICATIONS = { REMITTANCE: "打款验证", FACE: "人脸验证" };
const ANSWERS = { SUCCESS: "一致", MISMATCH: "不一致", FAILED: "未通过", UNREACHABLE: "没有答复" };
const RESULTS = { SUCCESS: "通过", FAILED: "未通过" };
const ANOMALIES = { OTHER_ATTEMPT: "不是当前这一次认证", NOT_ASKED: "尚未发起认证", CONFLICT: "与先到的结果矛盾" };
const DELIVERIES = { DELIVERED: "送达", PARKED: "未送达，已暂停" };
const DEEDS = { RETRY: "立即重试", CANCEL: "取消签约", REPLAY: "重新投递结果通知" };
const ENDINGS = { SIGNER: "签署人拒绝签署", WALLET: "业务系统取消签约" };
const VIEWS = { full: "完整", redacted: "已遮盖" };
const DOCUMENTS = { AGREEMENT: "协议原文", SEALED_PDF: "封签协议" };
const UNKNOWN = "（未知）";

const isObject = (value: unknown): value is Data => typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const countOf = (value: unknown): string => (isCount(value) ? String(value) : UNKNOWN);
const wordOf = (words: Readonly<Record<string, string>>, value: unknown): string => (typeof value === "string" && Object.hasOwn(words, value) ? words[value]! : UNKNOWN);
const statusOf = (value: unknown): string => ((STATUSES as readonly unknown[]).includes(value) ? String(value) : UNKNOWN);
const triesOf = (attempts: unknown): string => (isCount(attempts) && attempts > 1 ? `，第 ${attempts} 次` : "");
/** A template's code is ours, the name of an admin key is a word: nothing else gets through. */
const idOf = (value: unknown): string => (typeof value === "string" && /^[A-Z][A-Z0-9_]{0,63}$/.test(value) ? value : UNKNOWN);
const operatorOf = (value: unknown): string => (nameFault(value) === null ? String(value) : UNKNOWN);
/** Texts that came with the platform have no name of a key; older processes have no approver. */
const approvalOf = (name: unknown): string => (name === undefined ? "" : name === "系统内置" ? "（系统内置）" : `（由 ${operatorOf(name)} 批准）`);
const signTypeOf = ({ signType }: Data): string => ((SIGN_TYPES as readonly unknown[]).includes(signType) ? String(signType) : UNKNOWN);
const codeOf = (smsCode: unknown): string => (isObject(smsCode) && smsCode["required"] === true ? "验证码已核对" : "无验证码");

function custodyOf(action: unknown, view: unknown, kind: unknown, field: unknown): string {
  if (action === "EXPORT") return `取走证据包（${wordOf(VIEWS, view)}）`;
  if (action === "DOCUMENT") return `取走${wordOf(DOCUMENTS, kind)}`;
  return action === "REVEAL" ? `查看完整信息（${oneOf(REVEALABLE, field) ?? UNKNOWN}）` : UNKNOWN;
}

/**
 * The line for one event.
 * @param data null when it has been erased
 */
export function summaryOf(type: EvidenceType, data: Record<string, unknown> | null): string {
  return data === null ? "内容已删除，哈希仍在链上" : SUMMARIES[type](data);
}
