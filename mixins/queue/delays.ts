/** The longest delay a timer can hold; whatever is due later is the sweep's. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** Ids whose time has not come. Of several times of one id the earliest holds. */
export class Delays {
  readonly #due: (id: string) => void;
  /** `at` is on the monotonic clock. */
  readonly #waiting = new Map<string, { at: number; timer: NodeJS.Timeout }>();

  constructor(due: (id: string) => void) {
    this.#due = due;
  }

  /** Calls back with `id` after `delayMs`; at once when there is nothing to wait for. */
  add(id: string, delayMs: number): void {
    const delay = Math.min(Math.max(delayMs, 0), LONGEST_DELAY);
    const at = performance.now() + delay;
    const earlier = this.#waiting.get(id);
    if (earlier && earlier.at <= at) return;
    clearTimeout(earlier?.timer);
    this.#waiting.delete(id);
    if (delay === 0) return this.#due(id);
    const timer = setTimeout(() => {
      this.#waiting.delete(id);
      this.#due(id);
    }, delay);
    timer.unref();
    this.#waiting.set(id, { at, timer });
  }

  clear(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
  }
}
