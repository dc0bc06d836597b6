import { failure } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { EvidenceItem, ChainHead } from "../evidence/evidence.api.ts";
import type { Sealed, Shown } from "../protocol/protocol.api.ts";
import type { SmsOutcome } from "../sms/sms.api.ts";
import type { Started } from "../verification-bridge/verification-bridge.api.ts";
import type { CommandOn } from "./actor.ts";
import { templateVariables } from "./agreement-variables.ts";
import { evidence, statusOf } from "./decision.ts";
import { isAwaited } from "./decide-resend.ts";
import { smsFacts } from "./decide-signing.ts";
import { signatoryBType } from "./draft.ts";
import { effectBudget } from "./owed.ts";
import { signerCard } from "./parties.ts";
import { pinnedFacts, pinnedTemplates } from "./pinned-templates.ts";
import { signaturePage } from "./signature-page.ts";
import { signingEvent } from "./signing-event.ts";
import type { EffectName, EffectParams, OwedEffect, SigningProcess } from "./signing-process.model.ts";

/** What the story needs from the node it is told on. */
export interface Teller {
  /** Calls another service's action; `timeoutMs` bounds the whole call. */
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
  now(): number;
  /** The signing link with its token, made again from the key it was issued with; null when that key has been withdrawn. */
  link(process: SigningProcess): string | null;
}
type Tale = (teller: Bound, process: SigningProcess, params: EffectParams) => Promise<CommandOn | undefined>;
interface Bound extends Omit<Teller, "call"> {
  call<T>(action: string, params: unknown): Promise<T>;
  append(process: SigningProcess, ...items: EvidenceItem[]): Promise<ChainHead>;
}

/**
 * The story of a signing, read from top to bottom: each effect is a few named calls to the services that own the outcome, each
 * idempotent under its own key, so that a repeat after a crash tells the same story.
 */
const STORY: Readonly<Record<EffectName, Tale>> = {
  /** §4.1.1 step 10: somebody will come back at the deadline. */
  async wake({ call }, process) {
    if (process.expiredAt) await call("expiry.set", { processId: process.processId, at: process.expiredAt.toISOString() });
    return undefined;
  },

  /** §4.1.2: the agreement is frozen and in evidence before anybody is invited to read it. */
  async agree({ call, append }, process, params) {
    const { agreement, createdAt } = process;
    await call("protocol.freeze", {
      protocolId: process.protocolId,
      processId: process.processId,
      template: agreement.templates.protocol,
      variables: templateVariables(process),
      protocolHash: agreement.protocolHash,
      signatoryA: agreement.signatoryA,
      signatoryB: agreement.signatoryB,
      signatoryBType: signatoryBType(process),
      createdAt: isoSeconds(createdAt),
    });
    const shown = await call<Shown>("protocol.show", { protocolId: process.protocolId });
    await append(
      process,
      evidence("REQUEST", "REQUEST", createdAt.getTime(), params["request"] as Record<string, unknown>),
      evidence("PROTOCOL", "PROTOCOL", createdAt.getTime(), {
        protocolId: process.protocolId,
        protocolName: shown.protocolName,
        protocolHash: shown.protocolHash,
        sm3: shown.sm3,
        template: pinnedFacts(agreement.templates.protocol),
        templates: pinnedTemplates(process),
        keyClauses: shown.keyClauses,
        html: shown.html,
      }),
    );
    return undefined;
  },

  /** §4.1.1 step 5: one invitation, always under the same message id. */
  async invite({ call, append, link, now }, process) {
    const url = link(process);
    if (!url) throw failure("INTERNAL_ERROR");
    const sms = await call<SmsOutcome>("sms.send", {
      messageId: process.invitationId,
      processId: process.processId,
      kind: "INVITATION",
      mobile: process.payeeContactMobile,
      template: process.agreement.templates.sms,
      variables: { ...templateVariables(process), link: url },
    });
    const facts = { ...smsFacts(process, sms), kind: "INVITATION" };
    await append(process, evidence("SMS_RECORD", `SMS_RECORD:${sms.messageId}:${sms.status}`, Date.parse(sms.at), facts));
    return () => ({ name: "invited", at: now(), sms });
  },

  /** CONTRACT.md §2 resend: the same link under a message id of its own. A gateway that fails costs the process nothing. */
  async reinvite({ call, append, link, now }, process, params) {
    const messageId = params["messageId"] as string;
    if (!isAwaited(process)) return () => ({ name: "resent", at: now(), messageId, sms: null });
    const url = link(process);
    if (!url) throw failure("INTERNAL_ERROR");
    const { sms: invitation, smsContinue } = process.agreement.templates;
    const sms = await call<SmsOutcome>("sms.send", {
      messageId,
      processId: process.processId,
      kind: "INVITATION",
      mobile: process.payeeContactMobile,
      template: params["text"] === "CONTINUE" ? (smsContinue ?? invitation) : invitation,
      variables: { ...templateVariables(process), link: url },
      // What cannot be sent now is given up: nothing of the signing itself may wait behind a reminder. The next one has the same id.
    }).catch(() => null);
    if (!sms) return () => ({ name: "resent", at: now(), messageId, sms });
    // The same message may fail more than once before it goes out.
    const key = sms.status === "SENT" ? "SENT" : `FAILED:${sms.attempts}`;
    const facts = { ...smsFacts(process, sms), kind: "INVITATION" };
    await append(process, evidence("SMS_RECORD", `SMS_RECORD:${messageId}:${key}`, Date.parse(sms.at), facts));
    return () => ({ name: "resent", at: now(), messageId, sms });
  },

  /** Facts whose words were fixed when they happened. */
  async record({ append }, process, params) {
    await append(process, ...(params["items"] as EvidenceItem[]));
    return undefined;
  },

  /** §4.1.1 step 7: the protocol record learns of the signature, and the chain of all that surrounded it. */
  async markSigned({ call, append }, process, params) {
    await call("protocol.markSigned", {
      protocolId: process.protocolId,
      protocolHash: process.agreement.protocolHash,
      signedAt: isoSeconds(process.signedAt!),
      signIp: process.signature!.ip,
      signUserAgent: process.signature!.userAgent,
    });
    await append(process, ...(params["items"] as EvidenceItem[]));
    return undefined;
  },

  /** §4.1.1 step 8: from here on the bridge owns the attempt, and goes on trying for as long as the window lasts. */
  async startVerification({ call, now }, process) {
    const verification = process.verification!;
    const party = (process.signer === "payer" ? process.request.payerInfo : process.request.payeeInfo)!;
    const card = signerCard(process.request, process.signer);
    const started = await call<Started>("verification-bridge.start", {
      processId: process.processId,
      requestId: verification.requestId,
      attempt: verification.attempt,
      type: verification.type,
      merchantNo: party.merchantNo,
      merchantName: party.merchantName,
      bankCardInfo: card ? { cardNo: card.cardNo, accountName: card.accountName ?? party.merchantName, bankCode: card.bankCode ?? "" } : null,
      name: process.payeeContactName,
      idCardNo: process.payeeContactIdCard,
      protocolHash: process.agreement.protocolHash,
      giveUpAt: isoSeconds(process.expiredAt ?? process.signedAt!),
    });
    return () => ({ name: "verificationStarted", at: now(), started });
  },

  /** §4.1.2: printed, sealed, stored, in evidence; only then may the process call itself completed. */
  async seal({ call, append, now }, process) {
    const sealed = await call<Sealed>("protocol.seal", {
      protocolId: process.protocolId,
      protocolHash: process.agreement.protocolHash,
      signaturePage: signaturePage(process),
    });
    const { protocolId, pdfSha256, size, sealedAt, sealCertSha256 } = sealed;
    const facts = { protocolId, protocolHash: process.agreement.protocolHash, pdfSha256, size, sealedAt, sealCertSha256 };
    await append(process, evidence("PROTOCOL_SEALED", "PROTOCOL_SEALED", Date.parse(sealedAt), facts));
    return () => ({ name: "sealed", at: now(), sealed });
  },

  /** §4.1.1 steps 9-10, §2.2.2: the outcome goes into evidence, then to the notifier, which owns telling the world. */
  async announce({ call, append }, process) {
    const last = process.history.at(-1)!;
    const facts = { status: statusOf(process), failureCode: process.failureCode, failureReason: process.failureReason, history: process.history };
    const chain = await append(process, evidence("STATE", `STATE:${last.status}`, Date.parse(last.at), facts));
    const event = signingEvent(process, chain.head);
    const { systemCode, businessId, callbackUrl } = process;
    await call("notifier.record", { event, systemCode, businessId, callbackUrl });
    return undefined;
  },
};

/** Tells one owed effect within its budget, however many calls it takes. Rejects when it could not be done now. */
export async function tell(teller: Teller, process: SigningProcess, owed: OwedEffect): Promise<CommandOn | undefined> {
  const end = teller.now() + effectBudget(owed.name);
  const call = async <T>(action: string, params: unknown): Promise<T> => {
    const left = end - teller.now();
    // No time left is no time limit to the broker.
    if (left <= 0) throw failure("SERVICE_UNAVAILABLE", { retryAfter: 1 });
    return teller.call<T>(action, params, left);
  };
  const append = (about: SigningProcess, ...items: EvidenceItem[]) =>
    call<ChainHead>("evidence.append", { processId: about.processId, systemCode: about.systemCode, items });
  return STORY[owed.name]({ ...teller, call, append }, process, owed.params);
}

