import { failure } from "../../contract/errors.ts";
import { operatorKey } from "../../contract/operator.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { EvidenceEvent } from "./evidence-chain.model.ts";
import type { EvidenceItem, HandOutParams, OutlineEntry } from "./evidence.api.ts";

/** What the chain says of a bundle that an operator takes: it is in the bundle itself. */
export function custodyOf({ operator, view }: HandOutParams, now: number): EvidenceItem {
  const { name, reason, via } = operator;
  return { key: operatorKey(operator), type: "CUSTODY", at: isoSeconds(now), data: { by: "OPERATOR", action: "EXPORT", name, reason, via, view: view ?? "full" } };
}

/**
 * The system that owns the process.
 * @throws PROCESS_NOT_FOUND without a chain
 */
export async function ownerOf(records: Collection<EvidenceEvent>, processId: unknown): Promise<string> {
  const first = typeof processId === "string" ? await records.findOne({ processId }, { sort: ["seq"] }) : null;
  if (!first?.systemCode) throw failure("PROCESS_NOT_FOUND", { message: "该流程尚无证据" });
  return first.systemCode;
}

/** Numbers, types and times of a chain; no contents, so no personal data. */
export async function outlineOf(records: Collection<EvidenceEvent>, processId: string): Promise<OutlineEntry[]> {
  const rows = await records.find({ processId: String(processId) }, { sort: ["seq"] });
  return rows.map(({ seq, evidenceType, at }) => ({ seq, type: evidenceType, at }));
}
