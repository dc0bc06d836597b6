import { setTimeout as wait } from "node:timers/promises";
import { Client, Pool, type Dispatcher } from "undici";

/** One POST; its body is made anew each time. */
export interface Call {
  path: string;
  body(): string;
}
export interface Measured {
  perSecond: number;
  /** ms */
  p50: number;
  p99: number;
  answers: number;
  /** Answers that were not 200 SUCCESS. */
  failures: number;
}

export const HEADERS = { "content-type": "application/json", "x-system-code": "WALLET", "x-business-id": "BENCH" };

/**
 * Closed loop: each connection sends its next request as soon as the last one is answered.
 * @param seconds length of the measured part
 * @param around runs the measured part, so that the caller can read counters before and after it
 */
export async function closedLoop(url: string, call: Call, connections: number, seconds: number, around: <T>(part: () => Promise<T>) => Promise<T> = (part) => part()): Promise<Measured> {
  const clients = Array.from({ length: connections }, () => new Client(url, { pipelining: 1 }));
  const part = async (length: number): Promise<Measured> => {
    const tally = new Tally();
    const end = performance.now() + length * 1000;
    await Promise.all(
      clients.map(async (client) => {
        while (performance.now() < end) await tally.time(performance.now(), post(client, call));
      }),
    );
    return tally.measured();
  };
  await part(Math.min(1, seconds / 2));
  const measured = await around(() => part(seconds));
  await Promise.all(clients.map((client) => client.close()));
  return measured;
}

/**
 * Open loop: `perSecond` requests a second whether or not the earlier ones are answered. A request's time counts from the moment
 * it was due, so that a stalled platform is charged for those that could not be sent meanwhile.
 */
export async function atRate(url: string, call: Call, perSecond: number, seconds: number): Promise<Measured> {
  const pool = new Pool(url, { connections: 256, pipelining: 1 });
  const tally = new Tally();
  const under: Promise<void>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < perSecond * seconds; sent += 1) {
    const due = begun + (sent * 1000) / perSecond;
    while (performance.now() < due) await wait(1);
    under.push(tally.time(due, post(pool, call)));
  }
  await Promise.all(under);
  await pool.close();
  return tally.measured();
}

/** @returns whether the answer is 200 SUCCESS */
export async function post(on: Dispatcher, { path, body }: Call): Promise<boolean> {
  try {
    const answer = await on.request({ path, method: "POST", headers: HEADERS, body: body() });
    const text = await answer.body.text();
    return answer.statusCode === 200 && (JSON.parse(text) as { code: string }).code === "SUCCESS";
  } catch {
    return false;
  }
}

class Tally {
  readonly #times: number[] = [];
  readonly #begun = performance.now();
  #failures = 0;

  async time(from: number, answered: Promise<boolean>): Promise<void> {
    const good = await answered;
    this.#times.push(performance.now() - from);
    if (!good) this.#failures += 1;
  }

  measured(): Measured {
    const seconds = (performance.now() - this.#begun) / 1000;
    const sorted = Float64Array.from(this.#times).sort();
    const share = (of: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * of))] ?? 0;
    return { perSecond: sorted.length / seconds, p50: share(0.5), p99: share(0.99), answers: sorted.length, failures: this.#failures };
  }
}
