import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import { badField, cursorAt, pageLimit, readCursor, type Page, type PageParams } from "../../contract/paging.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { Bridge } from "./bridge.ts";
import type { AttemptState } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";

/** Nearer than this a try comes by itself, or one is running under a lease: neither gains by a hurry. */
const SOON_MS = 1_000;

/** What an operator may see of an attempt: no party, no result, no link. */
export const stateOf = (record: VerificationRecord): AttemptState => ({
  processId: record.processId,
  requestId: record._id,
  attempt: record.attempt,
  type: record.type,
  status: record.status,
  tries: record.tries,
  dueAt: isoOrNull(record.dueAt),
  giveUpAt: isoSeconds(record.giveUpAt),
  owesStarted: record.owesStarted,
  owesResult: record.owesResult,
});

/** The newest attempt of a process; null without one. */
export async function inspect(bridge: Bridge, processId: string): Promise<AttemptState | null> {
  const [record] = await bridge.collections.attempts.find({ processId }, { sort: ["-attempt"], limit: 1 });
  return record ? stateOf(record) : null;
}

/**
 * Attempts that the system has not taken though it was asked, next try first. One that is tried between two pages moves on in the
 * list and may be seen twice, never missed.
 */
export async function unstarted(bridge: Bridge, { after, limit }: PageParams): Promise<Page<AttemptState>> {
  const rows = pageLimit(limit);
  const from = readCursor(after, /^\d{1,14}$/, /^[A-Za-z0-9_-]{1,64}$/);
  const { attempts } = bridge.collections;
  const found: VerificationRecord[] = [];
  if (from) found.push(...(await attempts.find({ status: "NOT_STARTED", dueAt: new Date(Number(from[0])), _id: { $gt: from[1]! } }, { sort: ["_id"], limit: rows })));
  if (found.length < rows) {
    const later = { status: "NOT_STARTED", dueAt: { $gt: new Date(from ? Number(from[0]) : 0) } };
    found.push(...(await attempts.find(later, { sort: ["dueAt", "_id"], limit: rows - found.length })));
  }
  const last = found.at(-1);
  // The first round of an attempt that was taken over a moment ago is not worth anybody's attention.
  const items = found.filter((record) => record.tries > 0).map(stateOf);
  return { items, next: last && found.length === rows ? cursorAt(last.dueAt!.getTime(), last._id) : null };
}

/**
 * What the newest attempt has postponed becomes due now: a start, a message to the process, a query. Twice is once: what is being
 * done or is about to be done stays as it is.
 * @returns the attempt as it then stands; `hurried` is false when there was nothing to bring forward
 * @throws PARAM_INVALID for a process id that is no text
 */
export async function hurry(bridge: Bridge, processId: string): Promise<{ hurried: boolean; attempt: AttemptState | null }> {
  if (typeof processId !== "string") throw badField("processId", "必填");
  const [record] = await bridge.collections.attempts.find({ processId }, { sort: ["-attempt"], limit: 1 });
  if (!record) return { hurried: false, attempt: null };
  const now = clock.now();
  const done = await amend(bridge.collections.attempts, record._id, (present) =>
    !present.dueAt || present.dueAt.getTime() <= now + SOON_MS || now >= present.giveUpAt.getTime() + bridge.inForce.value("expiryQueryGrace", bridge.settings.graceMs) ? null : { ...present, dueAt: new Date(now) },
  );
  if (done?.written) bridge.wake(record._id);
  return { hurried: done?.written ?? false, attempt: stateOf(done?.doc ?? record) };
}
