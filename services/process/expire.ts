import type { Collection } from "../../mixins/collection-types.ts";
import type { QueryAnswer, VerificationResult } from "../verification-bridge/verification-bridge.api.ts";
import type { CommandOn } from "./actor.ts";
import { isDue } from "./decision.ts";
import { answerHold } from "./decide-verification.ts";
import type { ExpireOutcome } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";

export interface Expirer {
  processes: Collection<SigningProcess>;
  command(id: string, command: CommandOn): Promise<SigningProcess>;
  verified(processId: string, result: VerificationResult): Promise<unknown>;
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
  now(): number;
  /** EXPIRY_QUERY_GRACE, ms, as it is now. */
  queryGraceMs(): number;
}

/** An unreachable verification system is asked again this often (CONTRACT.md §2.1 "Expiry"). */
const ASK_AGAIN_MS = 60_000;

/**
 * Somebody's clock says that a deadline may have come (§4.1.1 step 10). Looks, asks the verification system where one is waited
 * for, and decides; a stale wake-up changes nothing.
 * @returns when to come back; null when there is no deadline any more
 */
export async function expire(on: Expirer, processId: string): Promise<ExpireOutcome> {
  const process = await on.processes.get(processId);
  if (!process?.expiredAt) return { next: null };
  if (!isDue(process, on.now())) return { next: process.expiredAt.toISOString() };
  if (process.signedAt) {
    const later = await askFirst(on, process);
    if (later !== null) return { next: new Date(later).toISOString() };
  }
  const after = await on.command(processId, () => ({ name: "expire", at: on.now() }));
  return { next: after.expiredAt?.toISOString() ?? null };
}

/** A corporate transfer may have been confirmed while every callback was lost: the system is asked before time is called. */
async function askFirst(on: Expirer, process: SigningProcess): Promise<number | null> {
  const { status, result } = await ask(on, process.processId);
  if (result) {
    await on.verified(process.processId, result);
    return null;
  }
  const end = process.expiredAt!.getTime();
  const latest = end + on.queryGraceMs();
  if (status === "UNREACHABLE" && on.now() < latest) return Math.min(on.now() + ASK_AGAIN_MS, latest);
  const hold = answerHold(process);
  return on.now() < hold ? hold : null;
}

const ask = (on: Expirer, processId: string): Promise<QueryAnswer> =>
  on.call<QueryAnswer>("verification-bridge.query", { processId }, 6_000).catch(() => ({ status: "UNREACHABLE", result: null }));
