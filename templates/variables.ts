import type { TemplateKind } from "../services/template/template.api.ts";

/**
 * Every variable a template may use: its Chinese label (what the legal department reads) and in which kinds it exists.
 * All are text; absent ones are null. Nothing else reaches a template.
 */
export interface VariableDoc {
  label: string;
  kinds: readonly TemplateKind[];
}

const everywhere: readonly TemplateKind[] = ["PROTOCOL", "SMS", "H5"];
const agreement: readonly TemplateKind[] = ["PROTOCOL"];
const pages: readonly TemplateKind[] = ["PROTOCOL", "H5"];

export const VARIABLES: Readonly<Record<string, VariableDoc>> = {
  protocolName: { label: "协议名称", kinds: everywhere },
  protocolId: { label: "协议编号", kinds: agreement },
  processId: { label: "签约流程编号", kinds: agreement },
  requestId: { label: "业务请求编号", kinds: agreement },
  initiatedOn: { label: "发起日期（如 2026年11月24日）", kinds: pages },
  partyAName: { label: "甲方名称", kinds: everywhere },
  partyAMerchantNo: { label: "甲方商户号", kinds: agreement },
  partyAAccountNo: { label: "甲方账户号", kinds: agreement },
  partyBName: { label: "乙方名称", kinds: everywhere },
  partyBMerchantNo: { label: "乙方商户号", kinds: agreement },
  partyBAccountNo: { label: "乙方账户号", kinds: agreement },
  payerName: { label: "付方名称", kinds: everywhere },
  payerMerchantNo: { label: "付方商户号", kinds: agreement },
  payerAccountNo: { label: "付方账户号", kinds: agreement },
  payeeName: { label: "收方名称", kinds: everywhere },
  payeeMerchantNo: { label: "收方商户号", kinds: agreement },
  payeeAccountNo: { label: "收方账户号", kinds: agreement },
  initiatorName: { label: "发起方名称", kinds: agreement },
  initiatorMerchantNo: { label: "发起方商户号", kinds: agreement },
  signerCompany: { label: "签署方商户名称", kinds: everywhere },
  signerCapacity: { label: "签署人身份（如 法定代表人或者负责人）", kinds: pages },
  signerName: { label: "签署人姓名", kinds: agreement },
  signerIdCardNo: { label: "签署人身份证号", kinds: agreement },
  signerMobile: { label: "签署人手机号", kinds: agreement },
  bankCardNo: { label: "签署方结算账号（卡号）", kinds: agreement },
  bankAccountName: { label: "签署方结算账户户名", kinds: agreement },
  bankCode: { label: "签署方开户银行代码", kinds: agreement },
  fundPurpose: { label: "资金用途", kinds: everywhere },
  poolingRatio: { label: "订单归集最高比例（如 80%）", kinds: everywhere },
  signDeadline: { label: "签署截止时间（如 2026年11月25日 15:25）", kinds: everywhere },
  verificationMethod: { label: "身份认证方式（打款验证或人脸识别）", kinds: pages },
  platformName: { label: "支付与电子签约服务机构名称（PLATFORM_PARTY_NAME）", kinds: pages },
  signingAction: { label: "签署动作（短信验证码或者点击确认）", kinds: agreement },
  signatureDataClause: { label: "电子签名制作数据条款（随短信验证码的启用而变）", kinds: agreement },
  signerSecrets: { label: "签署人须妥善保管之物（手机、链接、验证码）", kinds: agreement },
  smsContent: { label: "短信所载内容（签约链接、短信验证码）", kinds: agreement },
  verificationClause: { label: "身份认证条款（打款验证的说明，或者人脸识别的单独同意）", kinds: agreement },
  faceClause: { label: "人脸信息条款（如何处理，或者不处理）", kinds: agreement },
  verificationInfo: { label: "提供给认证系统的信息", kinds: agreement },
  signerInfo: { label: "所处理的签署人信息种类", kinds: agreement },
  sensitiveInfo: { label: "所处理的敏感个人信息种类（人脸信息除外）", kinds: agreement },
  link: { label: "签署链接", kinds: ["SMS"] },
  code: { label: "短信验证码", kinds: ["SMS"] },
};
