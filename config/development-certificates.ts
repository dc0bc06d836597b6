import { createHash, generateKeyPair, randomBytes, sign, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { bitString, content, der, integer, members, NULL, OCTET_STRING, oid, SEQUENCE, SET, time } from "../mixins/der.ts";

/** PEM of a fresh sealing key and its chain. */
export interface DevelopmentSeal {
  key: string;
  certificate: string;
  root: string;
}

const OID = {
  country: "2.5.4.6",
  organisation: "2.5.4.10",
  commonName: "2.5.4.3",
  sha256WithRsa: "1.2.840.113549.1.1.11",
  subjectKeyId: "2.5.29.14",
  keyUsage: "2.5.29.15",
  basicConstraints: "2.5.29.19",
  authorityKeyId: "2.5.29.35",
} as const;
const ORGANISATION = "电子签约平台（开发环境）";
const YEAR_MS = 365.25 * 86_400_000;
const TRUE = Buffer.from([0x01, 0x01, 0xff]);
const ALGORITHM = der(SEQUENCE, oid(OID.sha256WithRsa), NULL);
const newKey = () => promisify(generateKeyPair)("rsa", { modulusLength: 3072 });

/**
 * A root of its own and a sealing certificate under it, for development only. RSA 3072: there are PDF readers that do not know
 * elliptic curves. The root's key is forgotten, so that nothing else is ever issued under this trust anchor.
 * @param now milliseconds since the epoch
 */
export async function issueDevelopmentSeal(now: number): Promise<DevelopmentSeal> {
  const [root, seal] = await Promise.all([newKey(), newKey()]);
  const rootName = distinguishedName("电子签约平台 开发根证书");
  const issue = (subject: Buffer, key: KeyObject, years: number, usage: Buffer[]) =>
    certificate({ subject, issuer: rootName, key, years, now, extensions: [...usage, ...keyIds(key, root.publicKey)] }, root.privateKey);
  return {
    key: seal.privateKey.export({ type: "pkcs8", format: "pem" }) as string,
    certificate: issue(distinguishedName("电子签约平台 开发签章"), seal.publicKey, 10, [
      extension(OID.basicConstraints, der(SEQUENCE), true),
      // digitalSignature and nonRepudiation
      extension(OID.keyUsage, bitString(Buffer.from([0b1100_0000]), 6), true),
    ]),
    root: issue(rootName, root.publicKey, 20, [
      extension(OID.basicConstraints, der(SEQUENCE, TRUE, integer(0)), true),
      // keyCertSign and cRLSign
      extension(OID.keyUsage, bitString(Buffer.from([0b0000_0110]), 1), true),
    ]),
  };
}

interface Certified {
  subject: Buffer;
  issuer: Buffer;
  key: KeyObject;
  years: number;
  now: number;
  extensions: Buffer[];
}

/** An X.509 v3 certificate (RFC 5280), PEM. Valid from an hour before `now`, so that a clock a little behind still accepts it. */
function certificate({ subject, issuer, key, years, now, extensions }: Certified, issuerKey: KeyObject): string {
  const serial = Buffer.concat([Buffer.from([0x40]), randomBytes(15)]);
  const tbs = der(
    SEQUENCE,
    der(0xa0, integer(2)),
    der(0x02, serial),
    ALGORITHM,
    issuer,
    der(SEQUENCE, time(new Date(now - 3_600_000)), time(new Date(now + years * YEAR_MS))),
    subject,
    publicKeyInfo(key),
    der(0xa3, der(SEQUENCE, ...extensions)),
  );
  const whole = der(SEQUENCE, tbs, ALGORITHM, bitString(sign("sha256", tbs, issuerKey)));
  return `-----BEGIN CERTIFICATE-----\n${whole.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
}

function distinguishedName(commonName: string): Buffer {
  const part = (type: string, tag: number, text: string) => der(SET, der(SEQUENCE, oid(type), der(tag, Buffer.from(text))));
  return der(SEQUENCE, part(OID.country, 0x13, "CN"), part(OID.organisation, 0x0c, ORGANISATION), part(OID.commonName, 0x0c, commonName));
}

const extension = (type: string, value: Buffer, critical = false): Buffer =>
  der(SEQUENCE, oid(type), ...(critical ? [TRUE] : []), der(OCTET_STRING, value));

const publicKeyInfo = (key: KeyObject): Buffer => key.export({ type: "spki", format: "der" }) as Buffer;

/** SHA-1 of the key's bits, the identifier that readers build chains by (RFC 5280 §4.2.1.2); nothing rests on its strength. */
function keyId(key: KeyObject): Buffer {
  const [, bits] = members(content(publicKeyInfo(key)));
  return createHash("sha1").update(content(bits!).subarray(1)).digest();
}

const keyIds = (subject: KeyObject, issuer: KeyObject): Buffer[] => [
  extension(OID.subjectKeyId, der(OCTET_STRING, keyId(subject))),
  extension(OID.authorityKeyId, der(SEQUENCE, der(0x80, keyId(issuer)))),
];
