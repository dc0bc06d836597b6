import { initiationExamples } from "./examples.ts";
import type { Operations } from "./operation.ts";

const IDEMPOTENT =
  "幂等键为（`X-System-Code`、`businessType`、`requestId`），永久有效：同一键只产生一个流程、一条邀请短信。重复请求返回 409 `REQUEST_DUPLICATED`，`data` 为已存在的流程，请求内容不同的字段列在 `errors`。被拒绝的请求（400、401、413、429）不占用 `requestId`。";
const BEFORE_SIGNATURE = "流程已超过期限";

const initiate = {
  caller: "wallet",
  body: "InitiateRequest",
  answer: { message: "签约流程已发起", data: "Initiated" },
  refusals: ["REQUEST_DUPLICATED", "PROCESS_STATE_INVALID", "TEMPLATE_NOT_FOUND", "SMS_SEND_FAILED", "RATE_LIMITED"],
  notes: {
    PROCESS_STATE_INVALID: "短信发出之前，流程已被取消",
    SMS_SEND_FAILED: "短信三次未发出，流程已 FAILED；请换新的 requestId 重新发起",
    RATE_LIMITED: "超过调用频率，未保存任何内容；按 Retry-After 等待后以同一 requestId 重试",
  },
} as const;

/** What the wallet calls (§2.1.1, §2.1.2, §2.1.4; CONTRACT.md §2). */
export const walletOperations: Operations = {
  "POST /api/v1/esign/process/initiate": {
    ...initiate,
    operationId: "initiate",
    summary: "发起签约",
    description: `发起一次签约：选定模板、固化协议、发送签约短信，返回签署页链接。整个调用最长约 10 秒。\n\n${IDEMPOTENT}`,
    examples: initiationExamples(),
  },
  "POST /api/v1/notification/sms/send": {
    ...initiate,
    operationId: "sendSms",
    summary: "短信推送（与发起签约相同）",
    description: `与“发起签约”的请求、响应和幂等空间完全相同（§2.1.4）。\n\n${IDEMPOTENT}`,
    examples: initiationExamples(),
  },
  "GET /api/v1/esign/process/{processId}": {
    caller: "wallet",
    operationId: "query",
    summary: "查询签约流程",
    description: "返回流程的状态、双方信息（个人信息已脱敏）、协议与认证。每次查询重新生成 `protocolInfo.downloadUrl`，短期有效。",
    answer: { message: "查询成功", data: "Process" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "POST /api/v1/esign/process/{processId}/sms/resend": {
    caller: "wallet",
    operationId: "resend",
    summary: "重发签约短信",
    description: "再次发送邀请短信（新的 messageId，同一链接）。仅限 SMS_SENT 与 VERIFICATION_PENDING；每个流程最多 3 次，距上一次至少 60 秒。请求体可省略。",
    answer: { message: "短信已重新发送", data: "Initiated" },
    refusals: ["PROCESS_NOT_FOUND", "PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "SMS_SEND_FAILED", "RATE_LIMITED"],
    notes: { RATE_LIMITED: "距上一次不足 60 秒、已满 3 次，或超过调用频率", SMS_SEND_FAILED: "短信未发出，流程不变，可稍后再试" },
  },
  "POST /api/v1/esign/process/{processId}/cancel": {
    caller: "wallet",
    operationId: "cancel",
    summary: "取消签约",
    description: "签署之前取消，流程转为 FAILED，`failureCode` 为 CANCELLED。重复取消返回 200 与相同内容。签署之后返回 409。",
    body: "Reason",
    examples: { cancel: { summary: "取消", value: { reason: "商户信息有误，重新发起" } } },
    answer: { message: "签约流程已取消", data: "Process" },
    refusals: ["PROCESS_NOT_FOUND", "PROCESS_STATE_INVALID", "PROCESS_EXPIRED"],
    notes: { PROCESS_STATE_INVALID: "已签署，或流程已因其他原因结束", PROCESS_EXPIRED: BEFORE_SIGNATURE },
  },
  "GET /api/v1/esign/process/{processId}/evidence": {
    caller: "wallet",
    operationId: "evidence",
    summary: "下载证据包",
    description: "ZIP 文件，可离线核验（`npm run verify -- 证据包.zip`）。内含完整个人信息，请妥善保管；`view=redacted` 为脱敏版本。",
    query: ["view"],
    answer: { type: "application/zip", description: "证据包" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "GET /api/v1/esign/events": {
    caller: "wallet",
    operationId: "events",
    summary: "事件流（对账）",
    description: "按顺序返回本系统的签约结果事件，用于补齐未收到的回调。保存 `next`，下次作为 `after` 传入；没有新事件时 `next` 不变。最近 2 秒的事件暂不返回，因此不会漏。",
    query: ["after", "limit"],
    answer: { message: "查询成功", data: "EventPage" },
  },
};
