import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** The platform's seal: signs the manifest here and the PDFs in the protocol service. */
export interface SealKey {
  key: KeyObject;
  /** PEM, the key's own certificate first. */
  certificates: string;
}

/** How long key and certificate may not fit: two files cannot be replaced at the same moment. */
const REPLACING_MS = 60_000;

/** The last pair that fitted, by the names of its files, and since when it no longer does (ms). */
const known = new Map<string, { seal: SealKey; since: number | null }>();

/**
 * Reads the seal anew, so that a renewed one counts without a restart. While the two files are being replaced the pair before goes on
 * signing, for a minute at most.
 * @param now milliseconds since the epoch
 * @throws Error when a file is missing, unreadable, or the first certificate is not that of the key
 */
export function readSealKey(keyFile: string, certificateFile: string, now: number): SealKey {
  const files = JSON.stringify([keyFile, certificateFile]);
  try {
    const seal = readPair(keyFile, certificateFile);
    known.set(files, { seal, since: null });
    return seal;
  } catch (error) {
    const before = known.get(files);
    if (!before) throw error;
    before.since ??= now;
    if (now - before.since > REPLACING_MS) throw error;
    return before.seal;
  }
}

function readPair(keyFile: string, certificateFile: string): SealKey {
  const key = createPrivateKey(readFileSync(keyFile));
  const certificates = readFileSync(certificateFile, "utf8");
  if (!new X509Certificate(certificates).checkPrivateKey(key)) throw new Error("the sealing certificate does not belong to the sealing key");
  return { key, certificates };
}
