import type { SignatureLine } from "../protocol/protocol.api.ts";
import { chineseTime, VERIFICATION_NAMES } from "./agreement-variables.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** The lines of the PDF's signature page: who, when, from where, verified how. Only for a process that is verified. */
export function signaturePage(process: SigningProcess): SignatureLine[] {
  const signature = process.signature!;
  const verification = process.verification!;
  const line = (label: string, value: string | null): SignatureLine[] => (value ? [{ label, value }] : []);
  return [
    ...line("甲方", process.agreement.signatoryA),
    ...line("乙方（签署方）", process.agreement.signatoryB),
    ...line("签署人", process.payeeContactName),
    ...line("签署人身份证号", process.payeeContactIdCard),
    ...line("签署人手机号", process.payeeContactMobile),
    ...line("签约流程编号", process.processId),
    ...line("协议展示时间", `${chineseTime(process.openedAt!, true)}（北京时间）`),
    ...line("签署时间", `${chineseTime(process.signedAt!, true)}（北京时间）`),
    ...line("阅读时长", `${Math.floor(signature.readMs / 1000)} 秒，已阅读至末尾并逐项确认 ${signature.keyClauses.length} 条重点条款`),
    ...line("签署方式", signature.smsCode.required ? "短信验证码确认签署" : "点击确认签署（未使用短信验证码）"),
    ...line("验证码短信编号", signature.smsCode.messageId),
    ...line("签署网络地址（IP）", signature.ip),
    ...line("签署设备", signature.userAgent),
    ...line("身份认证方式", VERIFICATION_NAMES[verification.type]),
    ...line("认证编号", verification.verificationId),
    ...line("认证通过时间", verification.verifiedAt ? `${chineseTime(new Date(verification.verifiedAt), true)}（北京时间）` : null),
  ];
}
