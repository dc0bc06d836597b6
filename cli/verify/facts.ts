import { isTerminal } from "../../services/evidence/bundle-format.ts";
import { ofType, type Subject } from "./subject.ts";

/** What the bundle says of itself, for people to compare with what they know. Holds no personal data. */
export interface Facts {
  processId: string | null;
  final: boolean | null;
  /** The terminal state, null before it. */
  status: string | null;
  events: number;
  /** Hash of the last event. */
  chainHead: string | null;
  /** Hashes of all events in order: a wallet's `evidence.chainHead` must be among them. */
  hashes: string[];
  redacted: number[];
  protocolId: string | null;
  protocolHash: string | null;
  signedAt: string | null;
  pdfSha256: string | null;
  /** Subject and SHA-256 of the certificate that signed the manifest. */
  sealedBy: { subject: string; sha256: string } | null;
  /** Who signed the initial request, and SHA-256 of the public key; null when it is unsigned, redacted or signed by a shared secret. */
  requestedBy: { systemCode: string; keyId: string; publicKeySha256: string } | null;
  /** Packed anew by somebody; the members are judged all the same. */
  repacked: boolean;
}

export function factsOf(subject: Subject): Facts {
  const { evidence, certificates, repacked = false } = subject;
  const events = evidence?.events ?? [];
  const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
  const data = (type: "REQUEST" | "PROTOCOL_SEALED" | "SIGNATURE" | "PROTOCOL") => (evidence ? ofType(evidence, type)[0]?.data : undefined);
  const leaf = certificates?.[0];
  return {
    processId: evidence?.processId ?? null,
    final: evidence?.final ?? null,
    status: text(events.find(isTerminal)?.data?.["status"]),
    events: events.length,
    chainHead: events.at(-1)?.hash ?? null,
    hashes: events.map(({ hash }) => hash),
    redacted: evidence?.redacted ?? [],
    protocolId: text((data("PROTOCOL") ?? data("PROTOCOL_SEALED"))?.["protocolId"]),
    protocolHash: text((data("PROTOCOL") ?? data("PROTOCOL_SEALED"))?.["protocolHash"]),
    signedAt: text(data("SIGNATURE")?.["signedAt"]),
    pdfSha256: text(data("PROTOCOL_SEALED")?.["pdfSha256"]),
    sealedBy: leaf ? { subject: leaf.subject.replaceAll("\n", ", "), sha256: leaf.fingerprint256.replaceAll(":", "").toLowerCase() } : null,
    requestedBy: requester(data("REQUEST")),
    repacked,
  };
}

function requester(request: Record<string, unknown> | undefined): Facts["requestedBy"] {
  const { keyId, publicKeySha256 } = (request?.["signed"] ?? {}) as Record<string, unknown>;
  const told = [request?.["systemCode"], keyId, publicKeySha256];
  if (!told.every((text) => typeof text === "string")) return null;
  const [systemCode, key, sha256] = told as [string, string, string];
  return { systemCode, keyId: key, publicKeySha256: sha256 };
}
