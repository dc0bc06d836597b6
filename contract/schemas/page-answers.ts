import { VERIFICATION_STATUSES, VERIFICATION_TYPES } from "../vocabulary.ts";
import { expiredAt, integer, processId, statusWord, string } from "./answers.ts";
import { nullable, object, time, word } from "./pieces.ts";

/** What the signer's page is answered (CONTRACT.md §2.4). */

const verification = nullable(
  object(
    {
      type: word(VERIFICATION_TYPES, "REMITTANCE 打款验证，FACE 人脸验证"),
      status: word(VERIFICATION_STATUSES, "认证状态"),
      remainingAttempts: nullable(integer("剩余回填次数；不适用时为 null")),
      arrivalHint: nullable(string("到账或人脸识别的提示")),
    },
    undefined,
    "身份认证；签署之前为 null",
  ),
);
const failureReason = nullable(string("失败原因；未失败为 null"));

export const signerPage = object(
  {
    processId,
    status: statusWord,
    expiredAt,
    page: object({ title: string("标题"), intro: string("导语"), consent: string("同意语"), button: string("按钮") }, undefined, "页面文字"),
    protocol: object(
      {
        protocolId: string("协议号"),
        protocolName: string("协议名称"),
        html: string("协议全文（HTML）"),
        protocolHash: { type: "string", pattern: "^[0-9a-f]{64}$", description: "html 的 UTF-8 字节的 SHA-256" },
        keyClauses: { type: "array", items: object({ id: string("条款 id"), text: string("条款文字") }), description: "须逐项确认的重点条款" },
        readSeconds: integer("展示与签署之间的最短秒数"),
      },
      undefined,
      "协议",
    ),
    signer: object({ name: string("签署人姓名（脱敏）"), mobile: string("手机号（脱敏）") }),
    smsCode: object({ required: { type: "boolean", description: "签署时是否需要短信验证码" } }),
    verification,
    failureReason,
    downloadUrl: nullable({ type: "string", format: "uri", description: "盖章 PDF 的下载链接；COMPLETED 之前为 null" }),
  },
  undefined,
  "签署页所展示的内容",
);

export const opened = object({ openedAt: nullable(time("首次展示的时间")) });
export const codeSent = object({ resendAfter: integer("多少秒后可再次获取") });
export const signed = object({ status: statusWord, signedAt: time("签署时间"), verification });
export const declined = object({ status: statusWord, failureReason });
export const answered = object({ status: statusWord, verification });
export const faceLink = object({ faceUrl: { type: "string", format: "uri", description: "人脸验证页面；完成后返回签署页" } });
