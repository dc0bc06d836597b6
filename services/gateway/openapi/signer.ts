import type { Operations } from "./operation.ts";

const HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const TURN = { PROCESS_STATE_INVALID: "当前状态不允许该操作", PROCESS_EXPIRED: "已超过期限，与定时任务是否已执行无关" };

/** What the signer's page calls (CONTRACT.md §2.4). */
export const signerOperations: Operations = {
  "GET /h5/api/process": {
    caller: "signer",
    operationId: "page",
    summary: "签署页内容",
    description: "任何状态都返回 200，不改变任何内容。链接在流程结束 30 天后失效。",
    answer: { message: "查询成功", data: "SignerPage" },
    notes: { SERVICE_UNAVAILABLE: "协议正在固化，或服务暂时不可用；按 Retry-After 稍后再试" },
  },
  "POST /h5/api/open": {
    caller: "signer",
    operationId: "open",
    summary: "记录协议已展示",
    description: "记录展示并开始阅读计时。重复调用或签署之后调用返回 200，没有作用。",
    body: "Open",
    examples: { open: { summary: "展示", value: { protocolHash: HASH } } },
    answer: { message: "已记录阅读", data: "Opened" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "PROTOCOL_CHANGED"],
    notes: TURN,
  },
  "POST /h5/api/sign-code": {
    caller: "signer",
    operationId: "signCode",
    summary: "获取短信验证码",
    description: "6 位数字，5 分钟有效，每码最多试 5 次，每个流程最多 5 码，间隔 60 秒。新码使旧码失效。请求体可省略。",
    answer: { message: "验证码已发送", data: "CodeSent" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "SMS_SEND_FAILED"],
    notes: { ...TURN, SMS_SEND_FAILED: "短信网关未受理，不计次数，可立即再试", RATE_LIMITED: "不足 60 秒、已满 5 码，或超过调用频率" },
  },
  "POST /h5/api/sign": {
    caller: "signer",
    operationId: "sign",
    summary: "签署",
    description: "依次判断：状态、协议哈希、阅读、验证码；被拒绝时不消耗正确的验证码。已签署时返回 200 与首次的 `signedAt`。签署之后平台自动发起身份认证。",
    body: "Sign",
    examples: { sign: { summary: "签署", value: { protocolHash: HASH, smsCode: "135790", keyClauses: ["scope", "form"], scrolledToEnd: true, consent: true } } },
    answer: { message: "签署成功", data: "Signed" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "PROTOCOL_CHANGED", "READING_INCOMPLETE", "SMS_CODE_INVALID"],
    notes: TURN,
  },
  "POST /h5/api/decline": {
    caller: "signer",
    operationId: "decline",
    summary: "拒绝签署",
    description: "签署之前可拒绝，流程转为 FAILED，`failureCode` 为 SIGNER_DECLINED。重复拒绝返回 200。",
    body: "Reason",
    examples: { decline: { summary: "拒绝", value: { reason: "金额用途与约定不符" } } },
    answer: { message: "已拒绝签署", data: "Declined" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED"],
    notes: TURN,
  },
  "POST /h5/api/verification/remittance": {
    caller: "signer",
    operationId: "answer",
    summary: "回填打款金额与备注",
    description: "把签署人的答案转交认证系统，只转交一次。格式错误返回 400，不消耗次数。",
    body: "RemittanceAnswer",
    examples: { answer: { summary: "回填", value: { amount: "0.12", remark: "验证码" } } },
    answer: { message: "打款验证信息已提交", data: "Answered" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "VERIFICATION_MISMATCH", "VERIFICATION_SERVICE_ERROR"],
    notes: { ...TURN, PROCESS_STATE_INVALID: "未签署、不是打款验证，或认证尚未发起（会自动发起）" },
  },
  "POST /h5/api/verification/face": {
    caller: "signer",
    operationId: "face",
    summary: "获取人脸验证链接",
    description: "返回未过期的链接；已过期时为新一次尝试的链接。请求体可省略。",
    answer: { message: "人脸验证已就绪", data: "FaceLink" },
    refusals: ["PROCESS_STATE_INVALID", "PROCESS_EXPIRED", "VERIFICATION_SERVICE_ERROR"],
    notes: { ...TURN, PROCESS_STATE_INVALID: "未签署、不是人脸验证，或认证尚未发起（会自动发起）" },
  },
};
