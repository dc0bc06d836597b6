import { statusNumber, SIGNATORY_NUMBER, type VerificationType } from "../../contract/vocabulary.ts";
import type { RotatingKey } from "../../config/parsers.ts";
import type { Prepared } from "../protocol/protocol.api.ts";
import type { Chosen } from "../template/template.api.ts";
import { deadline } from "./decision.ts";
import { linkToken, tokenHash } from "./link-token.ts";
import { flowOf, type Signer } from "./parties.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** What initiation has settled before anything is stored. Every id is minted by now. */
export interface DraftInputs {
  request: InitiateRequest;
  systemCode: string;
  businessId: string;
  signer: Signer;
  verificationType: VerificationType;
  ids: { processId: string; protocolId: string; eventId: string };
  linkKey: RotatingKey;
  /** `$PUBLIC_BASE_URL/h5/sign`, without a token. */
  pageUrl: string;
  templates: Chosen;
  platformPartyName: string;
  /** SIGN_SMS_CODE: the signer will confirm with a code. */
  codeRequired: boolean;
  /** ms */
  now: number;
  signWindowMs: number;
}

/** `messageId` of the first invitation. */
export const invitationId = (processId: string): string => `INV_${processId}`;

/** The document of a new process before its agreement is known; the actor fills in state and history. */
export function draftProcess(inputs: DraftInputs): SigningProcess {
  const { request, signer, ids, templates, now } = inputs;
  const { processId } = ids;
  const contact = signer.contact!;
  return {
    _id: processId,
    processId,
    requestId: request.requestId,
    systemCode: inputs.systemCode,
    businessId: inputs.businessId,
    businessType: request.businessType,
    scene: request.scene,
    processType: request.processType,
    status: statusNumber("INIT"),
    payerMerchantNo: request.payerInfo.merchantNo,
    payerMerchantName: request.payerInfo.merchantName,
    payerAccountNo: request.payerInfo.accountNo,
    payeeMerchantNo: request.payeeInfo?.merchantNo ?? null,
    payeeMerchantName: request.payeeInfo?.merchantName ?? null,
    payeeAccountNo: request.payeeInfo?.accountNo ?? null,
    payeeContactMobile: contact.mobile,
    payeeContactName: contact.name,
    payeeContactIdCard: contact.idCardNo ?? null,
    initiatorMerchantNo: request.initiatorInfo.merchantNo,
    initiatorMerchantName: request.initiatorInfo.merchantName,
    fundPurpose: request.fundPurpose,
    h5PageToken: tokenHash(linkToken(inputs.linkKey, processId)),
    h5PageTokenKid: inputs.linkKey.kid,
    h5PageUrl: inputs.pageUrl,
    callbackUrl: request.callbackUrl,
    protocolId: ids.protocolId,
    verificationId: null,
    failureReason: null,
    failureCode: null,
    expiredAt: null,
    completedAt: null,
    extInfo: request.extInfo?.orderAggregationMaxRatio ? { orderAggregationMaxRatio: request.extInfo.orderAggregationMaxRatio } : null,
    createdAt: new Date(now),
    updatedAt: new Date(now),
    request,
    signer: signer.side,
    signerType: signer.party.merchantType,
    verificationType: inputs.verificationType,
    agreement: {
      protocolName: templates.protocol.name,
      protocolHash: "",
      sm3: "",
      keyClauseIds: [],
      signatoryA: partyAName(inputs),
      signatoryB: signer.party.merchantName,
      platformName: inputs.platformPartyName,
      codeRequired: inputs.codeRequired,
      templates,
    },
    invitationId: invitationId(processId),
    eventId: ids.eventId,
    signDeadline: deadline(now, inputs.signWindowMs),
    openedAt: null,
    signedAt: null,
    signature: null,
    signCode: null,
    verification: null,
    verificationRequestRecorded: false,
    notedResults: [],
    history: [],
    owed: [],
    owedDueAt: null,
  };
}

/** With the agreement pinned: from here on only this hash can be signed. */
export const withAgreement = (draft: SigningProcess, prepared: Prepared): SigningProcess => ({
  ...draft,
  agreement: {
    ...draft.agreement,
    protocolHash: prepared.protocolHash,
    sm3: prepared.sm3,
    keyClauseIds: prepared.keyClauses.map((clause) => clause.id),
  },
});

/** §3.1 `signatory_b_type` of the signing party. */
export const signatoryBType = (process: SigningProcess): number => SIGNATORY_NUMBER[process.signerType];

function partyAName({ request, platformPartyName }: DraftInputs): string {
  const flow = flowOf(request.processType, request.scene)!;
  if (flow.partyA === "platform") return platformPartyName;
  return (flow.partyA === "payer" ? request.payerInfo : request.payeeInfo!).merchantName;
}
