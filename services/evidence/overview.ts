import type { EvidenceEvent } from "./evidence-chain.model.ts";
import type { EvidenceOverview } from "./evidence.api.ts";
import { chainFaults, GENESIS, type ChainEvent } from "./chain.ts";
import { summaryOf } from "./summaries.ts";

/** A stored event as the bundle and the arithmetic of the chain have it. */
export function asChainEvent({ seq, evidenceType: type, at, prev, dataHash, hash, evidenceData, salt }: EvidenceEvent): ChainEvent {
  return { seq, type, at, prev, dataHash, hash, ...(evidenceData == null ? {} : { data: evidenceData }), ...(salt == null ? {} : { salt }) };
}

/**
 * A chain as an operator sees it: what happened and when, without personal data, and whether the rows that are stored still make a chain.
 * @param rows every event of the process, by `seq`
 */
export function overviewOf(processId: string, rows: readonly EvidenceEvent[]): EvidenceOverview {
  const sealing = rows.find(({ evidenceType }) => evidenceType === "PROTOCOL_SEALED")?.evidenceData?.["pdfSha256"];
  return {
    items: rows.map(({ seq, evidenceType: type, at, hash, evidenceData }) => ({ seq, type, at, hash, summary: summaryOf(type, evidenceData ?? null) })),
    chain: { ok: chainFaults(processId, rows.map(asChainEvent)).length === 0, head: rows.at(-1)?.hash ?? GENESIS, length: rows.length },
    pdfSha256: typeof sealing === "string" ? sealing : null,
  };
}
