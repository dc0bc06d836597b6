import { failure } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { QUERY_AFTER_ANSWER } from "./back-off.ts";
import type { Bridge } from "./bridge.ts";
import type { Confirmed, ConfirmParams } from "./verification-bridge.api.ts";
import type { Confirmation, VerificationRecord } from "./verification.model.ts";

/**
 * Passes the signer's answer on, once ever (§6: what a person triggers is not retried). It is recorded before it is sent: whoever
 * comes with the same `answerId` gets the recorded outcome, and an answer whose sender died before the outcome is UNREACHABLE.
 */
export async function confirmAnswer(bridge: Bridge, params: ConfirmParams): Promise<Confirmed> {
  const { processId, verificationId, answerId, amount, remark } = params;
  const { attempts } = bridge.collections;
  const attempt = await attempts.findOne({ verificationId });
  if (!attempt || attempt.processId !== processId || attempt.type !== "REMITTANCE") throw failure("PROCESS_STATE_INVALID");
  const now = clock.now();
  const claim = await amend(attempts, attempt._id, (present) => {
    if (find(present, answerId)) return null;
    return { ...present, confirmations: [...present.confirmations, { answerId, at: isoSeconds(now), outcome: null, remainingAttempts: null }] };
  });
  if (!claim) throw failure("PROCESS_STATE_INVALID");
  const earlier = find(claim.doc, answerId)!;
  if (!claim.written) return { answerId, outcome: earlier.outcome ?? "UNREACHABLE", remainingAttempts: earlier.remainingAttempts };

  const answer = await bridge.driver.confirm(verificationId, { answerId, amount, remark });
  await amend(attempts, attempt._id, (present) => ({
    ...present,
    confirmations: present.confirmations.map((known) => (known.answerId === answerId ? { ...known, ...answer } : known)),
    // Only a query's result counts (CONTRACT.md §3.2). An answer that got lost may have decided it too.
    ...(answer.outcome !== "MISMATCH" && present.status === "PENDING" ? { dueAt: new Date(clock.now()), tries: 0, queryEveryMs: QUERY_AFTER_ANSWER } : {}),
  }));
  if (answer.outcome !== "MISMATCH") bridge.wake(attempt._id);
  return { answerId, ...answer };
}

const find = (record: VerificationRecord, answerId: string): Confirmation | undefined =>
  record.confirmations.find((confirmation) => confirmation.answerId === answerId);
