import { scheduler } from "node:timers/promises";

export interface Answer {
  http: number;
  code: string;
  data: Record<string, unknown>;
}

/** What the clients have asked for and got, and how long they were left waiting. */
export interface Tally {
  /** Calls with all their retries. */
  operations: number;
  succeeded: number;
  /** Single tries that came to nothing: no answer, 5xx, 429. */
  failedTries: number;
  /** What was given up, with its last answer. */
  givenUp: string[];
}
export const newTally = (): Tally => ({ operations: 0, succeeded: 0, failedTries: 0, givenUp: [] });

/** Any answer that another try would not better. */
export const settled = ({ http }: Answer): boolean => http < 500 && http !== 429;

/** Longer than the gateway's own 10 s. */
const TRY_MS = 11_000;
const PAUSE_MS = 250;
const OPERATION_MS = 90_000;

/** A client with the retry rules of the contract: the same call again, elsewhere, until there is an answer that is one. */
export class Client {
  readonly tally = newTally();
  readonly #gateways: () => string[];
  readonly #random: () => number;

  /** @param gateways URLs to choose from */
  constructor(gateways: () => string[], random: () => number) {
    this.#gateways = gateways;
    this.#random = random;
  }

  /** All gateways. */
  everywhere(): string[] {
    return this.#gateways();
  }

  /** One try at one gateway; null when there is no answer. */
  async once(path: string, { body, headers = {}, gateway }: { body?: unknown; headers?: Record<string, string>; gateway?: string } = {}): Promise<Answer | null> {
    const urls = this.#gateways();
    const url = gateway ?? urls[Math.floor(this.#random() * urls.length)]!;
    try {
      const response = await fetch(`${url}${path}`, {
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
        headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers },
        signal: AbortSignal.timeout(TRY_MS),
      });
      return { http: response.status, ...((await response.json()) as { code: string; data: Record<string, unknown> }) };
    } catch {
      return null;
    }
  }

  /**
   * The call until an answer satisfies; 5xx and silence never do, 429 only where it is asked for.
   * @param what it is, for the report
   * @returns the answer, null when it was given up
   */
  async call(what: string, path: string, init: { body?: unknown; headers?: Record<string, string> }, satisfies: (answer: Answer) => boolean | Promise<boolean>): Promise<Answer | null> {
    this.tally.operations += 1;
    const end = performance.now() + OPERATION_MS;
    let last: Answer | null = null;
    while (performance.now() < end) {
      last = await this.once(path, init);
      if (last && (last.http < 500 || last.code === "SMS_SEND_FAILED") && (await satisfies(last))) {
        this.tally.succeeded += 1;
        return last;
      }
      if (!last || last.http >= 500 || last.http === 429) this.tally.failedTries += 1;
      await scheduler.wait(PAUSE_MS + this.#random() * PAUSE_MS);
    }
    this.tally.givenUp.push(`${what}: ${last ? `${last.http} ${last.code}` : "no answer"}`);
    return null;
  }
}
