import type { VerificationType } from "../../contract/vocabulary.ts";
import { effect, ended, evidence, isDue, moved, nothing, record, refuse, statusOf, type Decision, type Refusal } from "./decision.ts";
import type { CommandOf } from "./commands.ts";
import type { Answer, SigningProcess, Verification } from "./signing-process.model.ts";

/** An answer under way blocks a second one for this long: the bridge has given up on it by then. */
export const ANSWER_PENDING_MS = 15_000;
/** The same words again within this time are the same message: browsers repeat a POST by themselves when a kept connection breaks. */
export const ANSWER_REPEAT_MS = 60_000;

/** §4.1.1 step 8: the bridge has taken the attempt over; whether the system has it already is in `started.status`. */
export function verificationStarted(process: SigningProcess, command: CommandOf<"verificationStarted">): Decision {
  const { started, at } = command;
  const current = process.verification;
  if (!current || started.requestId !== current.requestId) return nothing();
  const learned = learn(process, started, at);
  if (statusOf(process) !== "PROTOCOL_SIGNED") return learned;
  return { process: moved(learned.process ?? process, "VERIFICATION_PENDING", at, "verificationStarted"), effects: learned.effects };
}

/** Takes over what the start's answer says, in whatever state it arrives; evidence of the request, once. */
function learn(process: SigningProcess, started: CommandOf<"verificationStarted">["started"], at: number): Decision {
  const current = process.verification!;
  if (started.status === "NOT_STARTED" || !started.verificationId) return nothing();
  const known = current.verificationId !== null && current.status !== "NOT_STARTED" && process.verificationRequestRecorded;
  if (known) return nothing();
  const verification: Verification = {
    ...current,
    status: current.status === "NOT_STARTED" ? "PENDING" : current.status,
    verificationId: current.verificationId ?? started.verificationId,
    faceUrl: started.faceUrl,
    faceUrlExpiresAt: started.faceUrlExpiresAt,
  };
  const facts = {
    requestId: started.requestId,
    type: current.type,
    verificationId: started.verificationId,
    startedAt: started.startedAt,
    protocolHash: process.agreement.protocolHash,
  };
  return {
    process: { ...process, verification, verificationId: verification.verificationId, verificationRequestRecorded: true, updatedAt: new Date(at) },
    effects: [record(evidence("VERIFICATION_REQUEST", `VERIFICATION_REQUEST:${started.requestId}`, at, facts))],
  };
}

/**
 * Why the signer's part of the verification cannot be done now, judged before the form of what was said (CONTRACT.md §2.4).
 * @returns null when it is the signer's turn
 */
export function outOfTurn(process: SigningProcess, type: VerificationType, at: number): Refusal | null {
  const status = statusOf(process);
  const current = process.verification;
  if (status === "EXPIRED" || isDue(process, at)) return { code: "PROCESS_EXPIRED" };
  const code = "PROCESS_STATE_INVALID";
  if (!current || (status !== "PROTOCOL_SIGNED" && status !== "VERIFICATION_PENDING")) return { code };
  if (current.type !== type) return { code, message: OTHER_TYPE[type] };
  if (current.status === "NOT_STARTED") return { code, message: STARTS_BY_ITSELF[type] };
  return null;
}
const OTHER_TYPE = { REMITTANCE: "本次签约采用人脸验证，无需填写打款信息", FACE: "本次签约采用打款验证，无需人脸验证" } as const;
const STARTS_BY_ITSELF = {
  REMITTANCE: "打款验证尚未发起，系统会自动发起，请稍后再来",
  FACE: "人脸验证尚未发起，系统会自动发起，请稍后再来",
} as const;

/**
 * The reply to these very words, if they were judged a moment ago: it is given again, so that one tap costs one attempt. An
 * answer the system never replied to is not among them.
 */
export function answeredBefore(process: SigningProcess, said: string, at: number): Answer | null {
  const last = process.verification?.answer;
  if (!last || last.said !== said || last.judgedAt === null || at >= last.judgedAt + ANSWER_REPEAT_MS) return null;
  return last.outcome === "UNREACHABLE" ? null : last;
}

/** A signer who comes back to an expired link gets a new attempt; so many are enough, whatever the system calls expired. */
const MOST_ATTEMPTS = 50;

/** Whether the link of the present face check can no longer be used. */
export function faceLinkExpired(process: SigningProcess, at: number): boolean {
  const end = process.verification?.faceUrl ? process.verification.faceUrlExpiresAt : null;
  return end !== null && end !== undefined && at >= Date.parse(end);
}

/** Attempt `n` of a process: its id is the same for every try (CONTRACT.md §2.4). */
export const attemptOf = (process: SigningProcess, attempt: number): Verification => ({
  type: process.verificationType,
  status: "NOT_STARTED",
  attempt,
  requestId: `${process.processId}-${attempt}`,
  verificationId: null,
  remainingAttempts: null,
  verifiedAt: null,
  answer: null,
  faceUrl: null,
  faceUrlExpiresAt: null,
});

/** The link of the face check has expired: a new attempt takes its place, once, however often it is asked for (CONTRACT.md §2.4). */
export function renewVerification(process: SigningProcess, command: CommandOf<"renewVerification">): Decision {
  const { expired, at, origin } = command;
  const refusal = outOfTurn(process, "FACE", at);
  const current = process.verification;
  // Another tap was faster: the attempt it named has been replaced, and the caller gets what there is now.
  if (current && current.requestId !== expired) return nothing();
  if (refusal) return { effects: [], refusal };
  if (!faceLinkExpired(process, at)) return nothing();
  if (current!.attempt >= MOST_ATTEMPTS) return refuse("PROCESS_STATE_INVALID", { message: "人脸验证次数过多，请联系发起方重新发起签约" });
  const verification = attemptOf(process, current!.attempt + 1);
  const facts = { requestId: verification.requestId, type: verification.type, replaces: expired, reason: "FACE_LINK_EXPIRED", ...origin };
  return {
    process: { ...process, verification, verificationId: null, verificationRequestRecorded: false, updatedAt: new Date(at) },
    effects: [
      record(evidence("VERIFICATION_REQUEST", `VERIFICATION_REQUEST:${verification.requestId}:RENEWED`, at, facts)),
      effect(`startVerification:${verification.attempt}`, "startVerification"),
    ],
  };
}

/** §5.1 step 19: the signer's answer is about to be passed on, once. */
export function answer(process: SigningProcess, command: CommandOf<"answer">): Decision {
  const refusal = outOfTurn(process, "REMITTANCE", command.at);
  if (refusal) return { effects: [], refusal };
  if (answeredBefore(process, command.said, command.at)) return nothing();
  const current = process.verification!;
  if (current.answer && !current.answer.outcome && command.at < current.answer.at + ANSWER_PENDING_MS) {
    return refuse("PROCESS_STATE_INVALID", { message: "上一次提交正在核验，请稍候" });
  }
  const { answerId, said, amount, remark, at, origin } = command;
  return {
    process: { ...process, verification: { ...current, answer: { answerId, said, at, outcome: null, judgedAt: null } }, updatedAt: new Date(at) },
    effects: [record(evidence("VERIFICATION_ANSWER", `VERIFICATION_ANSWER:${answerId}`, at, { answerId, amount, remark, ...origin }))],
  };
}

/** What the system said to the answer: shown and recorded, it moves nothing (CONTRACT.md §3.2). */
export function answered(process: SigningProcess, command: CommandOf<"answered">): Decision {
  const { confirmed, at } = command;
  const current = process.verification;
  if (!current) return nothing();
  const mine = current.answer?.answerId === confirmed.answerId;
  if (mine && current.answer!.outcome) return nothing();
  const remainingAttempts = confirmed.remainingAttempts ?? current.remainingAttempts;
  const verification: Verification = {
    ...current,
    remainingAttempts: mine ? remainingAttempts : current.remainingAttempts,
    answer: mine ? { ...current.answer!, outcome: confirmed.outcome, judgedAt: at } : current.answer,
  };
  const facts = { answerId: confirmed.answerId, outcome: confirmed.outcome, remainingAttempts: confirmed.remainingAttempts };
  return {
    process: { ...process, verification, updatedAt: new Date(at) },
    effects: [record(evidence("VERIFICATION_ANSWER", `VERIFICATION_ANSWER:${confirmed.answerId}:OUTCOME`, at, facts))],
  };
}

/** §4.1.1 step 9: a result whose authenticity has been checked, while the process waits for one. */
export function verified(process: SigningProcess, command: CommandOf<"verified">): Decision {
  const { result, at } = command;
  const current = process.verification!;
  if (result.requestId !== current.requestId) return anomaly(process, command, "OTHER_ATTEMPT");
  // The callback may beat the start's answer: then the history shows the state in between all the same.
  const pending = statusOf(process) === "PROTOCOL_SIGNED" ? moved(process, "VERIFICATION_PENDING", at, "verified") : process;
  const verification: Verification = {
    ...current,
    status: result.status,
    verificationId: result.verificationId,
    verifiedAt: result.verifiedAt,
    remainingAttempts: result.status === "FAILED" ? 0 : current.remainingAttempts,
  };
  const change = { verification, verificationId: result.verificationId };
  const recorded = record(evidence("VERIFICATION_RESULT", `VERIFICATION_RESULT:${result.requestId}`, at, { ...result }));
  if (result.status === "FAILED") {
    const failed = ended(pending, "FAILED", "VERIFICATION_FAILED", at, "verified", change);
    return { ...failed, effects: [recorded, ...failed.effects], outcome: "ACCEPTED" };
  }
  return {
    process: moved(pending, "VERIFICATION_SUCCESS", at, "verified", { ...change, expiredAt: null }),
    effects: [recorded, effect("seal", "seal")],
    outcome: "ACCEPTED",
  };
}

/** A result that comes when the matter is settled, or before there was one: never changes the state (CONTRACT.md §2.1, §3.2). */
export function verifiedOutOfTurn(process: SigningProcess, command: CommandOf<"verified">): Decision {
  const { result } = command;
  const current = process.verification;
  if (!current) return anomaly(process, command, "NOT_ASKED");
  if (result.requestId !== current.requestId) return anomaly(process, command, "OTHER_ATTEMPT");
  if (current.status === result.status) return { effects: [], outcome: "REPEATED" };
  const settled = statusOf(process);
  if (settled === "EXPIRED" || settled === "FAILED") {
    const key = `LATE_RESULT:${result.requestId}:${result.status}`;
    return note(process, "LATE", evidence("LATE_RESULT", key, command.at, { ...result, processStatus: settled }));
  }
  return anomaly(process, command, "CONFLICT");
}

function anomaly(process: SigningProcess, command: CommandOf<"verified">, why: string): Decision {
  const key = `VERIFICATION_ANOMALY:${command.result.requestId}:${command.result.status}`;
  return note(process, "ANOMALY", evidence("VERIFICATION_ANOMALY", key, command.at, { ...command.result, why }));
}

/** Evidence, once, and nothing else: not even `updatedAt` moves, which the wallet sees. */
function note(process: SigningProcess, outcome: Decision["outcome"], item: ReturnType<typeof evidence>): Decision {
  if (process.notedResults.includes(item.key)) return { effects: [], outcome: "REPEATED" };
  return { process: { ...process, notedResults: [...process.notedResults, item.key] }, effects: [record(item)], outcome };
}

/** §4.1.2: the sealed PDF is stored and in evidence; now, and only now, a wallet may act. */
export function sealed(process: SigningProcess, command: CommandOf<"sealed">): Decision {
  return {
    process: moved(process, "COMPLETED", command.at, "sealed", { completedAt: new Date(command.at) }),
    effects: [effect("announce", "announce")],
  };
}

/** §4.1.1 step 10. A stale wake-up finds the deadline moved and does nothing; an answer given in time is waited for. */
export function expire(process: SigningProcess, command: CommandOf<"expire">): Decision {
  if (!isDue(process, command.at) || command.at < answerHold(process)) return nothing();
  const code = process.signedAt ? "VERIFICATION_TIMEOUT" : "SIGN_TIMEOUT";
  return ended(process, "EXPIRED", code, command.at, "expire");
}

/** An answer accepted before the deadline holds the expiry this long for its outcome (CONTRACT.md §2.1 "Expiry"). */
const ANSWER_HOLD_MS = 60_000;

/** ms until which an expiry has to wait for the outcome of an answer given in time; 0 when nothing holds it. */
export function answerHold(process: SigningProcess): number {
  const last = process.verification?.answer;
  const end = process.expiredAt?.getTime();
  if (!last || end === undefined || last.at >= end || last.outcome === "MISMATCH") return 0;
  return end + ANSWER_HOLD_MS;
}
