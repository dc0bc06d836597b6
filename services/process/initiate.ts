import { callbackAllowed, callers } from "../../config/callers.ts";
import type { Config } from "../../config/index.ts";
import { codeOf, failure, type FieldError } from "../../contract/errors.ts";
import { newId } from "../../contract/ids.ts";
import type { VerificationType } from "../../contract/vocabulary.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Prepared } from "../protocol/protocol.api.ts";
import type { Chosen } from "../template/template.api.ts";
import type { Actor } from "./actor.ts";
import { templateVariables, variableFields } from "./agreement-variables.ts";
import { statusOf } from "./decision.ts";
import { draftProcess, invitationId, withAgreement } from "./draft.ts";
import { differences } from "./idempotency.ts";
import { reserveSms, type Limiter } from "./limits.ts";
import { checksumErrors, flowErrors, flowOf, signerOf, type Signer } from "./parties.ts";
import type { Initiated, InitiateParams } from "./process.api.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { withPatience } from "./patience.ts";
import { validateInitiate } from "./validation.ts";
import { initiatedView } from "./views.ts";

export interface Initiator extends Limiter {
  config: Config;
  processes: Collection<SigningProcess>;
  actor: Actor;
  now(): number;
  link(process: SigningProcess): string | null;
}

/** How long the caller waits for the invitation; what is not done by then the sweep finishes. The SMS itself takes at most 7 s. */
const PATIENCE_MS = 9_000;

/**
 * §2.1.1: checks, freezes, stores, invites. Order of refusals: fields (400), key (409), rate limits (429), templates and glyphs; a refused request
 * does not use its key up (CONTRACT.md §2.1 "Idempotency").
 * @throws PARAM_INVALID, REQUEST_DUPLICATED, RATE_LIMITED, TEMPLATE_NOT_FOUND, SMS_SEND_FAILED
 */
export async function initiate(on: Initiator, params: InitiateParams): Promise<Initiated> {
  const { systemCode, businessId } = params;
  const { request, signer, verificationType } = await checked(on, params);
  const key = { systemCode, businessType: request.businessType, requestId: request.requestId };
  const first = await on.processes.findOne(key);
  if (first) throw duplicated(on, first, { businessId, request });

  const processId = newId("process", on.now());
  const giveBack = await withinLimits(on, systemCode, invitationId(processId), signer.contact!.mobile).catch(async (error: unknown) => {
    // The key comes before the limits: the same request may have been stored beside this one, and may be what used the limit up.
    const faster = codeOf(error) === "RATE_LIMITED" ? await on.processes.findOne(key) : null;
    throw faster ? duplicated(on, faster, { businessId, request }) : error;
  });
  let stored: SigningProcess;
  try {
    const templates = await on.call<Chosen>(
      "template.choose",
      {
        scene: request.scene,
        processType: request.processType,
        signerType: signer.party.merchantType,
        fundPurpose: request.fundPurpose,
        accountType: signer.party.accountType ?? null,
      },
      5_000,
    );
    const draft = await prepared(on, { processId, request, signer, verificationType, templates, systemCode, businessId });
    const requestEvidence = { systemCode, businessId, request, ...(params.signed ? { signed: params.signed } : {}) };
    stored = await created(on, draft, requestEvidence, key, { businessId, request });
  } catch (error) {
    await giveBack();
    throw error;
  }

  await withPatience(on.actor.settle(stored._id, stored), PATIENCE_MS);
  const process = (await on.processes.get(stored._id))!;
  if (process.failureCode === "SMS_SEND_FAILED") throw failure("SMS_SEND_FAILED", { data: { processId: process.processId, status: statusOf(process) } });
  // The wallet's own cancel was faster than the invitation.
  if (process.failureCode) throw failure("PROCESS_STATE_INVALID", { message: process.failureReason!, data: { ...initiatedView(process, on.link(process) ?? process.h5PageUrl) } });
  return initiatedView(process, on.link(process) ?? process.h5PageUrl);
}

async function withinLimits(on: Initiator, systemCode: string, messageId: string, mobile: string): Promise<() => Promise<void>> {
  await on.walletRate.count(systemCode);
  return reserveSms(on, messageId, mobile);
}

interface Checked {
  request: InitiateRequest;
  signer: Signer;
  verificationType: VerificationType;
}

/** Every rule about fields, each under the field's dotted name. */
async function checked(on: Initiator, { systemCode, body }: InitiateParams): Promise<Checked> {
  const { config } = on;
  const validated = validateInitiate(body);
  if (validated.errors) throw failure("PARAM_INVALID", { errors: validated.errors });
  const request = validated.value;
  const caller = callers().get(systemCode);
  const errors: FieldError[] = [];
  const refused = caller ? callbackAllowed(config, caller, request.callbackUrl) : "系统未登记";
  if (refused) errors.push({ field: "callbackUrl", message: refused });
  if (config.strictChecksums) errors.push(...checksumErrors(request));

  const flow = flowOf(request.processType, request.scene);
  const rules = { payeeContactSigns: config.payeeContactSigns };
  const signer = flow ? signerOf(flow, request, rules) : null;
  const mode = { processType: request.processType, merchantType: signer?.party.merchantType };
  const type = signer ? (await on.call<{ type: VerificationType }>("verification-bridge.mode", mode, 5_000)).type : null;
  errors.push(...flowErrors(request, type, rules));
  if (errors.length) throw failure("PARAM_INVALID", { errors });
  return { request, signer: signer!, verificationType: type! };
}

/** The document with its agreement rendered, hashed and found printable; nothing is stored yet. */
async function prepared(on: Initiator, settled: Checked & { processId: string; templates: Chosen; systemCode: string; businessId: string }): Promise<SigningProcess> {
  const { config } = on;
  const now = on.now();
  const draft = draftProcess({
    ...settled,
    ids: { processId: settled.processId, protocolId: newId("protocol", now), eventId: newId("event", now) },
    linkKey: config.h5TokenSecret[0]!,
    pageUrl: `${config.publicBaseUrl}/h5/sign`,
    platformPartyName: config.platformPartyName,
    codeRequired: config.signSmsCode,
    now,
    signWindowMs: config.signWindow,
  });
  const agreement = await on.call<Prepared>(
    "protocol.prepare",
    {
      protocolId: draft.protocolId,
      template: settled.templates.protocol,
      variables: templateVariables(draft),
      fields: variableFields(draft),
    },
    5_000,
  );
  return withAgreement(draft, agreement);
}

/** Stored, or the race against the same key lost: then it is a repeat like any other. */
async function created(
  on: Initiator,
  draft: SigningProcess,
  requestEvidence: Record<string, unknown>,
  key: { systemCode: string; businessType: string; requestId: string },
  said: { businessId: string; request: InitiateRequest },
): Promise<SigningProcess> {
  try {
    return await on.actor.create({ name: "initiate", at: draft.createdAt.getTime(), draft, requestEvidence });
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const first = await on.processes.findOne(key);
    // Stored by another and not yet by the majority, which alone is read.
    throw first ? duplicated(on, first, said) : failure("SERVICE_UNAVAILABLE", { retryAfter: 1 });
  }
}

function duplicated(on: Initiator, first: SigningProcess, said: { businessId: string; request: InitiateRequest }) {
  const errors = differences({ businessId: first.businessId, request: first.request }, said);
  const data = { ...initiatedView(first, on.link(first) ?? first.h5PageUrl) };
  return failure("REQUEST_DUPLICATED", { data, ...(errors ? { errors } : {}) });
}
