import { failure } from "../../contract/errors.ts";
import { isoOrNull } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import { withTries } from "../../mixins/outbound.ts";
import { queryAfter, startRetryAfter } from "./back-off.ts";
import type { Bridge } from "./bridge.ts";
import type { RemoteAttempt, StartAnswer } from "./drivers/http.ts";
import { storeResult } from "./results.ts";
import type { Started, StartParams } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";

/** Three tries, 200 and 400 ms apart (§6), within the 8 s that the process gives the call. */
const TRIES = { tries: 3, baseMs: 200, budgetMs: 7_500 };
/** Longer than all tries together: until then nobody else starts this attempt. */
const START_LEASE = 15_000;

/**
 * Takes the attempt over, then tries at once. From the insert on it will be started or run out of its window, whoever dies.
 * A repeat answers what is recorded and, while nothing is, tries again under the same `requestId`.
 */
export async function startAttempt(bridge: Bridge, params: StartParams): Promise<Started> {
  const { record, fresh } = await takeOver(bridge, params);
  return startedOf(record.verificationId === undefined ? await tryStart(bridge, record, { fresh, late: false }) : record);
}

/** A later try, by the sweep: the process did not wait for it and must be told. */
export const retryStart = (bridge: Bridge, record: VerificationRecord): Promise<VerificationRecord> =>
  tryStart(bridge, record, { fresh: false, late: true });

export function startedOf(record: VerificationRecord): Started {
  const { _id: requestId, verificationId, faceUrl, faceUrlExpiresAt } = record;
  const status = verificationId === undefined ? "NOT_STARTED" : "PENDING";
  return { requestId, status, verificationId: verificationId ?? null, startedAt: isoOrNull(record.startedAt), faceUrl, faceUrlExpiresAt };
}

async function takeOver(bridge: Bridge, start: StartParams): Promise<{ record: VerificationRecord; fresh: boolean }> {
  const { attempts } = bridge.collections;
  const now = clock.now();
  try {
    const record = await attempts.insert({
      _id: start.requestId,
      processId: start.processId,
      attempt: start.attempt,
      type: start.type,
      status: "NOT_STARTED",
      start,
      dueAt: new Date(now + START_LEASE),
      tries: 0,
      giveUpAt: new Date(start.giveUpAt),
      startedAt: null,
      queryEveryMs: bridge.inForce.value("verificationQueryAfter", bridge.settings.queryAfterMs),
      faceUrl: null,
      faceUrlExpiresAt: null,
      owesStarted: false,
      result: null,
      owesResult: false,
      confirmations: [],
      createdAt: new Date(now),
    });
    return { record, fresh: true };
  } catch (error) {
    const record = isUniqueViolation(error) ? await attempts.get(start.requestId) : null;
    if (!record) throw error;
    return { record, fresh: false };
  }
}

/**
 * One round of tries. A start moves real money, so wherever an earlier post may have arrived the system is asked first, and while
 * it does not answer that question nothing is posted.
 */
async function tryStart(bridge: Bridge, record: VerificationRecord, { fresh, late }: { fresh: boolean; late: boolean }): Promise<VerificationRecord> {
  const links = bridge.linksFor(record.processId);
  let mayHaveArrived = !fresh;
  const answer = await withTries<StartAnswer>(async (leftMs) => {
    const end = performance.now() + leftMs;
    if (mayHaveArrived) {
      const known = await bridge.driver.byRequestId(record._id, leftMs);
      if (known.outcome === "FOUND" && isUsable(record, known.attempt)) return { outcome: "OK", attempt: known.attempt };
      if (known.outcome === "UNREACHABLE") return { outcome: "FAILED" };
    }
    mayHaveArrived = true;
    const answer = await bridge.driver.start(record.start, links, end - performance.now());
    return answer.outcome === "OK" && !isUsable(record, answer.attempt) ? { outcome: "FAILED" } : answer;
  }, TRIES);
  if (answer.outcome !== "OK") return postpone(bridge, record, answer.outcome);
  return accept(bridge, record._id, answer.attempt, late);
}

/**
 * A face check without its link helps nobody, and the query of §3.2 does not name it: the start is said again under the same id, which
 * moves no money, and the system answers with the link it has.
 */
const isUsable = ({ type }: VerificationRecord, { faceUrl, result }: RemoteAttempt): boolean => type !== "FACE" || faceUrl !== null || result !== null;

/** The system has the attempt. What a callback that was faster has taught us already stays. */
export async function accept(bridge: Bridge, requestId: string, attempt: RemoteAttempt, late: boolean): Promise<VerificationRecord> {
  const now = clock.now();
  const accepted = await amend(bridge.collections.attempts, requestId, (present): VerificationRecord => ({
    ...present,
    verificationId: present.verificationId ?? attempt.verificationId,
    status: present.result?.status ?? "PENDING",
    startedAt: present.startedAt ?? new Date(now),
    faceUrl: attempt.faceUrl ?? present.faceUrl,
    faceUrlExpiresAt: attempt.faceUrl ? attempt.faceUrlExpiresAt : present.faceUrlExpiresAt,
    owesStarted: late,
    ...(present.result ? {} : { tries: 0, dueAt: new Date(late ? now : now + queryAfter(present.queryEveryMs, 0)) }),
  })).catch((error: unknown) => {
    if (!isUniqueViolation(error)) throw error;
    return "OF_ANOTHER" as const;
  });
  if (accepted === "OF_ANOTHER") {
    bridge.logger.error("alert: the system names a verification that belongs to another request", { alert: "VERIFICATION_ID_CONFLICT", requestId });
    return postpone(bridge, (await bridge.collections.attempts.get(requestId))!, "FAILED");
  }
  if (!accepted) throw failure("INTERNAL_ERROR");
  if (accepted.doc.verificationId !== attempt.verificationId) {
    bridge.logger.error("alert: the system names two verifications for one request", { alert: "VERIFICATION_ID_CONFLICT", requestId });
    return accepted.doc;
  }
  if (!attempt.result) return accepted.doc;
  // The start's answer was lost and the result is there already: the process hears of it behind this answer.
  const { doc } = await storeResult(bridge, requestId, { ...attempt.result, requestId, source: "QUERY" }, now);
  bridge.wake(requestId);
  return doc;
}

async function postpone(bridge: Bridge, record: VerificationRecord, outcome: "REFUSED" | "FAILED"): Promise<VerificationRecord> {
  const { _id: requestId, processId } = record;
  bridge.logger.error("alert: a verification could not be started and will be tried again", { alert: "VERIFICATION_SERVICE_ERROR", processId, requestId, outcome });
  const postponed = await amend(bridge.collections.attempts, requestId, (present) => {
    if (present.verificationId !== undefined) return null; // a callback was faster
    return { ...present, tries: present.tries + 1, dueAt: new Date(clock.now() + startRetryAfter(present.tries + 1)) };
  });
  if (!postponed) throw failure("INTERNAL_ERROR");
  return postponed.doc;
}
