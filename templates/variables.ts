import type { TemplateKind } from "../services/template/template.api.ts";

/** What a variable is: a text to print, a yes or no to branch on, a list to repeat for. */
export type VariableType = "text" | "flag" | "list";

/**
 * One variable a template may use: its Chinese label (what the legal department reads), its type and in which kinds it exists.
 * Absent texts are null. Nothing else reaches a template.
 */
export interface VariableDoc {
  label: string;
  type: VariableType;
  kinds: readonly TemplateKind[];
  /** What each entry of a list has; all are texts. */
  fields?: Readonly<Record<string, string>>;
  /** Kinds whose every version must print it, whatever the process: lint refuses a text that can come out without it. */
  mandatory?: readonly TemplateKind[];
}

const everywhere: readonly TemplateKind[] = ["PROTOCOL", "SMS", "H5"];
const agreement: readonly TemplateKind[] = ["PROTOCOL"];
const pages: readonly TemplateKind[] = ["PROTOCOL", "H5"];

type Rest = Pick<VariableDoc, "mandatory">;
const text = (label: string, kinds: readonly TemplateKind[], rest: Rest = {}): VariableDoc => ({ label, type: "text", kinds, ...rest });
const flag = (label: string): VariableDoc => ({ label, type: "flag", kinds: everywhere });
const list = (label: string, kinds: readonly TemplateKind[], fields: Record<string, string>): VariableDoc => ({ label, type: "list", kinds, fields });
const always: Rest = { mandatory: agreement };

export const VARIABLES: Readonly<Record<string, VariableDoc>> = {
  protocolName: text("协议名称", everywhere),
  protocolId: text("协议编号", agreement, always),
  processId: text("签约流程编号", agreement),
  requestId: text("业务请求编号", agreement),
  initiatedOn: text("发起日期（如 2026年11月24日）", pages),
  partyAName: text("甲方名称", everywhere, always),
  partyAMerchantNo: text("甲方商户号", agreement),
  partyAAccountNo: text("甲方账户号", agreement),
  partyBName: text("乙方名称", everywhere, always),
  partyBMerchantNo: text("乙方商户号", agreement),
  partyBAccountNo: text("乙方账户号", agreement),
  payerName: text("付方名称", everywhere),
  payerMerchantNo: text("付方商户号", agreement),
  payerAccountNo: text("付方账户号", agreement),
  payeeName: text("收方名称", everywhere),
  payeeMerchantNo: text("收方商户号", agreement),
  payeeAccountNo: text("收方账户号", agreement),
  initiatorName: text("发起方名称", agreement),
  initiatorMerchantNo: text("发起方商户号", agreement),
  signerCompany: text("签署方商户名称", everywhere),
  signerCapacity: text("签署人身份（如 法定代表人或者负责人）", pages),
  signerName: text("签署人姓名", agreement, always),
  signerIdCardNo: text("签署人身份证号", agreement),
  signerMobile: text("签署人手机号", agreement),
  bankCardNo: text("签署方结算账号（卡号）", agreement),
  bankAccountName: text("签署方结算账户户名", agreement),
  bankCode: text("签署方开户银行代码", agreement),
  fundPurpose: text("资金用途", everywhere, always),
  poolingRatio: text("订单归集最高比例（如 80%）", everywhere),
  signDeadline: text("签署截止时间（如 2026年11月25日 15:25）", everywhere),
  verificationMethod: text("身份认证方式（打款验证或人脸识别）", pages),
  platformName: text("支付与电子签约服务机构名称（PLATFORM_PARTY_NAME）", pages),
  signingAction: text("签署动作（短信验证码或者点击确认）", agreement),
  signatureDataClause: text("电子签名制作数据条款（随短信验证码的启用而变）", agreement),
  signerSecrets: text("签署人须妥善保管之物（手机、链接、验证码）", agreement),
  smsContent: text("短信所载内容（签约链接、短信验证码）", agreement),
  verificationClause: text("身份认证条款（打款验证的说明，或者人脸识别的单独同意）", agreement),
  faceClause: text("人脸信息条款（如何处理，或者不处理）", agreement),
  verificationInfo: text("提供给认证系统的信息", agreement),
  signerInfo: text("所处理的签署人信息种类", agreement),
  sensitiveInfo: text("所处理的敏感个人信息种类（人脸信息除外）", agreement),
  link: text("签署链接", ["SMS"]),
  code: text("短信验证码", ["SMS"]),
  codeRequired: flag("签署时须输入短信验证码"),
  byFace: flag("以人脸识别认证身份（否则为打款验证）"),
  signerIsCompany: flag("签署方为企业（否则为个人或者个体工商户）"),
  signerStandsIn: flag("由对方联系人代签署方签署（PAYEE_CONTACT_SIGNS）"),
  hasIdCard: flag("已提供签署人身份证号"),
  hasBankCard: flag("已提供签署方结算账户"),
  hasPayee: flag("已载明收方"),
  parties: list("合同当事人（甲方、乙方）", agreement, { role: "当事人地位（甲方、乙方）", name: "名称", merchantNo: "商户号", accountNo: "账户号" }),
};
