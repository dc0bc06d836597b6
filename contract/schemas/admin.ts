import { processId, processQuery, statusWord, string } from "./answers.ts";
import { nullable, object, text, time, word } from "./pieces.ts";

/** What the administration is sent and answers (CONTRACT.md §2.5). */

export const adminReasonSchema = object({ reason: text(200, "操作理由；永久保存，不得包含手机号、证件号或银行卡号") }, undefined, "操作理由");

const list = (items: object, description: string) =>
  object({ items: { type: "array", items }, next: nullable(string("下一页的 after；没有更多时为 null")) }, undefined, description);

const timeline = { type: "array", items: object({ at: time("时间"), status: statusWord, command: string("引起变化的命令") }), description: "状态变化" };
const owed = {
  type: "array",
  items: object({ name: string("动作"), attempt: { type: "integer", description: "已尝试次数" }, dueAt: time("下次执行时间"), lastError: nullable(string("最近的错误")) }),
  description: "平台尚欠的动作",
};

export const adminProcess = object({ ...processQuery.properties, timeline, owed }, undefined, "流程详情");
export const processList = list(processQuery, "流程列表");

export const delivery = object(
  {
    eventId: string("事件号"),
    processId,
    state: word(["PENDING", "DELIVERED", "PARKED"], "PENDING 投递中，DELIVERED 已送达，PARKED 已暂停，待人工重放"),
    attempts: {
      type: "array",
      items: object({ at: time("时间"), outcome: string("结果"), status: nullable({ type: "integer", description: "HTTP 状态码；没有应答时为 null" }) }),
      description: "每次投递",
    },
    nextAt: nullable(time("下次投递时间；不再投递时为 null")),
  },
  undefined,
  "一个事件的投递",
);
export const deliveryList = list(delivery, "投递列表");
