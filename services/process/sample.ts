import type { Config } from "../../config/index.ts";
import { sampleRequest } from "../../contract/sample-requests.ts";
import type { MerchantType, ProcessType, VerificationType } from "../../contract/vocabulary.ts";
import type { Chosen, TemplateRef } from "../template/template.api.ts";
import { templateVariables } from "./agreement-variables.ts";
import { draftProcess } from "./draft.ts";
import { flowOf, signerOf } from "./parties.ts";
import type { SampleParams, SampleProcess } from "./process.api.ts";
import { signaturePage } from "./signature-page.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { validateInitiate } from "./validation.ts";

export interface Sampler {
  config: Config;
  now(): number;
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
}

const MINUTE_MS = 60_000;

/**
 * What a process with sample data would say: the very words that a real one of the same circumstances gives to a template, and the
 * signature page it would get. For previews; nothing is stored, and nobody in it is a real person.
 */
export async function sampleProcess(on: Sampler, params: SampleParams): Promise<SampleProcess> {
  const { processType, scene, signerType } = params;
  const mode = { processType, merchantType: signerType } satisfies { processType: ProcessType; merchantType: MerchantType };
  const verificationType = params.verificationType ?? (await on.call<{ type: VerificationType }>("verification-bridge.mode", mode, 2_000)).type;
  // Through the door that a wallet's request comes in by: what it leaves out is as absent as there.
  const request = validateInitiate(sampleRequest({ processType, scene, signerType }, "REQ_SAMPLE_0001", "https://wallet.example.com/callback")).value!;
  const now = on.now();
  const draft = draftProcess({
    request,
    systemCode: "SAMPLE",
    businessId: "SAMPLE",
    signer: signerOf(flowOf(processType, scene)!, request, { payeeContactSigns: false })!,
    verificationType,
    ids: { processId: "ESIGN_PROC_SAMPLE", protocolId: "PROTO_SAMPLE", eventId: "SAMPLE" },
    linkKey: on.config.h5TokenSecret[0]!,
    pageUrl: `${on.config.publicBaseUrl}/h5/sign`,
    templates: templatesNamed(params.protocolName),
    platformPartyName: on.config.platformPartyName,
    codeRequired: params.codeRequired,
    now,
    signWindowMs: on.config.signWindow,
  });
  return { variables: templateVariables(draft), signaturePage: signaturePage(signed(draft, now, params.keyClauses)) };
}

/** Only the agreement's name is read of them. */
function templatesNamed(name: string): Chosen {
  const ref = (kind: TemplateRef["kind"]): TemplateRef => ({ kind, code: "SAMPLE", version: 1, sha256: "", name });
  return { protocol: ref("PROTOCOL"), sms: ref("SMS"), smsCode: ref("SMS"), smsContinue: ref("SMS"), h5: ref("H5") };
}

const signed = (draft: SigningProcess, now: number, keyClauses: number): SigningProcess => ({
  ...draft,
  openedAt: new Date(now),
  signedAt: new Date(now + 2 * MINUTE_MS),
  signature: {
    ip: "203.0.113.10",
    userAgent: "示例设备",
    keyClauses: Array.from({ length: keyClauses }, (_, at) => `k${at + 1}`),
    readMs: 2 * MINUTE_MS,
    smsCode: { required: draft.agreement.codeRequired, messageId: draft.agreement.codeRequired ? "CODE_SAMPLE" : null },
  },
  verification: {
    type: draft.verificationType,
    status: "SUCCESS",
    attempt: 1,
    requestId: "ESIGN_PROC_SAMPLE-1",
    verificationId: "VERIFY_SAMPLE",
    remainingAttempts: null,
    verifiedAt: new Date(now + 5 * MINUTE_MS).toISOString(),
    answer: null,
    faceUrl: null,
    faceUrlExpiresAt: null,
  },
});
