/**
 * Work by host: of each host at most `share` run at once, the others wait in the order they came. A host that hangs holds
 * up its own line and nobody else's. Held in memory only: who waits here is leased in the database and found again after a crash.
 */
export class HostLanes {
  readonly #share: number;
  readonly #failed: (id: string, error: unknown) => void;
  readonly #lanes = new Map<string, { running: Set<Promise<void>>; waiting: Map<string, () => Promise<void>> }>();
  #stopped = false;

  constructor(share: number, failed: (id: string, error: unknown) => void) {
    this.#share = share;
    this.#failed = failed;
  }

  /** Whether work for this host would have to wait. */
  full(host: string): boolean {
    return (this.#lanes.get(host)?.running.size ?? 0) >= this.#share;
  }

  /** Runs the work, now or in its turn. An id that waits already keeps its place and gets the newer work. */
  enter(host: string, id: string, work: () => Promise<void>): void {
    if (this.#stopped) return;
    const lane = this.#lanes.get(host) ?? { running: new Set(), waiting: new Map() };
    this.#lanes.set(host, lane);
    lane.waiting.set(id, work);
    this.#fill(host);
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#lanes.size > 0) await Promise.all([...this.#lanes.values()].flatMap(({ running }) => [...running]));
  }

  /** Drops what waits and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { waiting } of this.#lanes.values()) waiting.clear();
    await this.idle();
  }

  #fill(host: string): void {
    const lane = this.#lanes.get(host)!;
    for (const [id, work] of lane.waiting) {
      if (lane.running.size >= this.#share) return;
      lane.waiting.delete(id);
      const run = (async () => work())().catch((error: unknown) => this.#failed(id, error));
      const done = run.then(() => {
        lane.running.delete(done);
        this.#fill(host);
      });
      lane.running.add(done);
    }
    if (lane.running.size === 0) this.#lanes.delete(host);
  }
}
