import { sign, verify, type KeyObject } from "node:crypto";

/**
 * manifest.sig: base64 of the signature over the manifest's bytes (RSA PKCS#1 v1.5 or ECDSA in DER, both with SHA-256) and a line
 * feed, so that `openssl base64 -d` and `openssl dgst -sha256 -verify` read it.
 */
export const signManifest = (manifest: Uint8Array, key: KeyObject): Buffer => Buffer.from(`${sign("sha256", manifest, key).toString("base64")}\n`);

/** True when `signature` is a manifest.sig over these bytes in its only spelling: stray base64 bits do not pass. */
export function manifestSignatureHolds(manifest: Uint8Array, signature: Uint8Array, key: KeyObject): boolean {
  const text = Buffer.from(signature).toString("latin1");
  const raw = Buffer.from(text, "base64");
  return text === `${raw.toString("base64")}\n` && verify("sha256", manifest, key, raw);
}
