import { ACCOUNT_TYPES, BUSINESS_TYPES, MERCHANT_TYPES, PROCESS_TYPES, SCENES } from "../vocabulary.ts";
import type { MerchantType, ProcessType, Scene } from "../vocabulary.ts";
import { nullable, text } from "./pieces.ts";

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

const bankCardInfo = {
  type: "object",
  additionalProperties: false,
  required: ["cardNo"],
  properties: {
    cardNo: { type: "string", format: "bank-card" },
    accountName: nullable(text(128)),
    bankCode: nullable(text(32)),
  },
};

const contactInfo = {
  type: "object",
  additionalProperties: false,
  required: ["name", "mobile"],
  properties: {
    name: text(64),
    idCardNo: nullable({ type: "string", format: "id-card" }),
    mobile: { type: "string", format: "mobile" },
  },
};

const party = {
  type: "object",
  additionalProperties: false,
  required: ["merchantNo", "merchantName", "merchantType", "accountNo"],
  properties: {
    merchantNo: text(32),
    merchantName: text(128),
    merchantType: { enum: [...MERCHANT_TYPES] },
    accountNo: text(32),
    accountType: { enum: [...ACCOUNT_TYPES, null] },
    bankCardInfo: nullable(bankCardInfo),
    contactInfo: nullable(contactInfo),
  },
};

/** JSON Schema of §2.1.1's body. `additionalProperties: false` means dropped, not refused: unknown fields are ignored. */
export const initiateSchema = {
  type: "object",
  additionalProperties: false,
  required: ["requestId", "businessType", "scene", "processType", "payerInfo", "initiatorInfo", "fundPurpose", "callbackUrl"],
  properties: {
    requestId: text(32),
    businessType: { enum: [...BUSINESS_TYPES] },
    scene: { enum: [...SCENES] },
    processType: { enum: [...PROCESS_TYPES] },
    payerInfo: party,
    payeeInfo: nullable(party),
    initiatorInfo: {
      type: "object",
      additionalProperties: false,
      required: ["merchantNo", "merchantName"],
      properties: { merchantNo: text(32), merchantName: text(128) },
    },
    fundPurpose: text(64),
    callbackUrl: text(512),
    extInfo: nullable({
      type: "object",
      additionalProperties: false,
      properties: { orderAggregationMaxRatio: nullable({ type: "string", format: "ratio" }) },
    }),
  },
};
