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
  signerName: { label: "签署人姓名（法定代表人或负责人）", kinds: agreement },
  signerIdCardNo: { label: "签署人身份证号", kinds: agreement },
  signerMobile: { label: "签署人手机号", kinds: agreement },
  bankCardNo: { label: "签署方结算账号（卡号）", kinds: agreement },
  bankAccountName: { label: "签署方结算账户户名", kinds: agreement },
  bankCode: { label: "签署方开户银行代码", kinds: agreement },
  fundPurpose: { label: "资金用途", kinds: everywhere },
  poolingRatio: { label: "订单归集最高比例（如 80%）", kinds: pages },
  signDeadline: { label: "签署截止时间（如 2026年11月25日 15:25）", kinds: everywhere },
  verificationMethod: { label: "身份认证方式（打款验证或人脸识别）", kinds: pages },
  platformName: { label: "支付与电子签约服务机构名称（PLATFORM_PARTY_NAME）", kinds: pages },
  link: { label: "签署链接", kinds: ["SMS"] },
  code: { label: "短信验证码", kinds: ["SMS"] },
};
