import type { Operations } from "./operation.ts";

const CHANGE = { body: "AdminReason", examples: { reason: { summary: "说明理由", value: { reason: "钱包系统已恢复" } } } } as const;
const REASON = "操作人与理由写入审计与证据链。";

/** The administration (CONTRACT.md §2.5). Without `ADMIN_KEYS` its routes are not there. */
export const adminOperations: Operations = {
  "GET /api/admin/v1/processes": {
    caller: "admin",
    operationId: "listProcesses",
    summary: "流程列表",
    description: "`stuck=true` 只列出停滞的流程，最久的在前；否则按流程号倒序。`q` 为流程号、请求号或商户号。",
    query: ["stuck", "q", "after", "limit"],
    answer: { message: "查询成功", data: "ProcessList" },
    refusals: ["PARAM_INVALID"],
  },
  "GET /api/admin/v1/processes/{id}": {
    caller: "admin",
    operationId: "showProcess",
    summary: "流程详情",
    description: "查询接口的内容（已脱敏，不含下载链接）之外，还有时间线、平台尚欠的动作与停滞原因。",
    answer: { message: "查询成功", data: "AdminProcess" },
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
    description: "运营人员经接口或控制台所做的每次调用，最近的在前；被拒绝的也在内。",
    query: ["target", "after", "limit"],
    answer: { message: "查询成功", data: "AuditList" },
    refusals: ["PARAM_INVALID"],
  },
};
