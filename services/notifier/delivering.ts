import { isoSeconds } from "../../contract/time.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { faultOf } from "../../mixins/fault.ts";
import { waitBeforeTry } from "./back-off.ts";
import type { DeliveryRecord, OwedCallbackEvidence } from "./delivery.model.ts";
import { payEvidence } from "./evidence-debt.ts";
import type { Notifier } from "./notifier.ts";
import { tryOnce, type Tried } from "./trying.ts";

/** Beyond the try's own timeout: until then no other node makes the same try. */
const LEASE_MARGIN = 15_000;
/** Who made the try appends its evidence; the sweep does when that node dies before. */
const EVIDENCE_LEASE = 15_000;
/** For a try that waits until its host's lane has room. */
const WAITING_LEASE = 120_000;
/** Longer waits are left to the sweep. */
const LONGEST_WAKE = 5 * 60_000;

/** The ids of deliveries with a try or evidence due. */
export async function dueDeliveries(notifier: Notifier, now: number, limit: number): Promise<string[]> {
  const { deliveries } = notifier.collections;
  const at = new Date(now);
  const tries = await deliveries.find({ nextAt: { $lte: at } }, { sort: ["nextAt"], limit });
  const debts = await deliveries.find({ owedAt: { $lte: at } }, { sort: ["owedAt"], limit });
  return [...new Set([...tries, ...debts].map((delivery) => delivery._id))];
}

/**
 * Leases the try that is due, if one is, and has it made in its host's lane; nobody waits for that here. Otherwise appends the
 * evidence that is owed.
 */
export async function attendDelivery(notifier: Notifier, eventId: string): Promise<void> {
  const due = await notifier.collections.deliveries.get(eventId);
  if (due?.state === "PENDING" && due.nextAt && due.nextAt.getTime() <= clock.now()) await queueTry(notifier, due);
  else await payEvidence(notifier, eventId);
}

/**
 * Into the lane, behind a lease. Where too many wait already the try is put off instead, which is none: memory and writes stay
 * bounded however many are due to a host that hangs, and those of other hosts do not stand behind them in the next look.
 */
async function queueTry(notifier: Notifier, due: DeliveryRecord): Promise<void> {
  const { lanes, collections: { deliveries } } = notifier;
  const host = hostOf(due);
  if (lanes.stopped) return;
  if (!lanes.admit(host, due._id, due.putOff === true)) {
    await deliveries.replaceIfVersion({ ...due, putOff: true, nextAt: new Date(lanes.comeAgainAt(host)) });
    return;
  }
  const leased = await leaseTry(notifier, due).catch((error: unknown) => {
    lanes.leave(host);
    throw error;
  });
  if (!leased) return lanes.leave(host);
  await lanes.enter(host, due._id, { run: () => makeTry(notifier, leased), giveBack: () => giveBack(notifier, leased, due.nextAt) });
}

const hostOf = ({ callbackUrl }: DeliveryRecord): string => new URL(callbackUrl).hostname;
const tryLease = ({ settings }: Notifier): number => settings.timeoutMs + LEASE_MARGIN;

/** Moves the next try behind this one before it is made: of two nodes one makes it, and one that dies in it is followed by another. */
function leaseTry(notifier: Notifier, due: DeliveryRecord): Promise<DeliveryRecord | null> {
  const lease = notifier.lanes.waits(hostOf(due)) ? WAITING_LEASE : tryLease(notifier);
  return notifier.collections.deliveries.replaceIfVersion({ ...due, nextAt: new Date(clock.now() + lease) });
}

/** Due again as it was before the lease: after a stop nobody waits for a lease of a node that is gone. */
async function giveBack(notifier: Notifier, leased: DeliveryRecord, nextAt: Date | undefined): Promise<void> {
  try {
    await notifier.collections.deliveries.replaceIfVersion({ ...leased, nextAt });
  } catch (error) {
    notifier.logger.warn("a waiting callback could not be given back and is tried when its lease ends", { eventId: leased._id, fault: faultOf(error) });
  }
}

/** Its turn has come. A lease that has become too short while it waited is taken anew; somebody else may have taken it over. */
async function makeTry(notifier: Notifier, leased: DeliveryRecord): Promise<void> {
  const now = clock.now();
  const long = leased.nextAt!.getTime() - now >= notifier.settings.timeoutMs;
  const held = long ? leased : await notifier.collections.deliveries.replaceIfVersion({ ...leased, nextAt: new Date(now + tryLease(notifier)) });
  if (!held) return;
  await noteTry(notifier, held, await tryOnce(notifier, held));
  await payEvidence(notifier, held._id);
}

/** Records the try, plans the next one and what the chain is owed, in one write. */
async function noteTry(notifier: Notifier, { _id: eventId, processId }: DeliveryRecord, { outcome, status, retryAfter }: Tried): Promise<void> {
  const now = clock.now();
  const at = isoSeconds(now);
  const random = notifier.random();
  const noted = await amend(notifier.collections.deliveries, eventId, (present): DeliveryRecord => {
    const attempts = [...present.attempts, { at, outcome, status }];
    const tried = { ...present, attempts, putOff: undefined };
    if (present.state === "DELIVERED") return tried;
    const wait = outcome === "GONE" ? null : waitBeforeTry(notifier.inForce.value("callbackSchedule", notifier.settings.schedule), attempts.length - present.roundFrom, random, retryAfter);
    if (outcome !== "DELIVERED" && wait !== null) return { ...tried, state: "PENDING", nextAt: new Date(now + wait) };
    const state = outcome === "DELIVERED" ? outcome : "PARKED";
    const owed: OwedCallbackEvidence = { number: attempts.length, at, outcome: state, httpStatus: status };
    return { ...tried, state, nextAt: undefined, evidenceOwed: [...present.evidenceOwed, owed], owedAt: new Date(now + EVIDENCE_LEASE) };
  });
  if (!noted) return;
  if (outcome === "HOST_NOT_ALLOWED" || outcome === "ADDRESS_NOT_ALLOWED") notifier.logger.error("alert: a callback's host may not be called", { alert: "CALLBACK_HOST_REFUSED", eventId, processId, outcome });
  const { state, nextAt, attempts } = noted.doc;
  if (state === "PARKED") notifier.logger.error("alert: a callback was parked for an operator", { alert: "CALLBACK_PARKED", eventId, processId, outcome, status, tries: attempts.length });
  if (state !== "PENDING" || !nextAt) return;
  notifier.logger.warn("a callback try came to nothing and will be made again", { eventId, outcome, status, tries: attempts.length });
  const wait = nextAt.getTime() - now;
  if (wait <= LONGEST_WAKE) notifier.wake(eventId, wait);
}
