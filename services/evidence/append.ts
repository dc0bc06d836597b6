import { failure } from "../../contract/errors.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { GENESIS, hashData, hashHead, jcs, nextEvent } from "./chain.ts";
import { eventId, type EvidenceEvent } from "./evidence-chain.model.ts";
import type { ChainHead, EvidenceItem } from "./evidence.api.ts";

/** A race is lost only to somebody who got something in, so this many in a row means a storm and not a conflict. */
const LOST_RACES = 200;

export interface Ledger {
  records: Collection<EvidenceEvent>;
  /** Milliseconds since the epoch. */
  now(): number;
  /** 64 fresh random hex digits. */
  salt(): string;
  isUniqueViolation(error: unknown): boolean;
  /** The same key came again and says something else; the first stays. Worth an incident. */
  contradicted(event: EvidenceEvent): void;
  /** What was read back is not what a chain may hold. */
  broken(event: EvidenceEvent): void;
}

/**
 * Adds the items that are not there yet, in order and in one write, and answers with what it then reads. A chain cannot fork: whoever
 * writes (process, seq) first owns it, the loser reads the new tail and goes on from there. Sent twice is once; after a crash
 * in the middle the repeat adds the rest.
 * @param items checked and in storable form (`checkedItems`)
 * @throws PARAM_INVALID when a chain would start without its owner; INTERNAL_ERROR when the read-back does not hold
 */
export async function appendItems(ledger: Ledger, processId: string, systemCode: string | undefined, items: readonly EvidenceItem[]): Promise<ChainHead> {
  const keys = [...new Set(items.map((item) => item.key))];
  for (let tries = 0; tries < LOST_RACES; tries++) {
    // Keys first, tail second: the tail is then never older than what was found under the keys.
    const found = keys.length ? await ledger.records.find({ processId, evidenceKey: { $in: keys } }) : [];
    const present = new Map(found.map((event) => [event.evidenceKey, event]));
    const tail = await tailOf(ledger.records, processId);
    const missing = items.filter((item, index) => !present.has(item.key) && items.findIndex(({ key }) => key === item.key) === index);
    if (missing.length === 0) {
      for (const item of items) readBack(ledger, item, present.get(item.key)!);
      return headOf(tail);
    }
    if (!tail && !systemCode) throw failure("PARAM_INVALID", { errors: [{ field: "systemCode", message: "首条证据必须注明所属系统" }] });
    try {
      await ledger.records.insertInOrder(extend(ledger, processId, tail, missing, systemCode));
    } catch (error) {
      if (!ledger.isUniqueViolation(error)) throw error;
    }
  }
  throw failure("SERVICE_UNAVAILABLE", { retryAfter: 1 });
}

/** The last event of a process, or null. */
export const tailOf = (records: Collection<EvidenceEvent>, processId: string): Promise<EvidenceEvent | null> =>
  records.findOne({ processId }, { sort: ["-seq"] });

export const headOf = (tail: EvidenceEvent | null): ChainHead => ({ head: tail?.hash ?? GENESIS, length: tail?.seq ?? 0 });

function extend(ledger: Ledger, processId: string, tail: EvidenceEvent | null, items: readonly EvidenceItem[], systemCode?: string): EvidenceEvent[] {
  let last: Pick<EvidenceEvent, "seq" | "hash"> | null = tail;
  return items.map((item) => {
    const { type, data, ...event } = nextEvent(processId, last, item, ledger.salt());
    last = event;
    return {
      _id: eventId(processId, event.seq),
      processId,
      ...event,
      evidenceType: type,
      evidenceKey: item.key,
      evidenceData: data,
      createdAt: new Date(ledger.now()),
      ...(event.seq === 1 ? { systemCode: systemCode! } : {}),
    };
  });
}

/** Recomputes the stored event's hashes and compares it with the item. */
function readBack(ledger: Ledger, item: EvidenceItem, stored: EvidenceEvent): void {
  const { processId: pid, seq, evidenceType: type, at, prev, dataHash, salt, evidenceData } = stored;
  const erased = evidenceData == null && salt == null;
  const holds = hashHead({ v: 1, pid, seq, type, at, prev, dataHash }) === stored.hash && (erased || (salt && hashData(salt, evidenceData) === dataHash));
  if (!holds) {
    ledger.broken(stored);
    throw failure("INTERNAL_ERROR");
  }
  const same = type === item.type && at === item.at && (erased || jcs(evidenceData) === jcs(item.data));
  if (!same) ledger.contradicted(stored);
}
