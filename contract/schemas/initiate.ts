import { ACCOUNT_TYPES, BUSINESS_TYPES, MERCHANT_TYPES, PROCESS_TYPES, SCENES } from "../vocabulary.ts";
import type { MerchantType, ProcessType, Scene } from "../vocabulary.ts";
import { nullable, object, text, word } from "./pieces.ts";

/** The body of §2.1.1 after validation: known fields only. */
export interface InitiateRequest {
  requestId: string;
  businessType: string;
  scene: Scene;
  processType: ProcessType;
  payerInfo: PartyInfo;
  payeeInfo: PartyInfo | null;
  initiatorInfo: { merchantNo: string; merchantName: string };
  fundPurpose: string;
  callbackUrl: string;
  extInfo: { orderAggregationMaxRatio?: string } | null;
}
export interface PartyInfo {
  merchantNo: string;
  merchantName: string;
  merchantType: MerchantType;
  accountNo: string;
  accountType?: string;
  bankCardInfo?: BankCardInfo | null;
  contactInfo?: ContactInfo | null;
}
export interface BankCardInfo {
  cardNo: string;
  accountName?: string;
  bankCode?: string;
}
export interface ContactInfo {
  name: string;
  idCardNo?: string;
  mobile: string;
}

const bankCardInfo = object(
  {
    cardNo: { type: "string", format: "bank-card", description: "银行卡号或对公账号，8 至 32 位数字" },
    accountName: nullable(text(128, "户名")),
    bankCode: nullable(text(32, "开户行代码，例如 ICBC")),
  },
  ["cardNo"],
  "签署方的收款银行账户；打款验证（REMITTANCE）必填",
);

const contactInfo = object(
  {
    name: text(64, "签署人姓名（法人、负责人或本人）"),
    idCardNo: nullable({ type: "string", format: "id-card", description: "签署人身份证号，18 位；人脸验证（FACE）必填" }),
    mobile: { type: "string", format: "mobile", description: "接收签约短信的手机号" },
  },
  ["name", "mobile"],
  "签署人；签署方必填，短信发往此手机号",
);

const party = (description: string) =>
  object(
    {
      merchantNo: text(32, "商户号"),
      merchantName: text(128, "商户名称，写入协议正文"),
      merchantType: word(MERCHANT_TYPES, "ENTERPRISE 企业，INDIVIDUAL 个人或个体户"),
      accountNo: text(32, "天财账户号"),
      accountType: word([...ACCOUNT_TYPES, null], "TIANCAI_RECEIVE_ACCOUNT 天财收款账户，TIANCAI_RECEIVER_ACCOUNT 天财接收方账户"),
      bankCardInfo: nullable(bankCardInfo),
      contactInfo: nullable(contactInfo),
    },
    ["merchantNo", "merchantName", "merchantType", "accountNo"],
    description,
  );

/** JSON Schema of §2.1.1's body. */
export const initiateSchema = object(
  {
    requestId: text(32, "钱包请求号。与系统代码、businessType 一起构成幂等键，永久有效"),
    businessType: word(BUSINESS_TYPES, "业务类型"),
    scene: word(SCENES, "POOLING 归集，BATCH_PAYMENT 批量付款，MEMBER_SETTLEMENT 会员结算"),
    processType: word(PROCESS_TYPES, "RELATION_BINDING 关系绑定，OPEN_PAYMENT 开通付款，POOLING_AUTH 归集授权"),
    payerInfo: party("付方。关系绑定、开通付款时是总部（企业）；归集授权时是门店，由其签署"),
    payeeInfo: nullable(party("收方。关系绑定时是接收方或门店，由其签署；归集授权时是总部（企业）；开通付款时可不填")),
    initiatorInfo: object({ merchantNo: text(32, "发起方商户号"), merchantName: text(128, "发起方商户名称") }, undefined, "发起方"),
    fundPurpose: text(64, "资金用途，写入协议正文"),
    callbackUrl: text(512, "结果回调地址。生产环境必须是 https，且主机名已登记；不得含用户信息或 #"),
    extInfo: nullable(
      object(
        { orderAggregationMaxRatio: nullable({ type: "string", format: "ratio", description: "订单归集最高比例，大于 0 且不超过 1；归集（POOLING）必填" }) },
        [],
        "扩展信息，只保存此处列出的字段",
      ),
    ),
  },
  ["requestId", "businessType", "scene", "processType", "payerInfo", "initiatorInfo", "fundPurpose", "callbackUrl"],
  "发起签约的请求",
);
