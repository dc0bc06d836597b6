/**
 * Jobs of one key wait for each other in order of arrival, jobs of different keys do not. Within a node this spares the writers
 * of one document from losing races against each other; between nodes the compare-and-set decides.
 */
export class Mailbox {
  readonly #tails = new Map<string, Promise<unknown>>();

  /** Runs `job` after all earlier ones of `key`, whether those succeeded or not. */
  async run<T>(key: string, job: () => Promise<T>): Promise<T> {
    const before = this.#tails.get(key);
    const mine = before ? before.then(job, job) : job();
    this.#tails.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#tails.get(key) === mine) this.#tails.delete(key);
    }
  }
}
