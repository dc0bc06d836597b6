import { createHash, verify, X509Certificate } from "node:crypto";
import { ContentInfo, id_data, id_signedData, SignedData, type SignerInfo } from "@peculiar/asn1-cms";
import { AsnConvert, OctetString } from "@peculiar/asn1-schema";
import { Constructed, fromBER, ObjectIdentifier, OctetString as BerOctetString, Sequence, Set as BerSet } from "asn1js";
import { Broken } from "./finding.ts";

const DIGESTS: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
/** RSA PKCS#1 v1.5 and ECDSA over the digest named beside them. */
const SIGNATURES: Readonly<Record<string, "rsa" | "ec">> = {
  "1.2.840.113549.1.1.1": "rsa",
  "1.2.840.113549.1.1.11": "rsa",
  "1.2.840.113549.1.1.12": "rsa",
  "1.2.840.113549.1.1.13": "rsa",
  "1.2.840.10045.4.3.2": "ec",
  "1.2.840.10045.4.3.3": "ec",
  "1.2.840.10045.4.3.4": "ec",
};
const CONTENT_TYPE = "1.2.840.113549.1.9.3";
const MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
const SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";

const fault = (code: string, message: string): Broken => new Broken(code, "protocol.pdf", message);

/**
 * Checks a detached CMS signature as PAdES has it (ETSI EN 319 142-1): one signer, its digest that of the content, its certificate the
 * one its signed attributes name, its signature made by that certificate's key. Whether the certificate is trusted is another check.
 * @returns the signer's certificate and all that came along
 * @throws Broken with what does not hold
 */
export function checkCms(cms: Uint8Array, content: readonly Uint8Array[]): { certificate: X509Certificate; pool: X509Certificate[] } {
  const { signed, signer, attributes } = parse(cms);
  const algorithm = DIGESTS[signer.digestAlgorithm.algorithm];
  if (!algorithm) throw fault("PDF_ALGORITHM", "签名使用了不接受的摘要算法");
  const digest = createHash(algorithm);
  for (const part of content) digest.update(part);
  const told = Buffer.from(AsnConvert.parse(attribute(signer, MESSAGE_DIGEST), OctetString).buffer);
  if (!digest.digest().equals(told)) throw fault("PDF_DIGEST", "PDF 内容与签名中的摘要不符：PDF 被改动");

  const pool = (signed.certificates ?? []).flatMap(({ certificate }) => (certificate ? [new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)))] : []));
  const certificate = namedCertificate(signer, pool);
  const kind = SIGNATURES[signer.signatureAlgorithm.algorithm];
  if (kind !== certificate.publicKey.asymmetricKeyType) throw fault("PDF_ALGORITHM", "签名算法与证书密钥不符或不接受");
  if (!verify(algorithm, attributes, certificate.publicKey, Buffer.from(signer.signature.buffer))) throw fault("PDF_SIGNATURE", "PDF 签名不成立");
  return { certificate, pool };
}

/** `attributes` are the bytes that were signed. */
function parse(cms: Uint8Array): { signed: SignedData; signer: SignerInfo; attributes: Uint8Array } {
  try {
    const info = AsnConvert.parse(cms, ContentInfo);
    if (info.contentType !== id_signedData) throw new TypeError("not signed data");
    const signed = AsnConvert.parse(info.content, SignedData);
    const [signer, ...others] = signed.signerInfos;
    const detached = signed.encapContentInfo.eContentType === id_data && !signed.encapContentInfo.eContent;
    if (!signer || others.length || !detached) throw new TypeError("not one detached signer");
    const contentType = fromBER(attribute(signer, CONTENT_TYPE)).result;
    if (!(contentType instanceof ObjectIdentifier) || contentType.getValue() !== id_data) throw new TypeError("not over data");
    return { signed, signer, attributes: signedAttributes(info.content) };
  } catch (error) {
    if (error instanceof Broken) throw error;
    throw fault("PDF_CMS", "签名内容不是 PAdES 要求的 CMS 结构");
  }
}

/** The signed attributes of the only signer: signed as the SET they are, although they travel under the tag [0] (RFC 5652 §5.4). */
function signedAttributes(signedData: ArrayBuffer): Uint8Array {
  const inner = (node: unknown): unknown[] => (node instanceof Sequence || node instanceof BerSet ? node.valueBlock.value : []);
  const [signer] = inner(inner(fromBER(signedData).result).at(-1));
  const tagged = inner(signer).find((node) => node instanceof Constructed && node.idBlock.tagClass === 3 && node.idBlock.tagNumber === 0);
  if (!(tagged instanceof Constructed)) throw new TypeError("no signed attributes");
  const bytes = Uint8Array.from(tagged.valueBeforeDecodeView);
  bytes[0] = 0x31;
  return bytes;
}

/** The only value of a signed attribute that must be there once. */
function attribute(signer: SignerInfo, oid: string): ArrayBuffer {
  const found = (signer.signedAttrs ?? []).filter(({ attrType }) => attrType === oid);
  const [value, ...more] = found[0]?.attrValues ?? [];
  if (found.length !== 1 || !value || more.length) throw fault("PDF_CMS", "签名缺少必要的签名属性");
  return value;
}

/** The certificate that the signed attributes name by its hash (ESS, RFC 5035), not merely one that lies beside. */
function namedCertificate(signer: SignerInfo, pool: readonly X509Certificate[]): X509Certificate {
  const { result } = fromBER(attribute(signer, SIGNING_CERTIFICATE_V2));
  const first = (value: unknown): unknown => (value instanceof Sequence ? value.valueBlock.value[0] : undefined);
  const id = first(first(result));
  const parts = id instanceof Sequence ? id.valueBlock.value : [];
  const hash = parts.find((part) => part instanceof BerOctetString);
  // The hash algorithm is left out when it is SHA-256.
  const named = first(parts[0]) as { valueBlock?: { toString(): string } } | undefined;
  const algorithm = named ? DIGESTS[String(named.valueBlock)] : "sha256";
  if (!hash || !algorithm) throw fault("PDF_CMS", "签名未指明签名证书");
  const wanted = Buffer.from(hash.valueBlock.valueHexView);
  const certificate = pool.find(({ raw }) => createHash(algorithm).update(raw).digest().equals(wanted));
  if (!certificate) throw fault("PDF_CERT_MISSING", "签名所指的证书不在 PDF 中");
  return certificate;
}
