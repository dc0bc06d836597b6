import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { SealIdentity } from "./cms.ts";
import { Explained } from "./explained.ts";

export interface LoadedSeal extends SealIdentity {
  /** Who seals, as the certificate says: organisation, else common name. */
  name: string;
  /** Lower-case hex SHA-256 of the leaf (DER). */
  certSha256: string;
}

/**
 * Reads the sealing key and its chain, leaf first. Read anew for each seal, so that a renewed certificate counts without a restart.
 * @param now milliseconds since the epoch: outside its validity nothing is sealed
 * @throws Explained
 */
export async function loadSeal(keyFile: string, certFile: string, now: number): Promise<LoadedSeal> {
  const [keyPem, chainPem] = await Promise.all([readFile(keyFile), readFile(certFile, "utf8")]);
  const key = createPrivateKey(keyPem);
  const chain = (chainPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map((pem) => new X509Certificate(pem));
  const leaf = chain[0];
  if (!leaf) throw unusable("the file of the sealing certificate holds none");
  if (!leaf.checkPrivateKey(key)) throw unusable("the sealing key does not belong to the first certificate");
  for (const [i, issuer] of chain.slice(1).entries()) {
    if (!chain[i]!.verify(issuer.publicKey)) throw unusable("the sealing certificates are no chain, leaf first");
  }
  if (now < leaf.validFromDate.getTime() || now > leaf.validToDate.getTime()) throw unusable("the sealing certificate is not valid now");
  return { key, chain, name: holderOf(leaf), certSha256: createHash("sha256").update(leaf.raw).digest("hex") };
}

const unusable = (message: string) => new Explained("SEAL_UNUSABLE", message);

function holderOf(certificate: X509Certificate): string {
  const subject = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>;
  return [subject["O"] ?? subject["CN"] ?? ""].flat()[0]!;
}
