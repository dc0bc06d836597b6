import type { NewEffect } from "./decision.ts";
import type { EffectName, OwedEffect, SigningProcess } from "./signing-process.model.ts";

/**
 * Longest an effect can take, in ms, over all the calls it makes. A lease is twice as long, so a living owner never loses one, and after a crash an invitation goes out within a minute (CONTRACT.md §2.1 "SMS").
 */
const BUDGET_MS: Readonly<Record<EffectName, number>> = {
  wake: 5_000,
  agree: 10_000,
  invite: 12_000,
  reinvite: 12_000,
  record: 8_000,
  markSigned: 10_000,
  startVerification: 12_000,
  seal: 60_000,
  announce: 10_000,
};

export const effectBudget = (name: EffectName): number => BUDGET_MS[name];
const leaseMs = (name: EffectName): number => 2 * BUDGET_MS[name];

/** Names a claim that is to be struck off. */
export interface Strike {
  key: string;
  attempt: number;
}

/**
 * The process owing these too, leased to the node that decided them. Behind effects that somebody else works on, or nobody, they
 * are leased to no one: whoever gets through those goes on with these, instead of waiting for the lease of a node that cannot begin.
 * A key that is owed already is owed once: two entries of one key could not be told apart.
 */
export function owing(process: SigningProcess, effects: NewEffect[], owner: string, now: number): SigningProcess {
  const keys = new Set(process.owed.map((one) => one.key));
  const mine = process.owed.every((one) => one.owner === owner);
  const claim = (one: NewEffect) => (mine ? { attempt: 1, owner, leaseUntil: now + leaseMs(one.name) } : { attempt: 0, owner: null, leaseUntil: null });
  const fresh = effects.filter((one) => !keys.has(one.key)).map((one): OwedEffect => ({ ...one, ...claim(one), dueAt: now, lastError: null }));
  return scheduled(process, [...process.owed, ...fresh]);
}

/** Without the named claims. A strike whose attempt is outdated finds nothing: the newer claim owns the effect. */
export function struckOff(process: SigningProcess, strikes: readonly Strike[]): SigningProcess {
  const left = process.owed.filter((one) => !strikes.some((strike) => strike.key === one.key && strike.attempt === one.attempt));
  return left.length === process.owed.length ? process : scheduled(process, left);
}

/** Whether this node may run the effect as it stands, without a new claim. */
export const holds = (one: OwedEffect, owner: string, now: number): boolean =>
  one.owner === owner && one.leaseUntil !== null && one.leaseUntil - now >= BUDGET_MS[one.name];

/** Whether the effect can be claimed: nobody works on it and it is due, its owner's lease has run out, or the owner is dead. */
export const claimable = (one: OwedEffect, owner: string, ownerIsDead: boolean, now: number): boolean => {
  if (one.owner === null) return one.dueAt <= now;
  if (one.owner === owner) return true;
  return ownerIsDead || (one.leaseUntil ?? 0) <= now;
};

/** Claimed: one attempt more, leased to `owner`. */
export const claimed = (process: SigningProcess, key: string, owner: string, now: number): SigningProcess =>
  changed(process, key, (one) => ({ ...one, attempt: one.attempt + 1, owner, leaseUntil: now + leaseMs(one.name) }));

/**
 * Given back after a failure, to be tried again at `dueAt` (ms), and with it what its owner had leased behind it: whoever gets there goes
 * on, while the owner, whose run is over, may be stopping. A failure that names an older attempt changes nothing.
 */
export function postponed(process: SigningProcess, strike: Strike, lastError: string, dueAt: number): SigningProcess {
  const at = process.owed.findIndex((one) => one.key === strike.key && one.attempt === strike.attempt);
  const failed = process.owed[at];
  if (!failed) return process;
  const free = { owner: null, leaseUntil: null };
  const owed = process.owed.map((one, index): OwedEffect => {
    if (index === at) return { ...one, ...free, dueAt, lastError };
    return index > at && one.owner !== null && one.owner === failed.owner ? { ...one, ...free } : one;
  });
  return scheduled(process, owed);
}

/** Whatever waits for a later try is due now; what somebody works on stays theirs. */
export const hurried = (process: SigningProcess, now: number): SigningProcess =>
  scheduled(process, process.owed.map((one) => (one.owner === null && one.dueAt > now ? { ...one, dueAt: now } : one)));

/**
 * Owing this one too, before everything that may hang; only behind `agree`, because a chain begins with the request. A key that is
 * owed already is owed once.
 */
export function owingAhead(process: SigningProcess, effect: NewEffect, now: number): SigningProcess {
  if (process.owed.some((one) => one.key === effect.key)) return process;
  const fresh: OwedEffect = { ...effect, attempt: 0, owner: null, leaseUntil: null, dueAt: now, lastError: null };
  return scheduled(process, process.owed.toSpliced(process.owed.findIndex((one) => one.name === "agree") + 1, 0, fresh));
}

/** Wait before the next try, in ms: 1 s doubling to a minute. */
export const effectBackOff = (attempt: number): number => Math.min(60_000, 1_000 * 2 ** Math.min(attempt - 1, 10));

function changed(process: SigningProcess, key: string, change: (one: OwedEffect) => OwedEffect): SigningProcess {
  return scheduled(process, process.owed.map((one) => (one.key === key ? change(one) : one)));
}

/** Effects run in list order, so the first one decides when the sweep has to look. */
export function scheduled(process: SigningProcess, owed: OwedEffect[]): SigningProcess {
  const head = owed[0];
  return { ...process, owed, owedDueAt: head ? new Date(head.leaseUntil ?? head.dueAt) : null };
}
