import * as fc from "fast-check";
import { EVIDENCE_TYPES, type EvidenceType } from "../../../contract/vocabulary.ts";
import { summaryOf } from "../../../services/evidence/summaries.ts";

const OPERATOR = { by: "OPERATOR", name: "ann", reason: "客户张三来电", via: "ADMIN_API" };

test.each<[EvidenceType, Record<string, unknown>, string]>([
  ["REQUEST", { systemCode: "WALLET", request: { payeeInfo: {} }, signed: { signType: "ED25519" } }, "业务系统发起签约，请求带签名（ED25519）"],
  ["REQUEST", { request: {} }, "业务系统发起签约，请求未签名"],
  ["PROTOCOL", { html: "<p>张三</p>", template: { code: "RB_BATCH_ENTERPRISE", version: 3 } }, "协议已固化，模板 RB_BATCH_ENTERPRISE 第 3 版"],
  ["PROTOCOL", { template: { code: "RB_BATCH_ENTERPRISE", version: 4, approvedBy: "bob" } }, "协议已固化，模板 RB_BATCH_ENTERPRISE 第 4 版（由 bob 批准）"],
  ["PROTOCOL", { template: { code: "RB_BATCH_ENTERPRISE", version: 1, approvedBy: "系统内置" } }, "协议已固化，模板 RB_BATCH_ENTERPRISE 第 1 版（系统内置）"],
  ["SMS_RECORD", { kind: "INVITATION", status: "SENT", attempts: 1, mobile: "13800138000", content: "张三" }, "签约短信已发送"],
  ["SMS_RECORD", { kind: "INVITATION", status: "FAILED", attempts: 3 }, "签约短信发送失败，第 3 次"],
  ["SMS_RECORD", { kind: "SIGN_CODE", status: "SENT", attempts: 1 }, "验证码短信已发送"],
  ["SMS_RECORD", { kind: "RECEIPT", status: "DELIVERED", detail: "张三" }, "短信回执：已送达手机"],
  ["LINK_OPENED", { ip: "203.0.113.9" }, "签署人打开链接"],
  ["READING", {}, "协议已展示给签署人"],
  ["SIGNATURE", { readSeconds: 12, smsCode: { required: true } }, "签署人签署，阅读 12 秒，验证码已核对"],
  ["SIGNATURE", { readSeconds: 12, smsCode: { required: false } }, "签署人签署，阅读 12 秒，无验证码"],
  ["VERIFICATION_REQUEST", { type: "REMITTANCE" }, "打款验证已发起"],
  ["VERIFICATION_REQUEST", { type: "FACE", replaces: "P-1" }, "人脸验证链接过期，换发新的一次"],
  ["VERIFICATION_ANSWER", { answerId: "A", amount: "0.12", remark: "张三" }, "签署人回填金额与备注"],
  ["VERIFICATION_ANSWER", { outcome: "MISMATCH", remainingAttempts: 2 }, "认证系统答复：不一致，剩余 2 次"],
  ["VERIFICATION_ANSWER", { outcome: "UNREACHABLE", remainingAttempts: null }, "认证系统答复：没有答复"],
  ["VERIFICATION_RESULT", { status: "SUCCESS" }, "身份认证通过"],
  ["VERIFICATION_RESULT", { status: "FAILED", failureReason: "张三户名不符" }, "身份认证未通过"],
  ["VERIFICATION_ANOMALY", { status: "SUCCESS", why: "CONFLICT" }, "与现状不符的认证结果（通过，与先到的结果矛盾），未改变流程"],
  ["LATE_RESULT", { status: "SUCCESS", processStatus: "EXPIRED" }, "流程终结（EXPIRED）后到达的认证结果（通过），未改变流程"],
  ["PROTOCOL_SEALED", { size: 55_000 }, "协议已封签，PDF 55000 字节"],
  ["STATE", { status: "COMPLETED", failureCode: null }, "流程终结：COMPLETED"],
  ["STATE", { status: "EXPIRED", failureCode: "SIGN_TIMEOUT" }, "流程终结：EXPIRED（SIGN_TIMEOUT）"],
  ["CALLBACK", { attempt: 2, outcome: "DELIVERED", httpStatus: 200 }, "结果通知第 2 次送达，HTTP 200"],
  ["CALLBACK", { attempt: 13, outcome: "PARKED", httpStatus: null }, "结果通知第 13 次未送达，已暂停"],
  ["CUSTODY", { ...OPERATOR, action: "EXPORT", view: "full" }, "操作人 ann 取走证据包（完整）"],
  ["CUSTODY", { ...OPERATOR, action: "DOCUMENT", kind: "SEALED_PDF" }, "操作人 ann 取走封签协议"],
  ["CUSTODY", { ...OPERATOR, action: "REVEAL", field: "signer.mobile" }, "操作人 ann 查看完整信息（signer.mobile）"],
  ["CUSTODY", { ...OPERATOR, name: "13800138000", action: "EXPORT", view: "full" }, "操作人 （未知） 取走证据包（完整）"],
  ["CUSTODY", { ...OPERATOR, name: "张三", action: "EXPORT", view: "redacted" }, "操作人 （未知） 取走证据包（已遮盖）"],
  ["INCIDENT", { ...OPERATOR, action: "RETRY" }, "操作人 ann 立即重试"],
  ["INCIDENT", { by: "SIGNER", reason: "我是张三" }, "签署人拒绝签署"],
  ["INCIDENT", { by: "WALLET", reason: "张三退单" }, "业务系统取消签约"],
])("%s %j reads %s", (type, data, line) => {
  expect(summaryOf(type, data)).toBe(line);
});

test.each(EVIDENCE_TYPES)("%s that has been erased says so, and of contents nobody knows it makes a line all the same", (type) => {
  expect(summaryOf(type, null)).toBe("内容已删除，哈希仍在链上");
  expect(summaryOf(type, {})).toMatch(/\p{Script=Han}/u);
});

/** Every member that any line looks at, but the names of operators, which are words by themselves. */
const MEMBERS = ["signed", "signType", "template", "code", "version", "kind", "status", "attempts", "readSeconds", "smsCode", "required", "type", "replaces", "outcome", "remainingAttempts", "why", "processStatus", "size", "failureCode", "attempt", "httpStatus", "action", "view", "field", "by"];
const PERSONAL = ["张三", "13800138000", "110101199001011234", "6228480012345678901", "203.0.113.9", "<img src=x>", "__proto__"];

test("no line repeats what stands in an event, wherever it stands", () => {
  const secret = fc.constantFrom(...PERSONAL);
  const value = fc.oneof(secret, fc.record(Object.fromEntries(MEMBERS.map((member) => [member, secret])), { requiredKeys: [] }), fc.array(secret));
  const event = fc.record(Object.fromEntries(MEMBERS.map((member) => [member, value])), { requiredKeys: [] });
  fc.assert(
    fc.property(fc.constantFrom(...EVIDENCE_TYPES), event, (type, data) => {
      const line = summaryOf(type, data);
      for (const personal of PERSONAL) expect(line).not.toContain(personal);
    }),
    { numRuns: 2_000 },
  );
});
