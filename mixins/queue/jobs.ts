import { faultOf } from "../fault.ts";
import type { Work } from "./wake-ups.ts";

/** The jobs of this process: in order, so many at once, those of one id never at the same time. */
export class Jobs {
  readonly #work: Work;
  /** Ids that wait for their turn, in order. */
  readonly #ready = new Map<string, PromiseWithResolvers<void>>();
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(work: Work) {
    this.#work = work;
  }

  waits(id: string): boolean {
    return this.#ready.has(id);
  }

  /**
   * Handles `id` once, beginning after this call: a job that runs may have looked too early, one that still waits will do.
   * @returns when that is done, whatever came of it, or given up by a stop
   */
  handle(id: string): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    const waiting = this.#ready.get(id);
    if (waiting) return waiting.promise;
    const turn = Promise.withResolvers<void>();
    this.#ready.set(id, turn);
    this.#fill();
    return turn.promise;
  }

  /** Drops what waits, waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { resolve } of this.#ready.values()) resolve();
    this.#ready.clear();
    await Promise.all(this.#running.values());
  }

  #fill(): void {
    for (const [id, turn] of this.#ready) {
      if (this.#running.size >= this.#work.concurrency) return;
      if (this.#running.has(id)) continue;
      this.#ready.delete(id);
      this.#running.set(id, this.#run(id).then(turn.resolve));
    }
  }

  async #run(id: string): Promise<void> {
    await null; // so that it stands among the running ones before it can wake itself
    try {
      await this.#work.handle(id);
    } catch (error) {
      this.#work.failed({ id, fault: faultOf(error) });
    }
    this.#running.delete(id);
    this.#fill();
  }
}
