import { EVIDENCE_TYPES, PERSONAL_EVIDENCE, type EvidenceType } from "../../contract/vocabulary.ts";
import { EVIDENCE_FORMAT, MEMBER, type EvidenceFile } from "../../services/evidence/bundle-format.ts";
import { chainFaults, type ChainFaultCode } from "../../services/evidence/chain.ts";
import { Broken, given, type Problem } from "./finding.ts";
import { hasMembers, isObject, isSha256, readJson } from "./json-member.ts";
import { eventAt, member, ofType, type Subject } from "./subject.ts";

const HEAD = ["seq", "type", "at", "prev", "dataHash", "hash"];

/** evidence.json is of the format. */
export function readEvidence(subject: Subject): Problem[] {
  const value = readJson(member(given(subject.members), MEMBER.evidence), MEMBER.evidence);
  const broken = (where: string, message: string) => new Broken("EVIDENCE_FORMAT", where, message);
  if (!isObject(value) || value["format"] !== EVIDENCE_FORMAT) throw broken(MEMBER.evidence, `不是 ${EVIDENCE_FORMAT} 格式的证据链`);
  const { processId, final, events, redacted = [] } = value;
  const sound =
    hasMembers(value, ["format", "processId", "final", "events"], ["redacted"]) &&
    typeof processId === "string" &&
    /^[A-Za-z0-9_-]{1,64}$/.test(processId) &&
    typeof final === "boolean" &&
    Array.isArray(redacted) &&
    Array.isArray(events) &&
    events.length > 0;
  if (!sound) throw broken(MEMBER.evidence, "证据链文件缺少必要内容或有多余内容");
  const wrong = events.findIndex((event) => !isEvent(event));
  if (wrong >= 0) throw broken(`${MEMBER.evidence}#${wrong + 1}`, "该条证据的格式有误");
  subject.evidence = value as unknown as EvidenceFile;
  return [];
}

function isEvent(event: unknown): boolean {
  if (!isObject(event) || !hasMembers(event, HEAD, ["data", "salt"])) return false;
  const { seq, type, at, prev, dataHash, hash, data, salt } = event;
  return (
    Number.isSafeInteger(seq) &&
    EVIDENCE_TYPES.includes(type as EvidenceType) &&
    typeof at === "string" &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(at) &&
    !Number.isNaN(Date.parse(at)) &&
    [prev, dataHash, hash].every(isSha256) &&
    (data === undefined ? salt === undefined : isObject(data) && isSha256(salt))
  );
}

const CHAIN_MESSAGES: Record<ChainFaultCode, string> = {
  CHAIN_SEQ: "序号不连续或重复：有证据被删去、插入或调换",
  CHAIN_PREV: "与上一条的哈希不衔接：链在此处断开或分叉",
  CHAIN_HASH: "本条哈希不成立：序号、类型、时间、前链或流程编号被改动",
  CHAIN_DATA: "内容或盐值与其哈希不符：内容被改动",
};

/** Numbers, links, heads and data of the whole chain, under one process id. */
export function checkChain(subject: Subject): Problem[] {
  const { processId, events } = given(subject.evidence);
  return chainFaults(processId, events).map(({ code, position }) => ({ code, where: `${MEMBER.evidence}#${position}`, message: CHAIN_MESSAGES[code] }));
}

/** What is left out is listed, is personal, and the PDF is there exactly when the agreement's text is. */
export function checkRedaction(subject: Subject): Problem[] {
  const evidence = given(subject.evidence);
  const members = given(subject.members);
  const absent = evidence.events.filter(({ data }) => data === undefined);
  const problems: Problem[] = [];
  if (JSON.stringify(evidence.redacted ?? []) !== JSON.stringify(absent.map(({ seq }) => seq)) || evidence.redacted?.length === 0) {
    problems.push({ code: "REDACTION_LIST", where: MEMBER.evidence, message: "redacted 清单与实际缺少内容的证据不一致" });
  }
  for (const event of absent.filter(({ type }) => !PERSONAL_EVIDENCE.includes(type))) {
    problems.push({ code: "REDACTION_TYPE", where: eventAt(event), message: `${event.type} 不含个人信息，其内容不得遮盖` });
  }
  const sealed = ofType(evidence, "PROTOCOL_SEALED").length > 0;
  const hidden = absent.some(({ type }) => type === "PROTOCOL");
  if (sealed && !hidden && !members.has(MEMBER.pdf)) problems.push({ code: "MEMBER_MISSING", where: MEMBER.pdf, message: "链中已有封签记录，但包内没有协议 PDF" });
  if (members.has(MEMBER.pdf) && (!sealed || hidden)) problems.push({ code: "MEMBER_EXTRA", where: MEMBER.pdf, message: "协议尚未封签或已遮盖，包内不应有协议 PDF" });
  return problems;
}
