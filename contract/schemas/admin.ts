import { integer, processId, processQuery, statusWord, string } from "./answers.ts";
import { TERMINAL } from "../vocabulary.ts";
import { nullable, object, text, time, word } from "./pieces.ts";

/** What the administration is sent and answers (CONTRACT.md §2.5). */

export const adminReasonSchema = object({ reason: text(200, "操作理由；永久保存，不得包含手机号、证件号或银行卡号") }, undefined, "操作理由");

const list = (items: object, description: string) =>
  object({ items: { type: "array", items }, next: nullable(string("下一页的 after；没有更多时为 null")) }, undefined, description);

const timeline = { type: "array", items: object({ at: time("时间"), status: statusWord, command: string("引起变化的命令") }), description: "状态变化" };
const owed = {
  type: "array",
  items: object({ name: string("动作"), attempt: integer("已尝试次数"), dueAt: time("下次执行时间"), lastError: nullable(string("最近的错误")) }),
  description: "平台尚欠的动作",
};

const verificationStart = nullable(
  object(
    {
      requestId: string("向认证系统发起时的请求号"),
      status: string("发起情况"),
      tries: integer("已尝试次数"),
      dueAt: nullable(time("下次尝试的时间；不再尝试时为 null")),
      giveUpAt: nullable(time("最迟的尝试时间")),
    },
    undefined,
    "身份认证的发起情况；未到这一步或认证服务无法询问时为 null",
  ),
);

export const adminProcess = object(
  {
    ...processQuery.properties,
    systemCode: string("发起的系统"),
    businessId: string("业务流水号"),
    timeline,
    owed,
    verificationStart,
    why: { type: "array", items: string("一个原因"), description: "停滞的原因；正常时为空" },
    waitsFor: string("流程正在等待什么"),
  },
  undefined,
  "流程详情",
);
export const processList = list(adminProcess, "流程列表");

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
    createdAt: time("事件产生的时间"),
    systemCode: string("接收的系统"),
    businessId: string("业务流水号"),
    host: string("回调地址的主机；路径与参数不显示"),
    requestId: nullable(string("钱包的请求号")),
    processType: nullable(string("流程类型")),
    scene: nullable(string("场景")),
    processStatus: word([...TERMINAL, null], "所通知的终态"),
    failureCode: nullable(string("失败原因代码；未失败为 null")),
    payerMerchantNo: nullable(string("付方商户号")),
    payeeMerchantNo: nullable(string("收方商户号；没有收方时为 null")),
  },
  undefined,
  "一个事件的投递",
);
export const deliveryList = list(delivery, "投递列表");

export const auditEntry = object(
  {
    id: string("操作号，也写入证据链"),
    at: time("时间"),
    name: string("操作人（管理令牌的名称）"),
    via: word(["ADMIN_API", "CONSOLE"], "接口或控制台"),
    action: string("操作，例如 process.retry"),
    target: nullable(string("涉及的流程号、事件号或检索词；可能是姓名的检索词只保留首字")),
    detail: nullable(string("所查看的字段或所取出的文件")),
    reason: nullable(string("理由")),
    address: nullable(string("来源地址；控制台为 null")),
    session: nullable(string("所用会话的标识（不是令牌）；直接使用管理密钥或控制台时为 null")),
    outcome: nullable(string("SUCCESS 或错误码；执行中为 null")),
    endedAt: nullable(time("结束时间")),
  },
  undefined,
  "一次操作",
);
export const auditList = list(auditEntry, "操作审计");
