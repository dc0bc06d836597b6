import { codeOf } from "../../contract/errors.ts";
import { badField, cursorAt, readCursor, type Page } from "../../contract/paging.ts";
import type { AttemptState } from "../verification-bridge/verification-bridge.api.ts";
import type { OperatorDesk } from "./operating.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { isOverdue, isUnstarted, LATE_MS, owesStuckEffect } from "./stuck.ts";

export interface Stuck {
  process: SigningProcess;
  attempt: AttemptState | null;
}
/** Where a list goes on: the source, and that source's own position. */
interface Position {
  source: number;
  at: string;
  id: string;
}
interface Found {
  items: Stuck[];
  /** Null when the source is exhausted. */
  next: { at: string; id: string } | null;
}
type Source = (on: OperatorDesk, from: { at: string; id: string } | null, rows: number) => Promise<Found>;

const BRIDGE_MS = 3_000;
/** Rows of an index that are looked through for one page: a busy platform owes much that does not hang. */
const LOOKED_THROUGH = 1_000;

/**
 * The processes that hang, source after source: owed effects that failed, deadlines that have passed, verifications that the system
 * does not take. Each costs by what is owed, due or not started. What moves on while somebody pages may come up twice, and is not missed.
 * @throws PARAM_INVALID for a bad cursor
 */
export async function stuckPage(on: OperatorDesk, after: string | undefined, limit: number): Promise<Page<Stuck>> {
  let position = positionOf(after);
  const items: Stuck[] = [];
  for (let looked = 0; position && items.length < limit && looked < LOOKED_THROUGH; ) {
    const { source, at, id } = position;
    const rows = limit - items.length;
    const found: Found = await SOURCES[source]!(on, id === "" ? null : { at, id }, rows);
    items.push(...found.items);
    looked += rows;
    if (found.next) position = { source, ...found.next };
    else position = source + 1 < SOURCES.length ? { source: source + 1, at: "0", id: "" } : null;
  }
  return { items, next: position && cursorAt(position.source, position.at, position.id) };
}

function positionOf(after: string | undefined): Position | null {
  const parts = readCursor(after, /^[0-2]$/, /^[A-Za-z0-9_=-]{1,200}$/, /^[A-Za-z0-9_-]{0,64}$/);
  // Of the first two sources the position is a time, of the last a cursor of the bridge, which judges it.
  if (parts && parts[0] !== "2" && !/^\d{1,14}$/.test(parts[1]!)) throw badField("after", "游标无效");
  return parts ? { source: Number(parts[0]), at: parts[1]!, id: parts[2]! } : { source: 0, at: "0", id: "" };
}

const SOURCES: readonly Source[] = [
  /** What failed, or was taken by somebody who never came back. */
  (on, from, rows) => byTime(on, "owedDueAt", from, rows, (process, now) => owesStuckEffect(process, now)),
  /** A deadline that nobody has handled; one whose effects hang as well is in the list already. */
  (on, from, rows) => byTime(on, "expiredAt", from, rows, (process, now) => isOverdue(process, now) && !owesStuckEffect(process, now)),
  /** What the bridge keeps offering in vain. */
  async (on, from, rows) => {
    const params = { limit: rows, ...(from ? { after: from.at } : {}) };
    const page = await on.call<Page<AttemptState>>("verification-bridge.unstarted", params, BRIDGE_MS).catch((error: unknown): Page<AttemptState> => {
      if (codeOf(error) === "PARAM_INVALID") throw error;
      return { items: [], next: null };
    });
    const now = on.now();
    const seen = await Promise.all(page.items.map(async (attempt) => ({ attempt, process: await on.processes.get(attempt.processId) })));
    const items = seen.flatMap(({ attempt, process }): Stuck[] =>
      process && isUnstarted(attempt) && !owesStuckEffect(process, now) && !isOverdue(process, now) ? [{ process, attempt }] : [],
    );
    return { items, next: page.next === null ? null : { at: page.next, id: "-" } };
  },
];

/** Rows of a sparse time index, oldest first; those of one moment by their id. */
async function byTime(on: OperatorDesk, field: "owedDueAt" | "expiredAt", from: { at: string; id: string } | null, rows: number, stuck: (process: SigningProcess, now: number) => boolean): Promise<Found> {
  const now = on.now();
  const start = Number(from?.at ?? 0);
  const found = from ? await on.processes.find({ [field]: new Date(start), _id: { $gt: from.id } }, { sort: ["_id"], limit: rows }) : [];
  if (found.length < rows) {
    // All that is owed is little; of the deadlines only those that have passed are asked for.
    const later = { [field]: field === "owedDueAt" ? { $gt: new Date(start) } : { $gt: new Date(start), $lte: new Date(now - LATE_MS) } };
    found.push(...(await on.processes.find(later, { sort: [field, "_id"], limit: rows - found.length })));
  }
  const last = found.at(-1);
  const items = found.filter((process) => stuck(process, now)).map((process) => ({ process, attempt: null }));
  return { items, next: last && found.length === rows ? { at: String(last[field]!.getTime()), id: last._id } : null };
}
