import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { agreementPhrases } from "../../../services/process/agreement-phrases.ts";
import type { PageData } from "../../../services/process/process.api.ts";
import { readAgreement } from "../../../services/protocol/agreement.ts";
import { compile } from "../../../services/template/render.ts";

const VALUES: Record<string, string> = {
  protocolName: "天财分账业务授权协议（总部与接收方）",
  protocolId: "PROTO_20261124K7M2Q9X4ABCD",
  processId: "ESIGN_PROC_20261124K7M2Q9X4ABCD",
  requestId: "WALLET_REQ_202310120001",
  initiatedOn: "2026年11月24日",
  platformName: "拉卡拉支付股份有限公司",
  partyAName: "北京天财餐饮有限公司（总部）",
  partyAMerchantNo: "M100001",
  partyAAccountNo: "ACC100001",
  partyBName: "上海天财门店",
  partyBMerchantNo: "M100002",
  partyBAccountNo: "ACC100002",
  initiatorName: "北京天财餐饮有限公司（总部）",
  initiatorMerchantNo: "M100001",
  signerCompany: "上海天财门店",
  signerName: "张三",
  signerIdCardNo: "110101199001011234",
  signerMobile: "13800138000",
  bankCardNo: "6228480012345678901",
  bankAccountName: "上海天财门店",
  bankCode: "ICBC",
  fundPurpose: "股东分红",
  signDeadline: "2026年11月25日 15:25",
  verificationMethod: "打款验证",
  ...agreementPhrases({ verificationType: "REMITTANCE", codeRequired: true, signerType: "ENTERPRISE", standsIn: false, idCardGiven: true, bankCardGiven: true }),
};

const template = (kind: string): string => readFileSync(join("templates", kind, "RB_BATCH_ENTERPRISE", "content.ejs"), "utf8");
const FLAGS = { codeRequired: true, byFace: false, signerIsCompany: true, signerStandsIn: false, hasIdCard: true, hasBankCard: true, hasPayee: true };
const fill = (kind: "protocol" | "h5"): string => compile(kind === "h5" ? "H5" : "PROTOCOL", template(kind))({ ...VALUES, ...FLAGS });

export const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

/** The page's data for the client's own example, with the built-in agreement and an empty verification. */
export function sampleProcess(): PageData {
  const html = fill("protocol");
  return {
    processId: VALUES.processId!,
    status: "SMS_SENT",
    expiredAt: "2026-11-25T07:25:00Z",
    page: JSON.parse(fill("h5")) as PageData["page"],
    protocol: {
      protocolId: VALUES.protocolId!,
      protocolName: VALUES.protocolName!,
      html,
      protocolHash: sha256(html),
      keyClauses: readAgreement(html).keyClauses,
      readSeconds: 0,
    },
    signer: { name: "张*", mobile: "138****8000" },
    smsCode: { required: true },
    verification: null,
    failureReason: null,
    downloadUrl: null,
  };
}

/** A short agreement of the test's own making. */
export function withAgreement(data: PageData, html: string, keyClauses: PageData["protocol"]["keyClauses"] = []): PageData {
  return { ...data, protocol: { ...data.protocol, html, protocolHash: sha256(html), keyClauses } };
}
