import type { TemplateVariables } from "../template/template.api.ts";
import { agreementPhrases } from "./agreement-phrases.ts";
import { cardSource, contactSource, flowOf, signerCard } from "./parties.ts";
import type { PartyInfo } from "../../contract/schemas/initiate.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** Beijing's offset from UTC; it has had no summer time since 1991. Arithmetic, since a formatter takes many times as long. */
const BEIJING_MS = 8 * 3_600_000;
const beijing = (at: Date): Date => new Date(at.getTime() + BEIJING_MS);
const two = (value: number): string => String(value).padStart(2, "0");

/** `2026年11月24日`, Beijing time. */
export const chineseDate = (at: Date): string => {
  const there = beijing(at);
  return `${there.getUTCFullYear()}年${there.getUTCMonth() + 1}月${there.getUTCDate()}日`;
};

/** `2026年11月24日 15:25`, with `:08` seconds on request; Beijing time. */
export function chineseTime(at: Date, seconds = false): string {
  const there = beijing(at);
  return `${chineseDate(at)} ${two(there.getUTCHours())}:${two(there.getUTCMinutes())}${seconds ? `:${two(there.getUTCSeconds())}` : ""}`;
}

/** What the platform calls each way of verification. */
export const VERIFICATION_NAMES = { REMITTANCE: "打款验证", FACE: "人脸识别" } as const;

/** Everything a template of this process may say; built from the stored document alone, so that a repeat says the same. */
export function templateVariables(process: SigningProcess): TemplateVariables {
  const { request, agreement } = process;
  const flow = flowOf(process.processType, process.scene)!;
  const partyB = (process.signer === "payer" ? request.payerInfo : request.payeeInfo)!;
  const partyA: Partial<PartyInfo> = flow.partyA === "platform" ? { merchantName: agreement.platformName } : flow.partyA === "payer" ? request.payerInfo : request.payeeInfo!;
  const card = signerCard(request, process.signer);
  const ratio = request.extInfo?.orderAggregationMaxRatio;
  const standsIn = contactSource(request, process.signer) !== `${process.signer}Info`;
  const contractParty = (role: string, party: Partial<PartyInfo>) => ({
    role,
    name: party.merchantName ?? null,
    merchantNo: party.merchantNo ?? null,
    accountNo: party.accountNo ?? null,
  });
  return {
    protocolName: agreement.protocolName,
    protocolId: process.protocolId,
    processId: process.processId,
    requestId: process.requestId,
    initiatedOn: chineseDate(process.createdAt),
    partyAName: partyA.merchantName ?? null,
    partyAMerchantNo: partyA.merchantNo ?? null,
    partyAAccountNo: partyA.accountNo ?? null,
    partyBName: partyB.merchantName,
    partyBMerchantNo: partyB.merchantNo,
    partyBAccountNo: partyB.accountNo,
    payerName: request.payerInfo.merchantName,
    payerMerchantNo: request.payerInfo.merchantNo,
    payerAccountNo: request.payerInfo.accountNo,
    payeeName: request.payeeInfo?.merchantName ?? null,
    payeeMerchantNo: request.payeeInfo?.merchantNo ?? null,
    payeeAccountNo: request.payeeInfo?.accountNo ?? null,
    initiatorName: request.initiatorInfo.merchantName,
    initiatorMerchantNo: request.initiatorInfo.merchantNo,
    signerCompany: partyB.merchantName,
    signerName: process.payeeContactName,
    signerIdCardNo: process.payeeContactIdCard,
    signerMobile: process.payeeContactMobile,
    bankCardNo: card?.cardNo ?? null,
    // Without a name of its own the account is verified under the merchant's (the start of the verification does the same).
    bankAccountName: card ? (card.accountName ?? partyB.merchantName) : null,
    bankCode: card?.bankCode ?? null,
    fundPurpose: process.fundPurpose,
    poolingRatio: ratio ? `${Number((Number(ratio) * 100).toFixed(4))}%` : null,
    signDeadline: chineseTime(process.signDeadline),
    verificationMethod: VERIFICATION_NAMES[process.verificationType],
    platformName: agreement.platformName,
    ...agreementPhrases({
      verificationType: process.verificationType,
      codeRequired: agreement.codeRequired,
      signerType: process.signerType,
      standsIn,
      idCardGiven: process.payeeContactIdCard !== null,
      bankCardGiven: card !== null,
    }),
    // The same facts to branch on, for who would rather write the sentence in the agreement itself.
    codeRequired: agreement.codeRequired,
    byFace: process.verificationType === "FACE",
    signerIsCompany: process.signerType === "ENTERPRISE",
    signerStandsIn: standsIn,
    hasIdCard: process.payeeContactIdCard !== null,
    hasBankCard: card !== null,
    hasPayee: request.payeeInfo !== null,
    parties: [contractParty("甲方", partyA), contractParty("乙方", partyB)],
  };
}

/** Which request field each variable came from: an unprintable character is reported under the wallet's own name for it. */
export function variableFields(process: SigningProcess): Record<string, string> {
  const flow = flowOf(process.processType, process.scene)!;
  const b = `${process.signer}Info`;
  const a = flow.partyA === "platform" ? null : `${flow.partyA}Info`;
  const names = ["Name:merchantName", "MerchantNo:merchantNo", "AccountNo:accountNo"].map((pair) => pair.split(":") as [string, string]);
  const partyFields = (prefix: string, info: string | null) => (info ? names.map(([suffix, field]) => [`${prefix}${suffix}`, `${info}.${field}`]) : []);
  const entryFields = (index: number, info: string | null) =>
    info ? [[`parties.${index}.name`, `${info}.merchantName`], [`parties.${index}.merchantNo`, `${info}.merchantNo`], [`parties.${index}.accountNo`, `${info}.accountNo`]] : [];
  const contact = `${contactSource(process.request, process.signer)}.contactInfo`;
  const card = `${cardSource(process.request, process.signer)}.bankCardInfo`;
  return Object.fromEntries([
    ...partyFields("payer", "payerInfo"),
    ...partyFields("payee", "payeeInfo"),
    ...partyFields("partyA", a),
    ...partyFields("partyB", b),
    ...entryFields(0, a),
    ...entryFields(1, b),
    ["requestId", "requestId"],
    ["initiatorName", "initiatorInfo.merchantName"],
    ["initiatorMerchantNo", "initiatorInfo.merchantNo"],
    ["signerCompany", `${b}.merchantName`],
    ["signerName", `${contact}.name`],
    ["signerIdCardNo", `${contact}.idCardNo`],
    ["signerMobile", `${contact}.mobile`],
    ["bankCardNo", `${card}.cardNo`],
    ["bankAccountName", process.request[cardSource(process.request, process.signer)]?.bankCardInfo?.accountName ? `${card}.accountName` : `${b}.merchantName`],
    ["bankCode", `${card}.bankCode`],
    ["fundPurpose", "fundPurpose"],
    ["poolingRatio", "extInfo.orderAggregationMaxRatio"],
  ] as [string, string][]);
}
