import type { Operations } from "./operation.ts";

/** The administration (CONTRACT.md §2.5). */
export const adminOperations: Operations = {
  "GET /api/admin/v1/processes": {
    caller: "admin",
    operationId: "listProcesses",
    summary: "流程列表",
    query: ["stuck", "after", "limit"],
    answer: { message: "查询成功", data: "ProcessList" },
    refusals: ["PARAM_INVALID"],
  },
  "GET /api/admin/v1/processes/{processId}": {
    caller: "admin",
    operationId: "showProcess",
    summary: "流程详情",
    description: "查询内容之外，还有时间线与平台尚欠的动作。",
    answer: { message: "查询成功", data: "AdminProcess" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "POST /api/admin/v1/processes/{processId}/retry": {
    caller: "admin",
    operationId: "retryProcess",
    summary: "立即重试尚欠的动作",
    description: "操作人与理由写入审计与证据链。",
    body: "AdminReason",
    answer: { message: "已安排重试", data: "AdminProcess" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
  "GET /api/admin/v1/deliveries": {
    caller: "admin",
    operationId: "listDeliveries",
    summary: "回调投递列表",
    query: ["state", "after", "limit"],
    answer: { message: "查询成功", data: "DeliveryList" },
    refusals: ["PARAM_INVALID"],
  },
  "POST /api/admin/v1/deliveries/{eventId}/replay": {
    caller: "admin",
    operationId: "replayDelivery",
    summary: "重新投递",
    description: "以相同的字节重新投递。操作人与理由写入审计与证据链。",
    body: "AdminReason",
    answer: { message: "已安排重新投递", data: "Delivery" },
    refusals: ["PROCESS_NOT_FOUND"],
  },
};
