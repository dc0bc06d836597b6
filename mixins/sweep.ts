import type { Service, ServiceSchema } from "moleculer";
import { clock } from "./clock.ts";
import { faultOf } from "./fault.ts";
import { within } from "./queue/within.ts";

/** How many ids one look at the database brings. */
const BATCH = 100;
/** So many jobs for each place may go on behind those that took it; with more, the sweep waits. */
const BEHIND_EACH = 16;

/** A sweep finds ids; a small job handles one and checks again first, because it may have been done meanwhile. */
export interface SweepOptions<TThis extends object = Service> {
  /** Milliseconds between two looks. */
  every: number;
  /** How many jobs run at once; 8 by default. */
  concurrency?: number;
  /**
   * A job that takes longer, in milliseconds, gives its place to the next and goes on behind: hundreds that hang together must not
   * keep what else is due waiting. It may become due again meanwhile, so `handle` has to fold repeats. By default each is waited for.
   */
  patience?: number;
  /**
   * Ids that are due at `now` (milliseconds), most overdue first, at most `limit`. Must cost by what is due, so ask an index.
   */
  due(this: TThis, now: number, limit: number): Promise<string[]>;
  /**
   * Handles one. It moves the id's due time forward before it does anything that can fail: an id that stays due after its job
   * comes back with the next look and stands in front of those behind it.
   */
  handle(this: TThis, id: string): Promise<void>;
}

/** What a service with the mixin has. */
export interface Sweeping {
  /** One pass now, after the one that may be running; resolves with the number of ids handled. */
  sweepNow(): Promise<number>;
}

/**
 * Mixin: every `every` milliseconds looks for what is due and handles it, never overlapping itself, and looks again at once while
 * the looks come back full. This is the fallback under every hint: what a crash or a lost wake-up left behind is found here.
 * Stopping waits for the jobs that run; a service lists this mixin after its collections, so that they outlive it.
 * A failing job is logged without its message and does not keep the others from running.
 */
export function sweep<TThis extends object = Service>(options: SweepOptions<TThis>): Partial<ServiceSchema> {
  // One schema may serve several brokers, so the state belongs to the service and not to the mixin.
  const sweepers = new WeakMap<Service, Sweeper>();
  return {
    methods: {
      sweepNow(this: Service) {
        return sweepers.get(this)!.now();
      },
    },
    created(this: Service) {
      const self = this as unknown as TThis;
      sweepers.set(
        this,
        new Sweeper({
          every: options.every,
          concurrency: options.concurrency ?? 8,
          patience: options.patience,
          due: (now, limit) => options.due.call(self, now, limit),
          handle: (id) => options.handle.call(self, id),
          failed: (fault) => this.logger.error("sweep: a job failed", fault),
        }),
      );
    },
    started(this: Service) {
      sweepers.get(this)!.start();
    },
    async stopped(this: Service) {
      await sweepers.get(this)!.stop();
    },
  };
}

interface Work {
  every: number;
  concurrency: number;
  patience: number | undefined;
  due(now: number, limit: number): Promise<string[]>;
  handle(id: string): Promise<void>;
  failed(fault: object): void;
}

class Sweeper {
  readonly #work: Work;
  #timer: NodeJS.Timeout | undefined;
  #stopped = true;
  /** The pass that runs, or the last one. */
  #last: Promise<unknown> = Promise.resolve();
  /** Jobs that nobody in the pass waits for any more. */
  readonly #behind = new Set<Promise<void>>();

  constructor(work: Work) {
    this.#work = work;
  }

  start(): void {
    this.#stopped = false;
    this.#arm();
  }

  /** Runs a pass behind the one that may be running, so that two never overlap. */
  now(): Promise<number> {
    const pass = this.#last.then(() => this.#pass());
    this.#last = pass;
    return pass;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#last;
    await Promise.all(this.#behind);
  }

  #arm(): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.now().then(() => this.#arm()), this.#work.every);
    this.#timer.unref();
  }

  /** Never rejects: the next pass is the remedy for whatever went wrong in this one. */
  async #pass(): Promise<number> {
    const seen = new Set<string>();
    try {
      for (let full = true; full && !this.#stopped; ) {
        const ids = await this.#work.due(clock.now(), BATCH);
        // An id that is still due after its job waits for the next pass; otherwise a stuck one would spin here.
        const fresh = ids.filter((id) => !seen.has(id));
        for (const id of fresh) seen.add(id);
        await this.#all(fresh);
        full = ids.length >= BATCH && fresh.length > 0;
      }
    } catch (error) {
      this.#work.failed({ fault: faultOf(error) });
    }
    return seen.size;
  }

  async #all(ids: string[]): Promise<void> {
    const rest = ids.values();
    const worker = async (): Promise<void> => {
      for (const id of rest) {
        if (this.#stopped) return;
        await this.#patiently(this.#handle(id));
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.#work.concurrency, ids.length) }, worker));
  }

  async #handle(id: string): Promise<void> {
    try {
      await this.#work.handle(id);
    } catch (error) {
      this.#work.failed({ id, fault: faultOf(error) });
    }
  }

  async #patiently(job: Promise<void>): Promise<void> {
    const { patience, concurrency } = this.#work;
    if (patience === undefined || this.#behind.size >= BEHIND_EACH * concurrency) return job;
    if (await within(patience, job.then(() => true))) return;
    this.#behind.add(job);
    void job.then(() => this.#behind.delete(job));
  }
}
