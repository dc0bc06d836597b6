import { createHash, sign, type KeyObject, type X509Certificate } from "node:crypto";
import { promisify } from "node:util";
import { content, der, integer, members, NULL, OCTET_STRING, oid, SEQUENCE, SET } from "../../mixins/der.ts";

/** Who seals: the key and its certificate chain, leaf first. */
export interface SealIdentity {
  key: KeyObject;
  chain: X509Certificate[];
}

const OID = {
  data: "1.2.840.113549.1.7.1",
  signedData: "1.2.840.113549.1.7.2",
  contentType: "1.2.840.113549.1.9.3",
  messageDigest: "1.2.840.113549.1.9.4",
  signingCertificateV2: "1.2.840.113549.1.9.16.2.47",
  sha256: "2.16.840.1.101.3.4.2.1",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

const signAsync = promisify(sign);
const sha256 = (bytes: Buffer): Buffer => createHash("sha256").update(bytes).digest();

/**
 * A detached CMS signature as PAdES B-B wants it (ETSI EN 319 142-1): content-type, message-digest and signing-certificate-v2
 * are signed; signing-time is not there, the time stands in the PDF's signature dictionary.
 * @param digest SHA-256 of the signed bytes
 * @returns DER
 */
export async function detachedSignature(digest: Buffer, { key, chain }: SealIdentity): Promise<Buffer> {
  const leaf = chain[0]!;
  const attributes = [
    attribute(OID.contentType, oid(OID.data)),
    attribute(OID.messageDigest, der(OCTET_STRING, digest)),
    // ESSCertIDv2 without hashAlgorithm means SHA-256.
    attribute(OID.signingCertificateV2, der(SEQUENCE, der(SEQUENCE, der(SEQUENCE, der(OCTET_STRING, sha256(leaf.raw)))))),
  ].sort(Buffer.compare); // DER orders the members of a SET
  const algorithm = algorithmOf(key);
  // Signed as a SET, carried under a context tag (RFC 5652 §5.4).
  const signature = await signAsync("sha256", der(SET, ...attributes), key);
  const { issuer, serialNumber } = nameOf(leaf.raw);
  const signerInfo = der(
    SEQUENCE,
    integer(1),
    der(SEQUENCE, issuer, serialNumber),
    der(SEQUENCE, oid(OID.sha256), NULL),
    der(0xa0, ...attributes),
    algorithm,
    der(OCTET_STRING, signature),
  );
  const signedData = der(
    SEQUENCE,
    integer(1),
    der(SET, der(SEQUENCE, oid(OID.sha256), NULL)),
    der(SEQUENCE, oid(OID.data)),
    der(0xa0, ...chain.map((certificate) => certificate.raw).sort(Buffer.compare)),
    der(SET, signerInfo),
  );
  return der(SEQUENCE, oid(OID.signedData), der(0xa0, signedData));
}

/** Refuses keys for which a reader would not know what to do. */
function algorithmOf(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === "rsa") return der(SEQUENCE, oid(OID.sha256WithRsa), NULL);
  if (key.asymmetricKeyType === "ec") return der(SEQUENCE, oid(OID.ecdsaWithSha256));
  throw new Error(`the sealing key must be RSA or EC, not ${key.asymmetricKeyType}`);
}

/** Issuer and serial number of a certificate, each as the DER it has there. */
function nameOf(certificate: Buffer): { issuer: Buffer; serialNumber: Buffer } {
  const [tbs] = members(content(certificate));
  const fields = members(content(tbs!)).filter((field) => field[0] !== 0xa0); // the version may be left out
  return { serialNumber: fields[0]!, issuer: fields[2]! };
}

const attribute = (type: string, value: Buffer): Buffer => der(SEQUENCE, oid(type), der(SET, value));
