import { failure } from "../../contract/errors.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { faultOf } from "../../mixins/fault.ts";
import type { VerifiedOutcome, VerifiedParams } from "../process/process.api.ts";
import { startRetryAfter } from "./back-off.ts";
import { PROCESS_TIMEOUT, type Bridge } from "./bridge.ts";
import type { VerificationResult } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";

/**
 * Stores the first terminal result of an attempt; it stays whatever comes later (CONTRACT.md §3.2). Stored before the process is
 * told, so that dying in between costs a delay until the sweep.
 * @param tellAt when the sweep tells the process, should nobody have done so by then
 * @returns the record, and whether this result is the one that was stored now
 */
export async function storeResult(
  bridge: Bridge,
  requestId: string,
  result: VerificationResult,
  tellAt: number,
): Promise<{ doc: VerificationRecord; written: boolean }> {
  const stored = await amend(bridge.collections.attempts, requestId, (present) =>
    present.result
      ? null
      : {
          ...present,
          verificationId: present.verificationId ?? result.verificationId,
          startedAt: present.startedAt ?? new Date(clock.now()),
          status: result.status,
          result,
          owesResult: true,
          tries: 0,
          dueAt: new Date(tellAt),
        },
  );
  if (!stored) throw failure("INTERNAL_ERROR");
  return stored;
}

/** Hands a result to the process, which answers what it made of it. Twice, late and out of turn are the process's to judge. */
export const tellResult = (bridge: Bridge, processId: string, result: VerificationResult): Promise<VerifiedOutcome> =>
  bridge.broker.call<VerifiedOutcome, VerifiedParams>("process.verified", { ...result, processId }, PROCESS_TIMEOUT);

/**
 * Tells the process the stored result and strikes the debt off; on failure it stays owed and is tried again later.
 */
export async function settleResult(bridge: Bridge, record: VerificationRecord): Promise<void> {
  try {
    await tellResult(bridge, record.processId, record.result!);
    // Of many that bring the same result at once, one strikes the debt off; the others find nothing left to do.
    await amend(bridge.collections.attempts, record._id, (present) =>
      present.owesResult || present.owesStarted ? { ...present, owesResult: false, owesStarted: false, tries: 0, dueAt: undefined } : null,
    );
  } catch (error) {
    await postponeTelling(bridge, record, error);
  }
}

/** The process could not be told; it is tried again with growing waits. */
export async function postponeTelling(bridge: Bridge, record: VerificationRecord, error: unknown): Promise<void> {
  bridge.logger.warn("the process could not be told about its verification and will be told later", { requestId: record._id, fault: faultOf(error) });
  await amend(bridge.collections.attempts, record._id, (present) => {
    if (!present.owesResult && !present.owesStarted) return null;
    return { ...present, tries: present.tries + 1, dueAt: new Date(clock.now() + startRetryAfter(present.tries + 1)) };
  });
}
