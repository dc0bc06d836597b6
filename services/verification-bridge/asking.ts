import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { queryAfter } from "./back-off.ts";
import { PROCESS_TIMEOUT, type Bridge } from "./bridge.ts";
import type { LookUp } from "./drivers/http.ts";
import { postponeTelling, settleResult, storeResult } from "./results.ts";
import { accept, retryStart, startedOf } from "./starting.ts";
import type { QueryAnswer } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";
import type { VerificationStartedParams } from "../process/process.api.ts";

/** Longer than any job here takes: until then no other node works on the attempt. */
const JOB_LEASE = 30_000;
/** Who asked acts on the result itself; should it die before that, the sweep tells the process. */
const TELL_ANYWAY = 60_000;

/** The ids of attempts that have something to do, most overdue first. */
export async function dueAttempts(bridge: Bridge, now: number, limit: number): Promise<string[]> {
  const due = await bridge.collections.attempts.find({ dueAt: { $lte: new Date(now) } }, { sort: ["dueAt"], limit });
  return due.map((record) => record._id);
}

/** Does what one attempt owes: a start try, a message to the process, a query. Checks again first; not due any more is not an error. */
export async function attend(bridge: Bridge, requestId: string): Promise<void> {
  const record = await lease(bridge, requestId);
  if (!record) return;
  if (record.owesStarted) return tellStarted(bridge, record);
  if (record.owesResult) return settleResult(bridge, record);
  if (record.status === "NOT_STARTED") return startOrGiveUp(bridge, record);
  if (record.status === "PENDING") return askAgain(bridge, record);
}

async function lease(bridge: Bridge, requestId: string): Promise<VerificationRecord | null> {
  const present = await bridge.collections.attempts.get(requestId);
  const now = clock.now();
  if (!present?.dueAt || present.dueAt.getTime() > now) return null;
  return bridge.collections.attempts.replaceIfVersion({ ...present, dueAt: new Date(now + JOB_LEASE) });
}

/** The late start got through: the process is told, and whatever is next waits its turn. */
async function tellStarted(bridge: Bridge, record: VerificationRecord): Promise<void> {
  try {
    const params: VerificationStartedParams = { ...startedOf(record), processId: record.processId };
    await bridge.broker.call("process.verificationStarted", params, PROCESS_TIMEOUT);
  } catch (error) {
    return postponeTelling(bridge, record, error);
  }
  const now = clock.now();
  const told = await amend(bridge.collections.attempts, record._id, (present) => {
    const next = present.owesResult ? now : now + queryAfter(present.queryEveryMs, 0);
    return { ...present, owesStarted: false, tries: 0, dueAt: present.result && !present.owesResult ? undefined : new Date(next) };
  });
  if (told?.doc.owesResult) bridge.wake(record._id);
}

async function startOrGiveUp(bridge: Bridge, record: VerificationRecord): Promise<void> {
  if (clock.now() >= record.giveUpAt.getTime()) return rest(bridge, record._id);
  const started = await retryStart(bridge, record);
  if (started.verificationId !== undefined) bridge.wake(record._id);
}

async function askAgain(bridge: Bridge, record: VerificationRecord): Promise<void> {
  if (clock.now() > record.giveUpAt.getTime() + bridge.inForce.value("expiryQueryGrace", bridge.settings.graceMs)) return rest(bridge, record._id);
  const answer = await bridge.driver.byId(record.verificationId!);
  if (answer.outcome === "FOUND" && answer.attempt.result) {
    const { result } = answer.attempt;
    const { doc } = await storeResult(bridge, record._id, { ...result, requestId: record._id, source: "QUERY" }, clock.now() + JOB_LEASE);
    if (doc.owesResult) await settleResult(bridge, doc);
    return;
  }
  await amend(bridge.collections.attempts, record._id, (present) => {
    if (present.status !== "PENDING") return null;
    const tries = present.tries + 1;
    return { ...present, tries, dueAt: new Date(clock.now() + queryAfter(present.queryEveryMs, tries)) };
  });
}

/** Nothing more is done by itself; a callback still counts, also one that has come meanwhile and is to be told. */
async function rest(bridge: Bridge, requestId: string): Promise<void> {
  await amend(bridge.collections.attempts, requestId, (present) => (present.owesResult || present.owesStarted ? null : { ...present, dueAt: undefined }));
}

/** Asks about the latest attempt now, for whoever must decide an expiry. A result is stored here too, so that it cannot be lost. */
export async function queryNow(bridge: Bridge, processId: string): Promise<QueryAnswer> {
  const [record] = await bridge.collections.attempts.find({ processId }, { sort: ["-attempt"], limit: 1 });
  if (!record) return { status: "UNKNOWN", result: null };
  if (record.result) return { status: record.result.status, result: record.result };
  const answer = await lookUp(bridge, record);
  if (answer.outcome !== "FOUND") {
    const neverArrived = answer.outcome === "UNKNOWN" && record.verificationId === undefined;
    return { status: neverArrived ? "NOT_STARTED" : answer.outcome, result: null };
  }
  const known = record.verificationId ?? (await accept(bridge, record._id, { ...answer.attempt, result: null }, true)).verificationId;
  if (known !== answer.attempt.verificationId) return { status: "UNREACHABLE", result: null };
  if (!answer.attempt.result) return { status: "PENDING", result: null };
  const result = { ...answer.attempt.result, requestId: record._id, source: "QUERY" } as const;
  const { doc } = await storeResult(bridge, record._id, result, clock.now() + TELL_ANYWAY);
  return { status: doc.result!.status, result: doc.result };
}

const lookUp = (bridge: Bridge, record: VerificationRecord): Promise<LookUp> =>
  record.verificationId === undefined ? bridge.driver.byRequestId(record._id, bridge.settings.timeoutMs) : bridge.driver.byId(record.verificationId);
