import { sampleRequest, SAMPLE_FLOWS } from "../../../sandbox/sample-requests.ts";
import { findings, type Secret } from "../driver/personal-scan.ts";
import { until } from "../../until.ts";
import { seeded } from "../../integration/seeded.ts";
import type { Cluster } from "./cluster.ts";
import type { FaultRow } from "./fault-row.ts";
import { broken } from "./invariants.ts";
import { Load } from "./load.ts";
import { unsettled } from "./stored.ts";

export interface Report {
  fault: string;
  seed: number;
  signings: number;
  completed: number;
  operations: number;
  succeeded: number;
  failedTries: number;
  /** Share of the operations that came to a good end; below 0.7 the run says nothing. */
  share: number;
  void: boolean;
  /** What is broken; empty is what everybody wants. */
  problems: string[];
  givenUp: string[];
  /** For each fault, from its healing: seconds until nothing that was under way then was left; null when something still is. */
  recovery: (number | null)[];
  /** What the slowest signing took, of those that waited for nothing but the platform; seconds. */
  slowest: number;
  seconds: number;
}

/** What has been at one step for so long is shown while it is. */
const STILL_MS = 40_000;
const LEAST_SHARE = 0.7;
/** The longest lease is 120 s (a sealing whose node died), and what comes after it takes a moment. */
const QUIET_MS = 200_000;

/**
 * Faults under load, one after the other, from a healthy cluster to a quiet one, and the judgement over all of it.
 * @param parallel signings at a time
 * @param before, after signings that are to be over before each fault and behind the last
 * @param say is told what stands still, while it does
 */
export async function course(cluster: Cluster, rows: readonly FaultRow[], seed: number, { parallel = 4, before = 2, after = 4, say = (_line: string): void => {} } = {}): Promise<Report> {
  const began = performance.now();
  const random = seeded(seed);
  const load = new Load(cluster, `${seed}_${Math.round(began)}`, random);
  const watching = setInterval(() => {
    const still = load.standing(STILL_MS);
    if (!still) return;
    say(`standing still: ${still}`);
    // Of the others, which move, something is owed at any moment.
    const owing = cluster.stored().then((stored) => unsettled(stored).filter((line) => still.includes(line.split(" ")[0]!)));
    owing.then((lines) => lines.forEach((line) => say(`    ${line}`)), () => say("    the database does not say what they owe"));
  }, STILL_MS);
  const problems: string[] = [];
  const healed: number[] = [];
  load.start(parallel);
  for (const row of rows) {
    try {
      await load.progress(before);
      await row.run({ cluster, load, random });
      await cluster.heal();
    } catch (error) {
      problems.push(`${row.name}: ${(error as Error).message}`);
      await cluster.heal().catch((reason: Error) => problems.push(`not healed: ${reason.message}`));
    }
    healed.push(performance.now());
  }
  await load.progress(after).catch((reason: Error) => problems.push(reason.message));
  await load.stop();
  problems.push(...(await quiet(cluster)));
  clearInterval(watching);
  problems.push(...(await broken(cluster, load, await cluster.stored(), Date.now())));
  problems.push(...leaks(cluster, load));
  const { operations, succeeded, failedTries, givenUp } = load.tally;
  const share = operations ? succeeded / operations : 0;
  const completed = load.seen.filter(({ statuses }) => statuses.at(-1) === "COMPLETED").length;
  return {
    fault: rows.map(({ name }) => name).join(", "), seed, signings: load.plays.length, completed, operations, succeeded, failedTries, share,
    void: share < LEAST_SHARE, problems, givenUp: [...givenUp], recovery: healed.map((from) => load.recovery(from)), slowest: load.slowest(), seconds: Math.round((performance.now() - began) / 1000),
  };
}

/** Resolves when nobody owes anything any more. @returns those that never came to rest, as they lie in the database */
async function quiet(cluster: Cluster): Promise<string[]> {
  let left: string[] = [];
  return until(
    "it is quiet",
    async () => {
      // A look that the database does not answer in time is no look.
      const stored = await cluster.stored().catch(() => null);
      if (stored) left = unsettled(stored);
      return stored !== null && left.length === 0;
    },
    { limitMs: QUIET_MS, pauseMs: 500 },
  ).then(
    () => [],
    (reason: Error) => [`not quiet: ${reason.message}`, ...left.map((line) => `stuck: ${line}`)],
  );
}

/** Personal data and tokens that stand in a log. */
function leaks(cluster: Cluster, load: Load): string[] {
  const parties = SAMPLE_FLOWS.flatMap((flow) => {
    const { payerInfo, payeeInfo } = sampleRequest(flow, "", "");
    return [payerInfo, ...(payeeInfo ? [payeeInfo] : [])];
  });
  const values = [...parties.flatMap(({ contactInfo, bankCardInfo }) => [contactInfo?.idCardNo, bankCardInfo?.cardNo]), ...load.seen.flatMap(({ mobile, token }) => [mobile, token])];
  const secrets: Secret[] = [...new Set(values)].filter((value) => typeof value === "string").map((value) => ({ name: `${value.slice(0, 3)}…`, value, guessable: false }));
  return cluster.nodes.flatMap(({ id, log }) => findings(`log of ${id}`, Buffer.from(log), secrets));
}

/** One line, and one more for each thing that is wrong. */
export function reportLines({ fault, seed, signings, completed, operations, succeeded, failedTries, seconds, recovery, slowest, problems, givenUp, void: isVoid }: Report): string[] {
  const verdict = isVoid ? "VOID" : problems.length ? "BROKEN" : "ok";
  return [
    `${verdict}  ${fault}  seed ${seed}: ${completed}/${signings} signings completed, ${succeeded}/${operations} operations, ${failedTries} failed tries, recovered in ${recovery.map((s) => s ?? "never").join(", ")} s, slowest signing ${slowest} s, ${seconds} s`,
    ...[...problems, ...givenUp.map((one) => `given up: ${one}`)].map((line) => `    ${line}`),
  ];
}
