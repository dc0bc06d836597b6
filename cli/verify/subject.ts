import type { X509Certificate } from "node:crypto";
import type { EvidenceFile, Manifest } from "../../services/evidence/bundle-format.ts";
import type { ChainEvent } from "../../services/evidence/chain.ts";
import type { CallerKey } from "./caller-keys.ts";
import { Broken } from "./finding.ts";

/** What the verifier believes without proof. It comes from outside the bundle, or the bundle proves nothing. */
export interface Trust {
  /** Root certificates; `readRoots` reads them from a file or folder. */
  roots: readonly X509Certificate[];
  /** Public keys of the callers; `readCallerKeys` reads them from a folder. Without any, whose key a request was signed with stays open. */
  callers?: readonly CallerKey[];
  /** Until when the manifest can have been signed; the present when absent. */
  now?: Date;
}

/** One bundle on the table. Each check may use what earlier ones have brought to light. */
export interface Subject {
  bytes: Uint8Array;
  trust: Trust;
  members?: Map<string, Uint8Array>;
  /** Somebody packed the members anew; what they say is not touched by that. */
  repacked?: boolean;
  manifest?: Manifest;
  /** Leaf first, from certs/seal.pem. */
  certificates?: X509Certificate[];
  evidence?: EvidenceFile;
  /** The certificate that sealed the PDF, and what came along with it. */
  pdfSigner?: { certificate: X509Certificate; pool: X509Certificate[] };
}

/** Clocks of two nodes may differ by 2 s (a node that is further off says so), and times are cut to seconds. */
export const TOLERANCE_MS = 5_000;

export const eventAt = (event: Pick<ChainEvent, "seq">): string => `evidence.json#${event.seq}`;

export const ofType = (evidence: EvidenceFile, type: ChainEvent["type"]): ChainEvent[] => evidence.events.filter((event) => event.type === type);

/** A member's bytes. @throws Broken when it is not there */
export function member(members: ReadonlyMap<string, Uint8Array>, path: string): Uint8Array {
  const bytes = members.get(path);
  if (!bytes) throw new Broken("MEMBER_MISSING", path, "缺少该文件");
  return bytes;
}
