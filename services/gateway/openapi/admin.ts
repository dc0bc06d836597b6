import type { Operations } from "./operation.ts";

const CHANGE = { body: "AdminReason", examples: { reason: { summary: "说明理由", value: { reason: "钱包系统已恢复" } } } } as const;
const REASON = "操作人与理由写入审计与证据链。";
const TAKEN = "操作人与理由先写入审计与证据链（CUSTODY），写不成则什么也不给出。";

/** The administration (CONTRACT.md §2.5). Without `ADMIN_KEYS` its routes are not there. */
export const adminOperations: Operations = {
  "GET /api/admin/v1/processes": {
    caller: "admin",
    operationId: "listProcesses",
    summary: "流程列表",
    description: "`stuck=true` 只列出停滞的流程，最久的在前；否则按流程号倒序。`q` 为流程号、请求号、商户号或商户全称。",
    query: ["stuck", "q", "after", "limit"],
    answer: { message: "查询成功", data: "ProcessList" },
    refusals: ["PARAM_INVALID"],
  },
  "GET /api/admin/v1/processes/{id}": {
    caller: "admin",
    operationId: "showProcess",
    summary: "流程详情",
    description: "查询接口的内容（已脱敏，不含下载链接）之外，还有时间线、平台尚欠的动作与停滞原因，固定使用的模板版本，逐条证据及整条链的核验结果，可取出的文件。",
    answer: { message: "查询成功", data: "AdminProcessDetail" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "POST /api/admin/v1/processes/{id}/retry": {
    ...CHANGE,
    caller: "admin",
    operationId: "retryProcess",
    summary: "立即重试尚欠的动作",
    description: `没有可重试的事项时不作更改。${REASON}`,
    answer: { message: "已立即重试", data: "AdminProcess" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "POST /api/admin/v1/processes/{id}/reveal": {
    caller: "admin",
    operationId: "revealField",
    summary: "查看一项完整信息",
    description: `角色 operator 或 auditor。${TAKEN}值本身不进入审计、证据链与日志。同一操作人一小时内最多 30 次。`,
    body: "RevealRequest",
    examples: { mobile: { summary: "查看签署人手机号", value: { field: "signer.mobile", reason: "签署人来电称未收到短信，核对号码" } } },
    answer: { message: "已记录并显示", data: "Revealed" },
    refusals: ["PROCESS_NOT_FOUND", "PROCESS_STATE_INVALID"],
    notes: { NOT_FOUND: "该流程没有这项信息", PROCESS_STATE_INVALID: "协议尚未固化，证据链尚未建立", RATE_LIMITED: "一小时内最多 30 次" },
  },
  "POST /api/admin/v1/processes/{id}/documents": {
    caller: "admin",
    operationId: "takeDocument",
    summary: "取出一份文件",
    description: `角色 operator 或 auditor。协议原文、封签 PDF 与完整证据包都含个人信息，请妥善保管。${TAKEN}同一操作人一小时内最多 30 次。`,
    body: "DocumentRequest",
    examples: { bundle: { summary: "取出证据包", value: { kind: "BUNDLE", reason: "法务部应诉需要" } } },
    answer: { message: "已记录并取出", data: "HandedOver" },
    refusals: ["PROCESS_NOT_FOUND", "PROCESS_STATE_INVALID"],
    notes: { PROCESS_STATE_INVALID: "协议尚未固化或尚未封签", RATE_LIMITED: "一小时内最多 30 次" },
  },
  "GET /api/admin/v1/deliveries": {
    caller: "admin",
    operationId: "listDeliveries",
    summary: "回调投递列表",
    query: ["state", "processId", "after", "limit"],
    answer: { message: "查询成功", data: "DeliveryList" },
    refusals: ["PARAM_INVALID"],
  },
  "POST /api/admin/v1/deliveries/{eventId}/replay": {
    ...CHANGE,
    caller: "admin",
    operationId: "replayDelivery",
    summary: "重新投递回调",
    description: `以相同的字节、新的重试计划再次投递；仍在自动重试的不作更改。${REASON}`,
    answer: { message: "已安排重新回调", data: "Delivery" },
    notes: { NOT_FOUND: "回调事件不存在" },
  },
  "GET /api/admin/v1/audit": {
    caller: "admin",
    operationId: "audit",
    summary: "操作审计",
    description: "运营人员经接口或控制台所做的每次调用，最近的在前；被拒绝的也在内。角色 auditor。",
    query: ["target", "name", "after", "limit"],
    answer: { message: "查询成功", data: "AuditList" },
    refusals: ["PARAM_INVALID"],
  },
};
