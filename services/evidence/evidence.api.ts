import type { Operator } from "../../contract/operator.ts";
import type { EvidenceType } from "../../contract/vocabulary.ts";

/** One fact for the chain. `at` and `data` are fixed by whoever saw it, so that a repeat says the same. */
export interface EvidenceItem {
  /** Unique within the process: an item whose key is there already is not added again (§3.1 evidence_key). */
  key: string;
  type: EvidenceType;
  /** ISO time. */
  at: string;
  data: Record<string, unknown>;
}

/** `evidence.append`: adds the items in order; resolves when they are durable and read back. */
export interface AppendParams {
  processId: string;
  /** The wallet system that owns the process; needed with the first item only. */
  systemCode?: string;
  items: EvidenceItem[];
}
export interface ChainHead {
  /** Lower-case hex hash of the last event. */
  head: string;
  /** Number of events. */
  length: number;
}

/** `evidence.export`: the bundle of CONTRACT.md §5. PROCESS_NOT_FOUND for another system's process. */
export interface ExportParams {
  systemCode: string;
  processId: string;
  view?: "redacted";
}
export interface Bundle {
  fileName: string;
  base64: string;
}

/** `evidence.handOut`: the bundle for an operator, of whichever system's process; who took it and why is in the chain before, as CUSTODY. */
export interface HandOutParams {
  processId: string;
  view?: "redacted";
  operator: Operator;
}
/** `evidence.outline {processId}`: what the chain holds, without its contents. */
export interface OutlineEntry {
  seq: number;
  type: EvidenceType;
  at: string;
}

/** `evidence.overview {processId}`: the chain for the administration, without personal data; a process without evidence has none. */
export interface EvidenceOverview {
  items: { seq: number; type: EvidenceType; /** ISO time. */ at: string; hash: string; /** Chinese, one line. */ summary: string }[];
  chain: ChainState;
  /** Lower-case hex SHA-256 of the sealed PDF; null before the sealing. */
  pdfSha256: string | null;
}
/** `ok` is computed from what is stored at this moment: numbers, links, heads and contents. */
export interface ChainState extends ChainHead {
  ok: boolean;
}
