/** Who finds the lane full comes again no sooner, in ms; and at the latest, however long the line. */
const SOONEST = 1_000;
const LATEST = 10 * 60_000;
/** What a try takes, in ms, as long as none has come to an end. */
const USUAL = 100;

export interface LaneWork {
  run(): Promise<void>;
  /** Called in its stead when the lanes stop before its turn has come. */
  giveBack(): Promise<void>;
}

export interface LaneOptions {
  /** How many run at once. */
  share: number;
  /** How many wait at most. */
  room: number;
  now(): number;
  failed(id: string, error: unknown): void;
}

interface Lane {
  /** What runs, with the time it began. */
  running: Map<Promise<void>, number>;
  waiting: Map<string, LaneWork>;
  /** Admitted and not yet in. */
  coming: number;
  /** What the last that ended took, in ms. */
  took: number;
  /** When the last of those comes again that found the lane full. */
  lineEnd: number;
}

/**
 * Work by host: of each host at most `share` run at once, at most `room` wait in the order they came, and the others are told when
 * to come again. A host that hangs holds up its own line and nobody else's. Held in memory only: who waits here is leased in the
 * database and found again after a crash.
 */
export class HostLanes {
  readonly #options: LaneOptions;
  readonly #lanes = new Map<string, Lane>();
  #stopped = false;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Whether the last that was admitted for this host has to wait. */
  waits(host: string): boolean {
    const { running, waiting, coming } = this.#lane(host);
    return running.size + waiting.size + coming > this.#options.share;
  }

  /** How many wait for this host. */
  length(host: string): number {
    return this.#lanes.get(host)?.waiting.size ?? 0;
  }

  /**
   * Takes a place for the work, to be followed by `enter` or `leave`; false when there is none.
   * @param again it has been told before to come again: nobody who comes for the first time goes before it
   */
  admit(host: string, id: string, again: boolean): boolean {
    const lane = this.#lane(host);
    const room = lane.waiting.size + lane.coming < this.#options.room && (again || lane.lineEnd <= this.#options.now());
    if (!room && !lane.waiting.has(id)) return false;
    lane.coming++;
    return true;
  }

  /**
   * When who was not admitted is to come again, in ms: once half of those that wait now have had their turn, one behind the other at
   * the lane's own pace. That keeps their order, and a host that hangs the longer is asked about the less often.
   */
  comeAgainAt(host: string): number {
    const lane = this.#lane(host);
    const now = this.#options.now();
    const pace = Math.max(lane.took, now - Math.min(now, ...lane.running.values())) / this.#options.share;
    const soonest = now + Math.max(SOONEST, (this.#options.room / 2) * pace);
    lane.lineEnd = Math.min(Math.max(soonest, lane.lineEnd + pace), now + LATEST);
    return Math.ceil(lane.lineEnd);
  }

  /**
   * Runs the work, now or in its turn; nobody waits for that here. An id that waits already keeps its place and gets the newer work.
   * Resolves at once, or when the work has been given back because the lanes have stopped.
   */
  async enter(host: string, id: string, work: LaneWork): Promise<void> {
    const lane = this.#lane(host);
    lane.coming--;
    if (this.#stopped) return work.giveBack();
    lane.waiting.set(id, work);
    this.#fill(host);
  }

  /** Gives up the place. */
  leave(host: string): void {
    this.#lane(host).coming--;
    this.#fill(host);
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    const running = () => [...this.#lanes.values()].flatMap((lane) => [...lane.running.keys()]);
    for (let some = running(); some.length > 0; some = running()) await Promise.all(some);
  }

  /** Gives back what waits and waits for what runs. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const left = [...this.#lanes.values()].flatMap(({ waiting }) => [...waiting.values()]);
    for (const { waiting } of this.#lanes.values()) waiting.clear();
    await Promise.all(left.map((work) => work.giveBack()));
    await this.idle();
  }

  #lane(host: string): Lane {
    const lane = this.#lanes.get(host) ?? { running: new Map(), waiting: new Map(), coming: 0, took: USUAL, lineEnd: 0 };
    this.#lanes.set(host, lane);
    return lane;
  }

  #fill(host: string): void {
    const { share, now, failed } = this.#options;
    const lane = this.#lane(host);
    for (const [id, work] of lane.waiting) {
      if (lane.running.size >= share) return;
      lane.waiting.delete(id);
      const began = now();
      const run = (async () => work.run())().catch((error: unknown) => failed(id, error));
      const done = run.then(() => {
        lane.running.delete(done);
        lane.took = now() - began;
        this.#fill(host);
      });
      lane.running.set(done, began);
    }
    if (lane.running.size === 0 && lane.coming === 0) this.#lanes.delete(host);
  }
}
