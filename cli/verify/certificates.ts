import type { X509Certificate } from "node:crypto";
import { AsnConvert } from "@peculiar/asn1-schema";
import { BasicConstraints, Certificate, ExtendedKeyUsage, id_ce_basicConstraints, id_ce_extKeyUsage, id_ce_keyUsage, id_kp_timeStamping, KeyUsage } from "@peculiar/asn1-x509";
import type { Problem } from "./finding.ts";
import { TOLERANCE_MS } from "./subject.ts";

/** The signature was made at some moment of this span. */
export interface Span {
  from: Date;
  to: Date;
}

/** Certificates between leaf and root; real chains have one or two. */
const MAX_INTERMEDIATES = 4;

/**
 * Everything that speaks against a sealing certificate: no path to a root we trust, issuers that are no authorities, a certificate
 * that was not valid at any moment of the span, a key that is not for signing. Revocation is not looked up (we are offline).
 * @param pool certificates that came along; they are links, never anchors
 */
export function sealCertificateProblems(leaf: X509Certificate, pool: readonly X509Certificate[], roots: readonly X509Certificate[], span: Span, where: string): Problem[] {
  const problem = (code: string, message: string): Problem => ({ code, where, message });
  if (roots.length === 0) return [problem("TRUST_MISSING", "没有信任根：请用 --trust 指定从包外取得的根证书目录")];
  const path = pathTo(leaf, pool, roots);
  const problems: Problem[] = [];
  if (!path) problems.push(problem("CERT_UNTRUSTED", "证书不是由所给信任根签发的"));
  if (leaf.ca) problems.push(problem("CERT_IS_CA", "签名证书是 CA 证书，不应用于签名"));
  if (!maySeal(leaf)) problems.push(problem("CERT_USAGE", "证书的密钥用途不是数字签名"));
  const invalid = [leaf, ...(path ?? [])].filter(({ validFromDate, validToDate }) => {
    return validFromDate.getTime() - TOLERANCE_MS > span.to.getTime() || validToDate.getTime() + TOLERANCE_MS < span.from.getTime();
  });
  if (invalid.length) problems.push(problem("CERT_PERIOD", "签名时证书不在有效期内"));
  return problems;
}

/** The intermediates from leaf to a trusted root, nearest first; null when there is no such path. */
function pathTo(leaf: X509Certificate, pool: readonly X509Certificate[], roots: readonly X509Certificate[], below: X509Certificate[] = []): X509Certificate[] | null {
  const issued = (issuer: X509Certificate): boolean => leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey) && mayIssue(issuer, below.length);
  if (roots.some(issued)) return [];
  if (below.length >= MAX_INTERMEDIATES) return null;
  for (const issuer of pool) {
    if ([leaf, ...below].some(({ fingerprint256 }) => fingerprint256 === issuer.fingerprint256) || !issued(issuer)) continue;
    const rest = pathTo(issuer, pool, roots, [...below, issuer]);
    if (rest) return [issuer, ...rest];
  }
  return null;
}

function extension(certificate: X509Certificate, oid: string): ArrayBuffer | null {
  const { extensions = [] } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
  return extensions.find(({ extnID }) => extnID === oid)?.extnValue.buffer ?? null;
}

function usages(certificate: X509Certificate): string[] {
  const value = extension(certificate, id_ce_keyUsage);
  return value ? AsnConvert.parse(value, KeyUsage).toJSON() : [];
}

function maySeal(leaf: X509Certificate): boolean {
  const purposes = extension(leaf, id_ce_extKeyUsage);
  // A timestamping key of the same root speaks for times and not for documents.
  if (purposes && AsnConvert.parse(purposes, ExtendedKeyUsage).includes(id_kp_timeStamping)) return false;
  return usages(leaf).some((usage) => usage === "digitalSignature" || usage === "nonRepudiation");
}

/** @param below how many authorities stand between this one and the leaf */
function mayIssue(issuer: X509Certificate, below: number): boolean {
  const constraints = extension(issuer, id_ce_basicConstraints);
  if (!constraints || !usages(issuer).includes("keyCertSign")) return false;
  const { cA, pathLenConstraint } = AsnConvert.parse(constraints, BasicConstraints);
  return cA && (pathLenConstraint === undefined || below <= pathLenConstraint);
}

export const isAuthority = (certificate: X509Certificate): boolean => mayIssue(certificate, 0);
