import type { FieldError } from "../../contract/errors.ts";
import { flowOf, type Flow, type Side } from "../../contract/flows.ts";
import type { VerificationType } from "../../contract/vocabulary.ts";
import type { InitiateRequest, PartyInfo } from "../../contract/schemas/initiate.ts";

export { FLOWS, flowOf, type Flow } from "../../contract/flows.ts";

export interface PartyRules {
  /** PAYEE_CONTACT_SIGNS: where the payer signs, the payee's contact and card may stand in, as the literal §2.1.1 has it. */
  payeeContactSigns: boolean;
}

/** The signer's own data, wherever the request has it. */
export interface Signer {
  side: Side;
  party: PartyInfo;
  /** Prefix of the fields that hold contact and card: `payeeInfo`. */
  source: "payerInfo" | "payeeInfo";
  contact: NonNullable<PartyInfo["contactInfo"]> | null;
  card: NonNullable<PartyInfo["bankCardInfo"]> | null;
}

/** Who signs a request of this flow, and where contact and card are taken from. */
export function signerOf(flow: Flow, request: InitiateRequest, rules: PartyRules): Signer | null {
  const party = flow.signer === "payer" ? request.payerInfo : request.payeeInfo;
  if (!party) return null;
  const source = rules.payeeContactSigns ? contactSource(request, flow.signer) : (`${flow.signer}Info` as const);
  return {
    side: flow.signer,
    party,
    source,
    contact: request[source]?.contactInfo ?? null,
    card: (source === `${flow.signer}Info` ? party.bankCardInfo : signerCard(request, flow.signer)) ?? null,
  };
}

/** Where an accepted request has the signer's contact: the payee's stands in only where a payer without one was let sign. */
export const contactSource = (request: InitiateRequest, side: Side): "payerInfo" | "payeeInfo" =>
  side === "payer" && !request.payerInfo.contactInfo && request.payeeInfo?.contactInfo ? "payeeInfo" : `${side}Info`;

/** Where an accepted request has the signer's bank card: the signer's own goes before one that stands in, which comes with the contact. */
export const cardSource = (request: InitiateRequest, side: Side): "payerInfo" | "payeeInfo" =>
  request[`${side}Info`]?.bankCardInfo ? `${side}Info` : contactSource(request, side);

/** The bank account that is verified (§4.2.2); null where none was given. */
export const signerCard = (request: InitiateRequest, side: Side): NonNullable<PartyInfo["bankCardInfo"]> | null =>
  request[cardSource(request, side)]?.bankCardInfo ?? null;

/**
 * What the flow table refuses: an unknown pair, a party of the wrong type, a missing party, contact, card or ID number.
 * @param type how the signer will be verified; null while the flow itself is wrong
 */
export function flowErrors(request: InitiateRequest, type: VerificationType | null, rules: PartyRules): FieldError[] {
  const flow = flowOf(request.processType, request.scene);
  if (!flow) return [{ field: "scene", message: `流程类型 ${request.processType} 不支持场景 ${request.scene}` }];
  const errors: FieldError[] = [];
  const wrongType = (side: Side, party: PartyInfo | null) => {
    if (party && !flow[side].includes(party.merchantType)) {
      errors.push({ field: `${side}Info.merchantType`, message: `该流程要求为 ${flow[side].join(" 或 ")}` });
    }
  };
  wrongType("payer", request.payerInfo);
  wrongType("payee", request.payeeInfo);
  if (!request.payeeInfo && !flow.payeeOptional) errors.push({ field: "payeeInfo", message: "必填" });
  if (request.scene === "POOLING" && !request.extInfo?.orderAggregationMaxRatio) {
    errors.push({ field: "extInfo.orderAggregationMaxRatio", message: "归集场景必填" });
  }
  const signer = signerOf(flow, request, rules);
  return signer ? errors.concat(signerErrors(signer, type)) : errors;
}

/** REMITTANCE needs the signer's card, FACE the ID number: asked for now, not days later (CONTRACT.md §2.1 "Verification"). */
function signerErrors(signer: Signer, type: VerificationType | null): FieldError[] {
  const errors: FieldError[] = [];
  if (!signer.contact) errors.push({ field: `${signer.source}.contactInfo`, message: "签署方联系人必填" });
  if (type === "REMITTANCE" && !signer.card) errors.push({ field: `${signer.source}.bankCardInfo`, message: "打款验证需要签署方银行账户，必填" });
  if (type === "FACE" && signer.contact && !signer.contact.idCardNo) {
    errors.push({ field: `${signer.source}.contactInfo.idCardNo`, message: "人脸验证需要身份证号，必填" });
  }
  return errors;
}

/** Luhn for cards and GB 11643 for ID numbers, only under STRICT_CHECKSUMS: the client's own example fails both. */
export function checksumErrors(request: InitiateRequest): FieldError[] {
  const errors: FieldError[] = [];
  for (const side of ["payerInfo", "payeeInfo"] as const) {
    const party = request[side];
    if (party?.bankCardInfo && !luhn(party.bankCardInfo.cardNo)) {
      errors.push({ field: `${side}.bankCardInfo.cardNo`, message: "银行卡号校验位不正确" });
    }
    const id = party?.contactInfo?.idCardNo;
    if (id && !idChecksum(id)) errors.push({ field: `${side}.contactInfo.idCardNo`, message: "身份证号校验位不正确" });
  }
  return errors;
}

/** ISO/IEC 7812-1 annex B. */
function luhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** GB 11643-1999 §5.2: ISO 7064 MOD 11-2. */
function idChecksum(id: string): boolean {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(id[i]), 0);
  return "10X98765432"[sum % 11] === id[17]!.toUpperCase();
}
