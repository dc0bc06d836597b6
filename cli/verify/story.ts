import { isTerminal, MEMBER } from "../../services/evidence/bundle-format.ts";
import type { ChainEvent } from "../../services/evidence/chain.ts";
import type { EvidenceType } from "../../contract/vocabulary.ts";
import { given, type Problem } from "./finding.ts";
import { eventAt, ofType, TOLERANCE_MS, type Subject } from "./subject.ts";

const at = (event: ChainEvent, code: string, message: string): Problem => ({ code, where: eventAt(event), message });
const missing = (code: string, message: string): Problem => ({ code, where: MEMBER.evidence, message });

/** `final` says what the chain says. */
export function checkFinal(subject: Subject): Problem[] {
  const { final, events } = given(subject.evidence);
  const ends = events.filter(isTerminal);
  const problems = ends.slice(1).map((event) => at(event, "STATE_TWICE", "终态只能有一次"));
  if (final && ends.length === 0) problems.push(missing("FINAL_TRUNCATED", "声明已终结，但链中没有终态：末尾的证据被截去"));
  if (!final && ends.length > 0) problems.push(missing("FINAL_DENIED", "链中已有终态，却声明未终结"));
  return problems;
}

/** The events tell a possible story (§4.2.4): what completion rests on is there, once, and before it. */
export function checkStory(subject: Subject): Problem[] {
  const evidence = given(subject.evidence);
  const { events } = evidence;
  const problems: Problem[] = [];
  if (events[0]!.type !== "REQUEST") problems.push(at(events[0]!, "STORY_START", "第一条证据应为发起请求"));
  const [signature, ...more] = ofType(evidence, "SIGNATURE");
  problems.push(...more.map((event) => at(event, "SIGNATURE_TWICE", "签署只能有一次")));
  if (signature) problems.push(...before(evidence.events, ["PROTOCOL", "READING"], signature, "签署"));
  const completed = events.find((event) => isTerminal(event) && event.data?.["status"] === "COMPLETED");
  if (completed) {
    problems.push(...before(events, ["SIGNATURE", "PROTOCOL_SEALED"], completed, "完成"));
    problems.push(...acceptedResult(ofType(evidence, "VERIFICATION_RESULT"), completed));
  }
  return problems;
}

/** Each of these types stands somewhere before the event. */
function before(events: readonly ChainEvent[], types: readonly EvidenceType[], event: ChainEvent, what: string): Problem[] {
  const earlier = events.slice(0, events.indexOf(event));
  return types.filter((type) => !earlier.some((other) => other.type === type)).map((type) => at(event, "STORY_MISSING", `${what}之前缺少 ${type}`));
}

/** Exactly one result was accepted, it is a success and it came before. Of a redacted one only its presence can be told. */
function acceptedResult(results: readonly ChainEvent[], completed: ChainEvent): Problem[] {
  const success = results.filter(({ data }) => data === undefined || data["status"] === "SUCCESS");
  const [first, ...more] = success;
  const problems = more.map((event) => at(event, "RESULT_TWICE", "认证成功结果只能被采纳一次"));
  if (!first || first.seq > completed.seq) problems.push(at(completed, "STORY_MISSING", "完成之前缺少认证成功的结果"));
  return problems;
}

/** Facts of the actor itself. Others (receipts, deliveries, outside answers) may be written down later than they happened. */
const MAIN_LINE: readonly EvidenceType[] = ["REQUEST", "PROTOCOL", "READING", "SIGNATURE", "PROTOCOL_SEALED", "STATE"];

/** Times of the main line do not run backwards, and nothing happened before the request. */
export function checkTimes(subject: Subject): Problem[] {
  const { events } = given(subject.evidence);
  const start = Date.parse(events[0]!.at) - TOLERANCE_MS;
  let latest = start;
  return events.flatMap((event) => {
    const when = Date.parse(event.at);
    const main = MAIN_LINE.includes(event.type);
    const backwards = when < (main ? latest - TOLERANCE_MS : start);
    if (main) latest = Math.max(latest, when);
    return backwards ? [at(event, "TIME_BACKWARDS", "时间早于此前的证据，超出时钟误差")] : [];
  });
}
