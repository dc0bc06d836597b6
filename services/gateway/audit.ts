import type { Logger } from "moleculer";
import { withoutPersonal } from "../../config/logging.ts";
import { codeOf } from "../../contract/errors.ts";
import { newId } from "../../contract/ids.ts";
import { maskName } from "../../contract/mask.ts";
import { cursorAt, pageLimit, readCursor, type Page } from "../../contract/paging.ts";
import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection, Query } from "../../mixins/collection-types.ts";
import { faultOf } from "../../mixins/fault.ts";
import type { AuditEnd, AuditRecord } from "./audit.model.ts";
import type { AuditedCall, AuditEntry, AuditListParams } from "./gateway.api.ts";

/** §3.1's longest identifier twice over: a search for something longer is cut. */
const TARGET_LENGTH = 64;

export interface Audit {
  records: Collection<AuditRecord>;
  ends: Collection<AuditEnd>;
  logger: Logger;
}

/** Writes down what somebody is about to do. Where that fails nothing is done: it rejects. @returns the operation's id */
export async function beginAudit({ records }: Audit, call: AuditedCall): Promise<string> {
  const now = clock.now();
  const target = call.target === null ? null : targetOf(call.target);
  const { name, via, action, detail = null, reason, address, session = null } = call;
  const stored = await records.insert({ _id: newId("audit", now), at: new Date(now), name, via, action, target, detail, reason, address, session });
  return stored._id;
}

/** A target of ours is ASCII; what is not may be the name of a person that somebody looked for, and is masked like one. */
const targetOf = (given: string): string =>
  withoutPersonal(given.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, "?").replace(/[^\x20-\x7e]+/gu, maskName).slice(0, TARGET_LENGTH));

/** Writes down what became of it. The deed is done: a failure here is an alert and no refusal. Twice is once. */
export async function endAudit({ ends, logger }: Audit, id: string, outcome: string): Promise<void> {
  try {
    await ends.insert({ _id: id, outcome, at: new Date(clock.now()) });
  } catch (error) {
    if (isUniqueViolation(error)) return;
    logger.error("the outcome of an operator's call could not be written down", { alert: "AUDIT_INCOMPLETE", id, outcome, fault: faultOf(error) });
  }
}

/** Does `work` between the two. */
export async function audited<T>(audit: Audit, call: AuditedCall, work: (id: string) => Promise<T>): Promise<T> {
  const id = await beginAudit(audit, call);
  try {
    const answer = await work(id);
    await endAudit(audit, id, "SUCCESS");
    return answer;
  } catch (error) {
    await endAudit(audit, id, codeOf(error) ?? "INTERNAL_ERROR");
    throw error;
  }
}

/**
 * The audit, the youngest first, all of it, about one target or of one name.
 * @throws PARAM_INVALID for a bad cursor or limit
 */
export async function auditPage({ records, ends }: Audit, { target, name, after, limit: rows }: AuditListParams): Promise<Page<AuditEntry>> {
  const limit = pageLimit(rows);
  const from = readCursor(after, /^\d{1,14}$/, /^[A-Za-z0-9_]{1,64}$/);
  const about: Query = { ...(target === undefined ? {} : { target }), ...(name === undefined ? {} : { name }) };
  const found: AuditRecord[] = [];
  if (from) found.push(...(await records.find({ ...about, at: new Date(Number(from[0])), _id: { $lt: from[1]! } }, { sort: ["-_id"], limit: limit + 1 })));
  if (found.length <= limit) {
    const earlier: Query = from ? { ...about, at: { $lt: new Date(Number(from[0])) } } : about;
    found.push(...(await records.find(earlier, { sort: ["-at", "-_id"], limit: limit + 1 - found.length })));
  }
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const ended = items.length ? await ends.find({ _id: { $in: items.map(({ _id }) => _id) } }) : [];
  const endOf = new Map(ended.map((end) => [end._id, end]));
  return { items: items.map((record) => entryOf(record, endOf.get(record._id))), next: found.length > limit ? cursorAt(last!.at.getTime(), last!._id) : null };
}

const entryOf = ({ _id: id, at, name, via, action, target, detail, reason, address, session }: AuditRecord, end: AuditEnd | undefined): AuditEntry => ({
  id,
  at: isoSeconds(at),
  name,
  via,
  action,
  target: target ?? null,
  detail: detail ?? null,
  reason: reason ?? null,
  address: address ?? null,
  session: session ?? null,
  outcome: end?.outcome ?? null,
  endedAt: isoOrNull(end?.at),
});
