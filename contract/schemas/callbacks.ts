import { processId } from "./answers.ts";
import { nullable, object, time, word } from "./pieces.ts";

/** What the outside systems send (§2.1.3, CONTRACT.md §2, §3.2). */

export const verificationResultSchema = object(
  {
    verificationId: { type: "string", minLength: 1, maxLength: 64, description: "认证号" },
    processId,
    status: word(["SUCCESS", "FAILED"], "认证结果"),
    verifiedAt: time("认证完成时间，ISO 8601"),
    failureReason: nullable({ type: "string", maxLength: 256, description: "未通过的原因" }),
    evidence: nullable({ type: "object", description: "认证依据，例如 remittanceAmount、remittanceRemark；原样进入证据链" }),
  },
  ["verificationId", "processId", "status", "verifiedAt"],
  "认证结果",
);

export const smsReceiptSchema = object(
  {
    messageId: { type: "string", minLength: 1, maxLength: 64, description: "平台发送时给出的 messageId" },
    status: word(["DELIVERED", "FAILED"], "送达结果"),
    at: time("送达或失败的时间，ISO 8601"),
    detail: nullable({ type: "string", description: "网关的说明，保留前 256 个字符" }),
  },
  ["messageId", "status", "at"],
  "短信送达回执",
);
