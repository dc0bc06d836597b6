import type { Cluster } from "./cluster.ts";
import { SigningPlay, type Ending, type Seen } from "./signing-play.ts";
import { Client, type Tally } from "./wallet-client.ts";
import { until } from "../driver/platform-process.ts";

/** Steps at which a signing stands by its own will. */
const RESTING = ["given up", "waits to be invited again"];

/** Signings in parallel, a new one for each that ends, until it is told to stop. */
export class Load {
  readonly plays: SigningPlay[] = [];
  readonly client: Client;
  readonly #cluster: Cluster;
  readonly #random: () => number;
  readonly #run: string;
  readonly #workers: Promise<void>[] = [];
  #stopped = false;

  /** @param run names this load in its request ids */
  constructor(cluster: Cluster, run: string, random: () => number) {
    this.#cluster = cluster;
    this.#run = run;
    this.#random = random;
    this.client = new Client(() => cluster.gateways.map(({ url }) => url), random);
  }

  get tally(): Tally {
    return this.client.tally;
  }
  get seen(): Seen[] {
    return this.plays.map(({ seen }) => seen);
  }
  get over(): number {
    return this.plays.filter(({ seen }) => seen.over).length;
  }

  /** @param ending of every signing; by chance if absent */
  start(parallel: number, ending?: Ending): void {
    for (let worker = 0; worker < parallel; worker += 1) this.#workers.push(this.#work(ending));
  }

  async #work(ending?: Ending): Promise<void> {
    while (!this.#stopped) await this.one(ending);
  }

  /** One more signing; resolves when it is over or given up. */
  async one(ending?: Ending, gate?: Promise<void>): Promise<SigningPlay> {
    const play = this.#add(ending, gate);
    await play.play();
    return play;
  }

  #add(ending?: Ending, gate?: Promise<void>): SigningPlay {
    const play = new SigningPlay({
      client: this.client,
      outside: this.#cluster.outside,
      random: this.#random,
      run: this.#run,
      number: this.plays.length,
      ...(ending && { ending }),
      ...(gate && { gate }),
    });
    this.plays.push(play);
    return play;
  }

  /** Resolves when so many more signings than now are over. */
  async progress(more: number): Promise<void> {
    const wanted = this.over + more;
    await until(() => `${wanted} signings are over; ${this.over} are, the others: ${this.steps()}`, async () => this.over >= wanted, 200_000);
  }

  /** Seconds from then (ms, monotonic) until nothing that was under way then was left; null when something still is. */
  recovery(from: number): number | null {
    const left = this.seen.filter(({ began, ended }) => began < from && (ended ?? Infinity) > from).map(({ ended }) => ended);
    return left.includes(null) ? null : Math.round(Math.max(0, ...left.map((ended) => ended! - from)) / 1000);
  }

  /** Seconds of the longest signing, the resent ones aside, which wait for their minute. */
  slowest(): number {
    const ended = this.seen.filter(({ ending }) => ending !== "RESEND").map(({ began, ended }) => (ended ?? performance.now()) - began);
    return Math.round(Math.max(0, ...ended) / 1000);
  }

  /** What the signings that are not over are doing. */
  steps(): string {
    return this.standing(0);
  }

  /** Those of them that have been at one step for so long (ms). */
  standing(longerMs: number): string {
    const now = performance.now();
    return this.plays
      .filter(({ seen }) => !seen.over && now - seen.since >= longerMs && !RESTING.includes(seen.step))
      .map(({ processId, seen: { requestId, step, since, statuses } }) => `${processId ?? requestId} ${step} for ${Math.round((now - since) / 1000)} s, ${statuses.at(-1)}`)
      .join("; ");
  }

  /** Starts no more; resolves when those that run are over or given up. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }
}
