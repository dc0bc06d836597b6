import { MEMBER } from "../../services/evidence/bundle-format.ts";
import { checkAgreement, checkPdfHash } from "./agreement.ts";
import { sealCertificateProblems } from "./certificates.ts";
import { checkChain, checkRedaction, readEvidence } from "./evidence-file.ts";
import { factsOf, type Facts } from "./facts.ts";
import { Broken, given, NotChecked, type Problem } from "./finding.ts";
import { checkManifestSignature, compareMembers, readManifest } from "./manifest.ts";
import { checkPdfCertificate, checkPdfSignature } from "./sealed-pdf.ts";
import { checkSignedRequest } from "./signed-request.ts";
import { checkFinal, checkStory, checkTimes } from "./story.ts";
import type { Subject, Trust } from "./subject.ts";
import { readContainer } from "./zip-reader.ts";

export type { Facts } from "./facts.ts";
export type { Problem } from "./finding.ts";
export type { Trust } from "./subject.ts";

export interface CheckResult {
  /** Chinese. */
  title: string;
  outcome: "HOLDS" | "FAILED" | "NOT_CHECKED";
  /** Why it was not checked; null otherwise. */
  note: string | null;
  problems: Problem[];
}
export interface Verdict {
  /** Every check holds; those without an object (no PDF yet, redacted) do not count against it. */
  ok: boolean;
  /** All that is wrong; the first is the first in the order of the checks. */
  problems: Problem[];
  checks: CheckResult[];
  facts: Facts;
}

interface Check {
  title: string;
  run(subject: Subject): Problem[];
}

/** THE order: each stands on those before it. */
const CHECKS: readonly Check[] = [
  { title: "压缩包完整、规范", run: openContainer },
  { title: "清单格式正确", run: readManifest },
  { title: "清单与包内文件逐一相符", run: compareMembers },
  { title: "清单签名成立", run: checkManifestSignature },
  { title: "封签证书由信任根签发且当时有效", run: checkManifestCertificate },
  { title: "证据链文件格式正确", run: readEvidence },
  { title: "证据链条条衔接，内容与哈希相符", run: checkChain },
  { title: "遮盖内容与清单一致", run: checkRedaction },
  { title: "终结声明与链中终态一致", run: checkFinal },
  { title: "展示、签署、封签的是同一份协议", run: checkAgreement },
  { title: "发起请求由业务系统签名，与冻结的内容一致", run: checkSignedRequest },
  { title: "协议 PDF 即封签时记录的文件", run: checkPdfHash },
  { title: "协议 PDF 的数字签名成立并覆盖全文", run: checkPdfSignature },
  { title: "协议 PDF 的签名证书可信且与记录一致", run: checkPdfCertificate },
  { title: "证据所述过程完整、次序合理", run: checkStory },
  { title: "证据时间没有倒退", run: checkTimes },
];

/**
 * Checks an evidence bundle (CONTRACT.md §5) with nothing but the bundle and what is trusted. Never throws for a bad bundle.
 * @param bytes the zip
 */
export function verifyBundle(bytes: Uint8Array, trust: Trust): Verdict {
  const subject: Subject = { bytes, trust };
  const checks = CHECKS.map((check) => outcomeOf(check, subject));
  const problems = checks.flatMap((check) => check.problems);
  return { ok: problems.length === 0, problems, checks, facts: factsOf(subject) };
}

function outcomeOf({ title, run }: Check, subject: Subject): CheckResult {
  try {
    const problems = run(subject);
    return { title, outcome: problems.length ? "FAILED" : "HOLDS", note: null, problems };
  } catch (error) {
    if (error instanceof NotChecked) return { title, outcome: "NOT_CHECKED", note: error.message, problems: [] };
    // Certificates and signatures are parsed by libraries; whatever they refuse is broken and not a crash.
    const problem = error instanceof Broken ? error.problem : { code: "UNREADABLE", where: "zip", message: `无法完成“${title}”的检查` };
    return { title, outcome: "FAILED", note: null, problems: [problem] };
  }
}

function openContainer(subject: Subject): Problem[] {
  const { members, repacked, problems } = readContainer(subject.bytes);
  subject.members = members;
  subject.repacked = repacked;
  return problems;
}

/** The manifest can have been signed at any moment from the last event until now: the certificate must have been valid at one. */
function checkManifestCertificate(subject: Subject): Problem[] {
  const [leaf, ...pool] = given(subject.certificates);
  const from = lastTime(subject);
  const now = subject.trust.now ?? new Date();
  const to = new Date(Math.max(now.getTime(), from.getTime()));
  return sealCertificateProblems(given(leaf), pool, subject.trust.roots, { from, to }, MEMBER.certificates);
}

/** Time of the last event, read ahead of the check of evidence.json; the present when it cannot be read. */
function lastTime(subject: Subject): Date {
  const ahead: Subject = { ...subject };
  try {
    readEvidence(ahead);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
  }
  return new Date(ahead.evidence?.events.at(-1)?.at ?? subject.trust.now ?? Date.now());
}
