import { nullable, object, text } from "./pieces.ts";

/** Any text: one that is not this agreement's hash is 409, whatever it looks like (CONTRACT.md §2.4). */
const protocolHash = { type: "string", maxLength: 256, description: "所展示协议的 SHA-256（小写十六进制），即 GET /h5/api/process 给出的值" };

/** `POST /h5/api/open`. */
export const openSchema = object({ protocolHash }, undefined, "协议已展示给签署人");

/** `POST /h5/api/sign`: only the hash's presence is a matter of form; what is missing of the reading is 422, not 400. */
export const signSchema = object(
  {
    protocolHash,
    smsCode: nullable({ type: "string", maxLength: 16, description: "短信验证码，6 位数字；平台要求验证码时必填" }),
    keyClauses: nullable({ type: "array", maxItems: 64, items: { type: "string", maxLength: 64 }, description: "已逐项确认的重点条款的 id" }),
    scrolledToEnd: nullable({ type: "boolean", description: "已阅读至末尾" }),
    consent: nullable({ type: "boolean", description: "同意签署" }),
  },
  ["protocolHash"],
  "签署。缺少阅读、勾选或同意时返回 422 READING_INCOMPLETE",
);

/** `POST /h5/api/decline` and the wallet's cancel. */
export const reasonSchema = object({ reason: text(200, "原因，写入证据链") }, undefined, "说明原因");

/** `POST /h5/api/verification/remittance` (CONTRACT.md §2.4); the remark is trimmed and NFKC-normalised before it is measured. */
export const answerSchema = object(
  {
    amount: { type: "string", format: "amount", description: "到账金额（元），两位小数" },
    remark: { type: "string", format: "visible-text", minLength: 1, maxLength: 64, description: "打款备注；比对前去除首尾空白并做 NFKC 规范化" },
  },
  undefined,
  "回填打款金额与备注",
);
