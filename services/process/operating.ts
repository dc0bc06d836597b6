import { failure } from "../../contract/errors.ts";
import { badField, cursorAt, pageLimit, readCursor, type Page } from "../../contract/paging.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { Collection, Query } from "../../mixins/collection-types.ts";
import type { AttemptState } from "../verification-bridge/verification-bridge.api.ts";
import type { Actor, CommandOn } from "./actor.ts";
import { withPatience } from "./patience.ts";
import type { OperatorCall, ProcessListParams } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { reasonsOf, waitsFor } from "./stuck.ts";
import { stuckPage } from "./stuck-list.ts";
import { queryView } from "./views.ts";

export interface OperatorDesk {
  processes: Collection<SigningProcess>;
  actor: Actor;
  command(id: string, command: CommandOn): Promise<SigningProcess>;
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
  now(): number;
}

const PROCESS_ID = /^[A-Za-z0-9_-]{1,64}$/;
const MERCHANT_FIELDS = ["payerMerchantNo", "payeeMerchantNo", "payerMerchantName", "payeeMerchantName"] as const;
const BRIDGE_MS = 2_000;
/** §3.1's longest merchant name. */
const LONGEST_SEARCH = 128;
/** Most of what hangs is over within this; the rest goes on behind the answer. */
const PATIENCE_MS = 4_000;

/** A process as an operator sees it (CONTRACT.md §2.5): masked, and without a link to the agreement, which is not. */
export function operatorView(process: SigningProcess, attempt: AttemptState | null, now: number): Record<string, unknown> {
  return {
    ...queryView(process, null),
    systemCode: process.systemCode,
    businessId: process.businessId,
    timeline: process.history.map(({ at, status, command }) => ({ at, status, command })),
    owed: process.owed.map(({ name, attempt: count, dueAt, lastError }) => ({ name, attempt: count, dueAt: isoSeconds(dueAt), lastError })),
    verificationStart: attempt && { requestId: attempt.requestId, status: attempt.status, tries: attempt.tries, dueAt: attempt.dueAt, giveUpAt: attempt.giveUpAt },
    why: reasonsOf(process, attempt, now),
    waitsFor: waitsFor(process),
  };
}

/** One process, whoever's it is, and what the bridge knows of its verification. */
export async function inspect(on: OperatorDesk, processId: string): Promise<Record<string, unknown>> {
  const process = await known(on, processId);
  return operatorView(process, await attemptOf(on, processId), on.now());
}

/**
 * Processes for an operator: those that hang, most overdue first, or all, the youngest day first; `q` is a process id, a request id,
 * a merchant number or a merchant's whole name.
 * @throws PARAM_INVALID for a bad cursor, limit or search
 */
export async function list(on: OperatorDesk, params: ProcessListParams): Promise<Page<Record<string, unknown>>> {
  const limit = pageLimit(params.limit);
  if (params.q !== undefined && (typeof params.q !== "string" || params.q.length < 1 || params.q.length > LONGEST_SEARCH)) throw badField("q", `应为 1 至 ${LONGEST_SEARCH} 个字符`);
  if (params.stuck && params.q !== undefined) throw badField("q", "不能与 stuck 同时使用");
  if (params.stuck) {
    const page = await stuckPage(on, params.after, limit);
    return { items: page.items.map(({ process, attempt }) => operatorView(process, attempt, on.now())), next: page.next };
  }
  const from = readCursor(params.after, PROCESS_ID);
  // Both hold the same id; the indexes of the merchants have it under this name.
  const page = (kind: Query, id: "_id" | "processId") => on.processes.find({ ...kind, ...(from ? { [id]: { $lt: from[0] } } : {}) }, { sort: [`-${id}`], limit: limit + 1 });
  const q = params.q;
  const found = await Promise.all(
    q === undefined
      ? [page({}, "_id")]
      : [page({ processId: q }, "_id"), page({ requestId: q }, "_id"), ...MERCHANT_FIELDS.map((field) => page({ [field]: q }, "processId"))],
  );
  const byId = new Map(found.flat().map((process) => [process._id, process]));
  const sorted = Array.from(byId.values()).sort((a, b) => (a._id < b._id ? 1 : -1));
  const rows = sorted.slice(0, limit);
  return { items: rows.map((process) => operatorView(process, null, on.now())), next: sorted.length > limit ? cursorAt(rows.at(-1)!._id) : null };
}

/**
 * What the process owes, and what the bridge has postponed for it, is tried now. Where there is nothing to try nothing is written.
 * Twice is twice in the audit and once for the world: each effect is idempotent under its own key.
 */
export async function retry(on: OperatorDesk, { processId, operator }: OperatorCall): Promise<{ retried: boolean; process: Record<string, unknown> }> {
  const process = await known(on, processId);
  const attempt = await attemptOf(on, processId);
  if (process.owed.length === 0 && !attempt?.dueAt) return { retried: false, process: operatorView(process, attempt, on.now()) };
  await on.command(processId, () => ({ name: "retry", at: on.now(), operator }));
  const { hurried } = await on
    .call<{ hurried: boolean }>("verification-bridge.hurry", { processId }, BRIDGE_MS)
    .catch(() => ({ hurried: false }));
  await withPatience(on.actor.settle(processId), PATIENCE_MS);
  return { retried: hurried || process.owed.length > 0, process: await inspect(on, processId) };
}

/**
 * The wallet's cancel, by an operator.
 * @throws PROCESS_STATE_INVALID after the signature, PROCESS_EXPIRED after the deadline
 */
export async function cancel(on: OperatorDesk, { processId, operator }: OperatorCall): Promise<Record<string, unknown>> {
  await known(on, processId);
  await on.command(processId, () => ({ name: "cancel", at: on.now(), reason: operator.reason, operator }));
  await withPatience(on.actor.settle(processId), PATIENCE_MS);
  return inspect(on, processId);
}

/** @throws PROCESS_NOT_FOUND */
export async function known(on: OperatorDesk, processId: unknown): Promise<SigningProcess> {
  const process = typeof processId === "string" && PROCESS_ID.test(processId) ? await on.processes.get(processId) : null;
  if (!process) throw failure("PROCESS_NOT_FOUND");
  return process;
}

/** The bridge may be what is down: then the process alone is shown. */
const attemptOf = (on: OperatorDesk, processId: string): Promise<AttemptState | null> =>
  on.call<AttemptState | null>("verification-bridge.inspect", { processId }, BRIDGE_MS).catch(() => null);
