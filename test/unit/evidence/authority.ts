import { createPrivateKey, generateKeyPairSync, randomBytes, sign, X509Certificate, type KeyObject } from "node:crypto";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import * as x from "@peculiar/asn1-x509";

/** A certificate with its key, for tests. */
export interface Issued {
  key: KeyObject;
  certificate: X509Certificate;
}
export interface Wish {
  name: string;
  kind?: "ec" | "rsa";
  /** Signs it; itself when absent. */
  by?: Issued;
  ca?: boolean;
  pathLength?: number;
  usage?: number;
  timestamping?: boolean;
  from?: string;
  to?: string;
}

const nameOf = (text: string) =>
  new x.Name([new x.RelativeDistinguishedName([new x.AttributeTypeAndValue({ type: "2.5.4.3", value: new x.AttributeValue({ utf8String: text }) })])]);

const algorithmOf = (key: KeyObject) =>
  new x.AlgorithmIdentifier(key.asymmetricKeyType === "rsa" ? { algorithm: "1.2.840.113549.1.1.11", parameters: null } : { algorithm: "1.2.840.10045.4.3.2" });

const { keyCertSign, digitalSignature } = x.KeyUsageFlags;

/** Issues what is wished for, however wrong: a real authority would refuse half of it. */
export function issue(wish: Wish): Issued {
  const { publicKey, privateKey } = wish.kind === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const issuerKey = wish.by?.key ?? privateKey;
  const extensions: [string, object][] = [[x.id_ce_keyUsage, new x.KeyUsage(wish.usage ?? (wish.ca ? keyCertSign : digitalSignature))]];
  if (wish.ca) extensions.push([x.id_ce_basicConstraints, new x.BasicConstraints({ cA: true, ...(wish.pathLength === undefined ? {} : { pathLenConstraint: wish.pathLength }) })]);
  if (wish.timestamping) extensions.push([x.id_ce_extKeyUsage, new x.ExtendedKeyUsage([x.id_kp_timeStamping])]);
  const tbsCertificate = new x.TBSCertificate({
    version: x.Version.v3,
    serialNumber: Uint8Array.from([1, ...randomBytes(8)]).buffer,
    signature: algorithmOf(issuerKey),
    issuer: wish.by ? AsnConvert.parse(wish.by.certificate.raw, x.Certificate).tbsCertificate.subject : nameOf(wish.name),
    validity: new x.Validity({ notBefore: new Date(wish.from ?? "2026-01-01T00:00:00Z"), notAfter: new Date(wish.to ?? "2036-01-01T00:00:00Z") }),
    subject: nameOf(wish.name),
    subjectPublicKeyInfo: AsnConvert.parse(publicKey.export({ type: "spki", format: "der" }), x.SubjectPublicKeyInfo),
    extensions: new x.Extensions(extensions.map(([extnID, value]) => new x.Extension({ extnID, critical: true, extnValue: new OctetString(AsnConvert.serialize(value)) }))),
  });
  const signatureValue = sign("sha256", Buffer.from(AsnConvert.serialize(tbsCertificate)), issuerKey);
  const certificate = new x.Certificate({ tbsCertificate, signatureAlgorithm: algorithmOf(issuerKey), signatureValue: Uint8Array.from(signatureValue).buffer });
  return { key: createPrivateKey(privateKey.export({ type: "pkcs8", format: "pem" })), certificate: new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))) };
}

export const root = issue({ name: "Test Seal Root", ca: true });
export const seal = issue({ name: "Test Seal", by: root });
