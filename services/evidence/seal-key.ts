import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";

/** The platform's seal: signs the manifest here and the PDFs in the protocol service. */
export interface SealKey {
  key: KeyObject;
  /** PEM, the key's own certificate first. */
  certificates: string;
}

/**
 * Reads the seal anew, so that a renewed certificate counts without a restart.
 * @throws Error when a file is missing, unreadable, or the first certificate is not that of the key
 */
export function readSealKey(keyFile: string, certificateFile: string): SealKey {
  const key = createPrivateKey(readFileSync(keyFile));
  const certificates = readFileSync(certificateFile, "utf8");
  if (!new X509Certificate(certificates).checkPrivateKey(key)) throw new Error("the sealing certificate does not belong to the sealing key");
  return { key, certificates };
}
