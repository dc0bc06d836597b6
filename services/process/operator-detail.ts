import type { EvidenceOverview } from "../evidence/evidence.api.ts";
import type { TemplateRef } from "../template/template.api.ts";
import { statusOf } from "./decision.ts";
import { inspect, type OperatorDesk } from "./operating.ts";
import type { DocumentState, PinnedTemplate, ProcessDetail } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { maskedSigner } from "./views.ts";

const EVIDENCE_MS = 3_000;

/**
 * One process with all that an operator may know of it without a reason: what `inspect` shows, the texts it has pinned, its evidence line by
 * line, whether the chain holds, and which documents there are. Evidence that cannot be reached hides nothing else: `chain` is then null.
 * @throws PROCESS_NOT_FOUND
 */
export async function detail(on: OperatorDesk, processId: string): Promise<ProcessDetail> {
  const [process, evidence] = await Promise.all([
    inspect(on, processId),
    on.call<EvidenceOverview>("evidence.overview", { processId: String(processId) }, EVIDENCE_MS).catch(() => null),
  ]);
  const stored = (await on.processes.get(processId))!;
  return {
    ...process,
    signer: maskedSigner(stored),
    templates: templatesOf(stored),
    evidence: evidence?.items ?? [],
    chain: evidence?.chain ?? null,
    documents: documentsOf(stored, evidence),
  };
}

/** The agreement is in the chain, so that there is something to add a fact to; until then nothing is given out. */
export const isFrozen = (process: SigningProcess): boolean => !process.owed.some(({ name }) => name === "agree");

function templatesOf({ agreement: { templates } }: SigningProcess): PinnedTemplate[] {
  const { protocol, h5, sms, smsCode, smsContinue } = templates;
  const pinned: TemplateRef[] = [protocol, h5, sms, smsCode, ...(smsContinue ? [smsContinue] : [])];
  return pinned.map(({ approvedBy, activationId, ...ref }) => ({ ...ref, approvedBy: approvedBy ?? null, activationId: activationId ?? null }));
}

function documentsOf(process: SigningProcess, evidence: EvidenceOverview | null): DocumentState[] {
  const frozen = isFrozen(process);
  const sealed = evidence ? evidence.pdfSha256 !== null : statusOf(process) === "COMPLETED";
  return [
    { kind: "AGREEMENT", available: frozen, sha256: frozen ? process.agreement.protocolHash : null },
    { kind: "SEALED_PDF", available: sealed, sha256: evidence?.pdfSha256 ?? null },
    // Made anew each time, and says in itself who took it: no hash of it can be told beforehand.
    { kind: "BUNDLE", available: evidence !== null && evidence.chain.ok && evidence.chain.length > 0, sha256: null },
  ];
}
