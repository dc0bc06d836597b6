import type { Operations } from "./operation.ts";

/** What the outside systems call back (§2.1.3, CONTRACT.md §2, §3.2). */
export const callbackOperations: Operations = {
  "POST /api/internal/esign/callback/verification": {
    caller: "verification",
    operationId: "verificationCallback",
    summary: "认证结果回调",
    description: "令牌先于内容判断。重复回调返回成功且不改变任何内容；先到的终态结果有效，迟到或矛盾的结果作为证据保留。登记了 `AUTH` 的公钥时还须签名。",
    body: "VerificationResult",
    examples: {
      success: {
        summary: "打款验证通过",
        value: {
          verificationId: "VER202310120001",
          processId: "ESIGN_PROC_202310120001",
          status: "SUCCESS",
          verifiedAt: "2023-10-12T15:35:00Z",
          failureReason: null,
          evidence: { remittanceAmount: "0.12", remittanceRemark: "验证码" },
        },
      },
    },
    answer: { message: "回调处理成功" },
    notes: { CALLBACK_TOKEN_INVALID: "令牌或签名缺失、错误，或流程不存在；未读取也未改变任何内容" },
  },
  "POST /api/internal/esign/callback/sms": {
    caller: "sms",
    operationId: "smsReceipt",
    summary: "短信送达回执",
    description: "重复的回执没有影响；未知的 messageId 返回 200，没有作用。",
    body: "SmsReceipt",
    examples: { delivered: { summary: "已送达", value: { messageId: "INV_ESIGN_PROC_202310120001_1", status: "DELIVERED", at: "2023-10-12T15:25:03Z" } } },
    answer: { message: "回执处理成功" },
    notes: { CALLBACK_TOKEN_INVALID: "令牌缺失或错误" },
  },
};
