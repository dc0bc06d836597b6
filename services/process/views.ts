import { maskCard, maskIdCard, maskMobile, maskName } from "../../contract/mask.ts";
import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import { statusOf } from "./decision.ts";
import type { MerchantType } from "../../contract/vocabulary.ts";
import { signerCard } from "./parties.ts";
import type { Initiated, MaskedSigner, VerificationView } from "./process.api.ts";
import type { PartyInfo } from "../../contract/schemas/initiate.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** `data` of §2.1.1's answer. */
export const initiatedView = (process: SigningProcess, link: string): Initiated => ({
  processId: process.processId,
  status: statusOf(process),
  h5PageUrl: link,
  expiredAt: isoOrNull(process.expiredAt),
});

/**
 * `data` of §2.1.2, masked (CONTRACT.md §2.1 "Query", "Personal data").
 * @param downloadUrl minted for this answer; null until COMPLETED
 */
export function queryView(process: SigningProcess, downloadUrl: string | null): Record<string, unknown> {
  const { request, verification } = process;
  return {
    processId: process.processId,
    requestId: process.requestId,
    businessType: process.businessType,
    scene: process.scene,
    processType: process.processType,
    status: statusOf(process),
    payerInfo: maskedParty(request.payerInfo),
    payeeInfo: request.payeeInfo ? maskedParty(request.payeeInfo) : null,
    initiatorInfo: request.initiatorInfo,
    fundPurpose: process.fundPurpose,
    extInfo: process.extInfo,
    protocolInfo: process.signedAt
      ? { protocolId: process.protocolId, protocolName: process.agreement.protocolName, signedAt: isoSeconds(process.signedAt), downloadUrl }
      : null,
    verificationInfo: verification
      ? { verificationId: verification.verificationId, type: verification.type, status: verification.status, verifiedAt: verification.verifiedAt }
      : null,
    failureCode: process.failureCode,
    failureReason: process.failureReason,
    expiredAt: isoOrNull(process.expiredAt),
    completedAt: isoOrNull(process.completedAt),
    createdAt: isoSeconds(process.createdAt),
    updatedAt: isoSeconds(process.updatedAt),
  };
}

/** Who signs, masked: the contact and the account that are verified, from whichever party the request has them (CONTRACT.md §2.1 "Flow table"). */
export function maskedSigner(process: SigningProcess): MaskedSigner {
  const card = signerCard(process.request, process.signer);
  const { name, mobile } = signerView(process);
  return {
    side: process.signer,
    merchantType: process.signerType,
    name,
    mobile,
    idCardNo: process.payeeContactIdCard ? maskIdCard(process.payeeContactIdCard) : null,
    bankCard: card && maskedCard(card, process.signerType),
  };
}

const maskedCard = ({ cardNo, accountName, bankCode }: NonNullable<PartyInfo["bankCardInfo"]>, holder: MerchantType) => ({
  cardNo: maskCard(cardNo),
  accountName: accountName ? (holder === "INDIVIDUAL" ? maskName(accountName) : accountName) : null,
  bankCode: bankCode ?? null,
});

function maskedParty(party: PartyInfo): Record<string, unknown> {
  const { bankCardInfo: card, contactInfo: contact, ...open } = party;
  return {
    ...open,
    accountType: party.accountType ?? null,
    bankCardInfo: card ? maskedCard(card, party.merchantType) : null,
    contactInfo: contact
      ? { name: maskName(contact.name), idCardNo: contact.idCardNo ? maskIdCard(contact.idCardNo) : null, mobile: maskMobile(contact.mobile) }
      : null,
  };
}

/** When the signer may expect the money, or what to do at the face check. */
const ARRIVAL_HINTS = {
  REMITTANCE: "验证款项一般在 1 至 3 个工作日内到账，到账后请用同一短信链接返回本页填写金额和备注",
  FACE: "请在光线充足的环境下，由签署人本人完成人脸识别",
} as const;

/** The verification as the signer sees it. */
export function verificationView(process: SigningProcess): VerificationView | null {
  const current = process.verification;
  if (!current) return null;
  const waiting = current.status === "PENDING" || current.status === "NOT_STARTED";
  return {
    type: current.type,
    status: current.status,
    remainingAttempts: current.remainingAttempts,
    arrivalHint: waiting ? ARRIVAL_HINTS[current.type] : null,
  };
}

export const signerView = (process: SigningProcess): { name: string; mobile: string } => ({
  name: maskName(process.payeeContactName),
  mobile: maskMobile(process.payeeContactMobile),
});
