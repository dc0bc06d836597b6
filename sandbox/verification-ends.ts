import type { Books, Verification } from "./books.ts";
import { refusal, success, type Call, type End } from "./http-exchange.ts";
import { requiredTexts } from "./required-text.ts";
import { resultOf, type VerificationSystem } from "./verification-system.ts";

const START_FIELDS = ["requestId", "processId", "callbackUrl", "callbackToken"] as const;

const unknownVerification = () => refusal(404, "VERIFICATION_NOT_FOUND", "认证记录不存在");

/** The verification system over HTTP (CONTRACT.md §3.2). */
export function verificationEnds(books: Books, system: VerificationSystem): Record<string, End> {
  const withVerification =
    (find: (call: Call) => Verification | undefined, end: (verification: Verification, call: Call) => ReturnType<End>): End =>
    (call) => {
      const verification = find(call);
      return verification ? end(verification, call) : unknownVerification();
    };
  const byId = (call: Call) => books.verifications.get(call.params["verificationId"]!);
  const byRequest = (call: Call) => books.verificationOf(call.query["requestId"] ?? "");

  return {
    "POST remittance": (call) => {
      const body = requiredTexts(call.json(), [...START_FIELDS, "merchantNo", "merchantName", "bankCardInfo.cardNo", "bankCardInfo.accountName"]);
      const { verificationId, status } = system.remit(body, body["bankCardInfo.accountName"], body["bankCardInfo.cardNo"]);
      return success({ verificationId, status });
    },

    "POST remittance/:verificationId/confirm": withVerification(byId, (verification, call) => {
      const { answerId, amount, remark } = requiredTexts(call.json(), ["answerId", "amount", "remark"]);
      if (!verification.remittance) return refusal(409, "VERIFICATION_TYPE_INVALID", "该认证不是打款验证");
      const { code, data } = system.confirm(verification, answerId, amount, remark);
      return code === "SUCCESS" ? success(data, "验证通过") : refusal(200, code, "金额或备注不一致", { data });
    }),

    "POST face": (call) => {
      const body = requiredTexts(call.json(), [...START_FIELDS, "name", "idCardNo", "returnUrl"]);
      const { verificationId, status, face } = system.openFace(body, body.returnUrl);
      return success({ verificationId, status, faceUrl: face?.url, faceUrlExpiresAt: face?.expiresAt });
    },

    "GET :verificationId": withVerification(byId, (verification) => success(resultOf(verification))),
    "GET ": withVerification(byRequest, (verification) => success(resultOf(verification))),
  };
}
