import { MEMBER, sha256Hex } from "../../services/evidence/bundle-format.ts";
import { sealCertificateProblems } from "./certificates.ts";
import { checkCms } from "./cms.ts";
import { given, NotChecked, type Problem } from "./finding.ts";
import { pdfSignature } from "./pdf-signature.ts";
import { ofType, type Subject } from "./subject.ts";

/** protocol.pdf has a signature over the whole file that holds. */
export function checkPdfSignature(subject: Subject): Problem[] {
  const pdf = given(subject.members).get(MEMBER.pdf);
  if (!pdf) throw new NotChecked("包内没有协议 PDF");
  const { covered, cms } = pdfSignature(pdf);
  subject.pdfSigner = checkCms(cms, covered);
  return [];
}

/** The PDF's certificate is the one the chain recorded, and was good when the sealing took place. */
export function checkPdfCertificate(subject: Subject): Problem[] {
  const members = given(subject.members);
  if (!members.has(MEMBER.pdf)) throw new NotChecked("包内没有协议 PDF");
  const { certificate, pool } = given(subject.pdfSigner);
  const [sealing] = ofType(given(subject.evidence), "PROTOCOL_SEALED");
  const { sealedAt, sealCertSha256 } = given(sealing).data ?? {};
  const at = new Date(String(sealedAt));
  const problems = sealCertificateProblems(certificate, [...pool, ...(subject.certificates ?? [])], subject.trust.roots, { from: at, to: at }, MEMBER.pdf);
  if (Number.isNaN(at.getTime())) problems.push({ code: "SEALED_AT", where: MEMBER.pdf, message: "封签记录没有有效的封签时间" });
  if (sha256Hex(certificate.raw) !== sealCertSha256) problems.push({ code: "PDF_CERT_OTHER", where: MEMBER.pdf, message: "PDF 的签名证书不是封签时记录的那一张" });
  return problems;
}
