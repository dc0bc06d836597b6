import { AsyncLocalStorage } from "node:async_hooks";
import { stdout } from "node:process";
import { clock } from "../../mixins/clock.ts";
import type { ExpiryService } from "../../services/expiry/expiry.service.ts";
import type { VerificationResult } from "../../services/verification-bridge/verification-bridge.api.ts";
import { processWorld } from "./process-world.ts";
import { seeded } from "./seeded.ts";

/**
 * Signature and answer against expiry within 50 ms of the deadline. A seed decides where the clock stands, how far it jumps at each
 * look, who comes how often and in which order, and how many turns of the event loop each lets pass before.
 */
const SEEDS = 1_000;
/** Races of one batch run beside each other, each on a clock of its own. */
const BATCH = 100;
const ownClock = new AsyncLocalStorage<{ now: number; jump: () => number }>();

let on: Awaited<ReturnType<typeof processWorld>>;
beforeAll(async () => {
  on = await processWorld();
});
afterAll(() => on.end());

type Signing = Awaited<ReturnType<typeof on.signing>>;
type Chance = () => number;
const below = (chance: Chance, limit: number): number => Math.floor(chance() * limit);

async function after(turns: number, call: () => Promise<unknown>): Promise<unknown> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
  return call();
}

/** Processes that wait for their signer, with nobody to expire them but the test. */
async function waiting(until: (one: Signing) => Promise<unknown>): Promise<Signing[]> {
  on.calm();
  clock.use(() => {
    const own = ownClock.getStore();
    return own ? (own.now += own.jump()) : on.world.now;
  });
  on.node.desk.config = { ...on.config, signSmsCode: false };
  const ready = await Promise.all(Array.from({ length: BATCH }, () => on.signing()));
  await Promise.all(ready.map((one) => one.open()));
  on.world.now += 10_000;
  await Promise.all(ready.map(until));
  await on.settled();
  const { wakeUps } = (on.broker.getLocalService("expiry") as unknown as ExpiryService).collections;
  for (const wakeUp of await wakeUps.find({})) await wakeUps.removeIfVersion(wakeUp);
  return ready;
}

/** Lets the calls race around the deadline, then comes by once more when it is long over. @returns codes of the refusals, by call */
async function race(one: Signing, chance: Chance, calls: (() => Promise<unknown>)[]): Promise<(string | null)[]> {
  const deadline = (await one.process()).expiredAt!.getTime();
  const own = { now: deadline - 50 + below(chance, 101), jump: () => below(chance, 8) };
  return ownClock.run(own, async () => {
    const turns = calls.map(() => below(chance, 4));
    const order = calls.map((_, i) => i).toSorted(() => chance() - 0.5);
    const settled: PromiseSettledResult<unknown>[] = [];
    await Promise.all(order.map(async (i) => void ([settled[i]] = await Promise.allSettled([after(turns[i]!, calls[i]!)]))));
    await on.node.actor.settle(one.processId);
    own.now = deadline + 61_000;
    await one.expire();
    return settled.map((outcome) => (outcome.status === "rejected" ? (outcome.reason as { type: string }).type : null));
  });
}

async function eachSeed(until: (one: Signing) => Promise<unknown>, run: (one: Signing, seed: number) => Promise<void>): Promise<void> {
  for (let first = 1; first <= SEEDS; first += BATCH) {
    await Promise.all((await waiting(until)).map((one, i) => run(one, first + i)));
  }
}

/** What history, evidence and events each say of the outcome: the three must agree, once. */
async function told(one: Signing) {
  const path = (await one.process()).history.map((entry) => entry.status);
  const evidence = await one.evidence();
  return {
    path: path.filter((status) => ["PROTOCOL_SIGNED", "EXPIRED", "COMPLETED"].includes(status)),
    evidence: evidence.filter((type) => ["SIGNATURE", "STATE", "PROTOCOL_SEALED", "LATE_RESULT", "VERIFICATION_ANOMALY"].includes(type)),
    events: on.world.events.filter((event) => event.payload.processId === one.processId).map(({ payload }) => payload.processStatus ?? payload.status),
  };
}

test(`on ${SEEDS} seeds signature and expiry have exactly one winner`, async () => {
  const winners = { signed: 0, expired: 0 };
  await eachSeed(async () => undefined, async (one, seed) => {
    const chance = seeded(seed);
    const deadline = (await one.process()).expiredAt!.getTime();
    const sign = () => one.sign({ smsCode: undefined });
    const calls = [sign, () => one.expire(), ...(chance() < 0.3 ? [() => one.expire()] : []), ...(chance() < 0.3 ? [sign] : [])];
    const refused = await race(one, chance, calls);
    const { signedAt } = await one.process();
    const signed = signedAt !== null;
    expect([seed, await told(one)]).toEqual([
      seed,
      signed
        ? { path: ["PROTOCOL_SIGNED"], evidence: ["SIGNATURE"], events: [] }
        : { path: ["EXPIRED"], evidence: ["STATE"], events: ["EXPIRED"] },
    ]);
    if (signed) expect(signedAt.getTime()).toBeLessThan(deadline);
    const toSigners = refused.filter((_, i) => calls[i] === sign);
    expect([seed, refused.filter((code, i) => code && calls[i] !== sign)]).toEqual([seed, []]);
    // A second tap hears what became of the first one.
    expect([seed, toSigners]).toEqual([seed, toSigners.map(() => (signed ? null : "PROCESS_EXPIRED"))]);
    winners[signed ? "signed" : "expired"]++;
  });
  stdout.write(`signature against expiry: ${JSON.stringify(winners)}\n`);
  expect(winners.signed + winners.expired).toBe(SEEDS);
  expect(Math.min(winners.signed, winners.expired)).toBeGreaterThan(SEEDS / 10);
}, 120_000);

test(`on ${SEEDS} seeds answer and expiry have exactly one winner`, async () => {
  const winners = { completed: 0, expired: 0 };
  const judging = new Map<string, () => Promise<void>>();
  const results = new Map<string, VerificationResult>();
  const ready = async (one: Signing): Promise<unknown> => {
    on.world.confirm = async ({ processId }) => {
      await judging.get(processId)!();
      return { outcome: "SUCCESS", remainingAttempts: null };
    };
    on.world.queryOf = (processId) => {
      const result = results.get(processId);
      return result ? { status: "SUCCESS", result } : { status: "PENDING", result: null };
    };
    return one.sign({ smsCode: undefined });
  };
  await eachSeed(ready, async (one, seed) => {
    const chance = seeded(seed);
    const result = { verificationId: `VER_${one.processId}`, requestId: `${one.processId}-1`, status: "SUCCESS", verifiedAt: "2026-11-24T12:00:00Z", failureReason: null, evidence: null, source: "QUERY" } as const;
    // Right: the system then has a result, which an expiry that asks may find before anybody brings it.
    const found = chance() < 0.5;
    judging.set(one.processId, async () => {
      for (let turn = below(chance, 5); turn > 0; turn--) await new Promise(setImmediate);
      if (found) results.set(one.processId, result);
    });
    const answer = async () => {
      await one.answer();
      await after(below(chance, 4), () => one.result("SUCCESS"));
    };
    const refused = await race(one, chance, [answer, () => one.expire(), ...(chance() < 0.3 ? [() => one.expire()] : [])]);
    const accepted = refused[0] === null;
    expect([seed, refused.filter(Boolean)]).toEqual([seed, accepted ? [] : ["PROCESS_EXPIRED"]]);
    expect([seed, await told(one)]).toEqual([
      seed,
      accepted
        ? { path: ["PROTOCOL_SIGNED", "COMPLETED"], evidence: ["SIGNATURE", "PROTOCOL_SEALED", "STATE"], events: ["COMPLETED"] }
        : { path: ["PROTOCOL_SIGNED", "EXPIRED"], evidence: ["SIGNATURE", "STATE"], events: ["EXPIRED"] },
    ]);
    winners[accepted ? "completed" : "expired"]++;
  });
  stdout.write(`answer against expiry: ${JSON.stringify(winners)}\n`);
  expect(winners.completed + winners.expired).toBe(SEEDS);
  expect(Math.min(winners.completed, winners.expired)).toBeGreaterThan(SEEDS / 10);
}, 120_000);
