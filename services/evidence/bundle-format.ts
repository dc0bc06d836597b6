import { createHash } from "node:crypto";
import { TERMINAL, type Status } from "../../contract/vocabulary.ts";
import { jcs, type ChainEvent } from "./chain.ts";

/** The words of the bundle (CONTRACT.md §5), shared by the service that writes it and the verifier that reads it. */
export const BUNDLE_FORMAT = "esign-bundle/1";
export const EVIDENCE_FORMAT = "esign-evidence/1";

export const MEMBER = {
  manifest: "manifest.json",
  manifestSignature: "manifest.sig",
  evidence: "evidence.json",
  pdf: "protocol.pdf",
  /** The sealing certificate first, then its intermediates; a root in it is not trusted. */
  certificates: "certs/seal.pem",
  readme: "README.txt",
} as const;

/** The manifest lists every member but itself and its signature. */
export interface Manifest {
  format: typeof BUNDLE_FORMAT;
  /** Path → lower-case hex SHA-256. */
  files: Record<string, string>;
}

export interface EvidenceFile {
  format: typeof EVIDENCE_FORMAT;
  processId: string;
  /** The terminal state is in the chain. */
  final: boolean;
  /** `seq` of each event whose data and salt are left out or erased; absent when there is none. */
  redacted?: number[];
  events: ChainEvent[];
}

export const sha256Hex = (bytes: Uint8Array | string): string => createHash("sha256").update(bytes).digest("hex");

/**
 * The only spelling of a JSON member: two blanks of indentation, a line feed at the end. A verifier that writes what it has read
 * and gets other bytes has found a repeated name or another trick that two parsers would read in two ways.
 */
export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** True for the event that ends a process. */
export const isTerminal = (event: ChainEvent): boolean =>
  event.type === "STATE" && TERMINAL.includes(event.data?.["status"] as Status);

/** evidence.json of these events: same events, same bytes, whatever order a database gives the members of `data`. */
export function evidenceFile(processId: string, events: readonly ChainEvent[]): EvidenceFile {
  const redacted = events.filter((event) => event.data === undefined).map((event) => event.seq);
  return {
    format: EVIDENCE_FORMAT,
    processId,
    final: events.some(isTerminal),
    ...(redacted.length ? { redacted } : {}),
    events: events.map(({ seq, type, at, prev, dataHash, hash, data, salt }) => ({
      seq,
      type,
      at,
      prev,
      dataHash,
      hash,
      ...(data === undefined ? {} : { data: JSON.parse(jcs(data)) as Record<string, unknown>, salt: salt! }),
    })),
  };
}

/** The manifest over these members, in the order of their names. */
export function manifestOf(members: ReadonlyMap<string, Uint8Array>): Manifest {
  const entries = [...members].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, bytes]) => [path, sha256Hex(bytes)]);
  return { format: BUNDLE_FORMAT, files: Object.fromEntries(entries) as Record<string, string> };
}
