import { createHash } from "node:crypto";
import { MEMBER, sha256Hex } from "../../services/evidence/bundle-format.ts";
import type { ChainEvent } from "../../services/evidence/chain.ts";
import { given, NotChecked, type Problem } from "./finding.ts";
import { eventAt, member, ofType, type Subject } from "./subject.ts";

const CITING = ["READING", "SIGNATURE", "VERIFICATION_REQUEST", "PROTOCOL_SEALED"] as const;

/** One agreement throughout: its text has the recorded hashes, and what was read, signed, verified and sealed names the same hash. */
export function checkAgreement(subject: Subject): Problem[] {
  const evidence = given(subject.evidence);
  const recorded = ofType(evidence, "PROTOCOL");
  const problems: Problem[] = [];
  if (recorded.length > 1) problems.push(at(recorded[1]!, "PROTOCOL_TWICE", "协议原文出现两次"));
  const [protocol] = recorded;
  const { html, protocolHash, sm3 } = protocol?.data ?? {};
  if (protocol?.data) {
    if (typeof html !== "string" || sha256Hex(html) !== protocolHash) problems.push(at(protocol, "PROTOCOL_HASH", "协议原文与其 SHA-256 不符"));
    else if (createHash("sm3").update(html).digest("hex") !== sm3) problems.push(at(protocol, "PROTOCOL_SM3", "协议原文与其 SM3 不符"));
  }
  const citing = CITING.flatMap((type) => ofType(evidence, type)).filter(({ data }) => data !== undefined);
  const expected = protocolHash ?? citing[0]?.data?.["protocolHash"];
  for (const event of citing.filter(({ data }) => data?.["protocolHash"] !== expected)) {
    problems.push(at(event, "PROTOCOL_MISMATCH", "所指的协议与协议原文不是同一份"));
  }
  return problems;
}

/** protocol.pdf is the file whose hash the sealing put into the chain. */
export function checkPdfHash(subject: Subject): Problem[] {
  const evidence = given(subject.evidence);
  const sealings = ofType(evidence, "PROTOCOL_SEALED");
  if (sealings.length > 1) return [at(sealings[1]!, "SEALED_TWICE", "协议封签出现两次")];
  const [sealing] = sealings;
  if (!sealing) throw new NotChecked("协议尚未封签");
  if (!given(subject.members).has(MEMBER.pdf)) throw new NotChecked("包内没有协议 PDF，其哈希保留在链中");
  const pdf = member(given(subject.members), MEMBER.pdf);
  const { pdfSha256 } = sealing.data ?? {};
  if (sha256Hex(pdf) === pdfSha256) return [];
  return [{ code: "PDF_HASH", where: MEMBER.pdf, message: "协议 PDF 不是封签时记录的那一份" }];
}

const at = (event: ChainEvent, code: string, message: string): Problem => ({ code, where: eventAt(event), message });
