import type { Service, ServiceSchema } from "moleculer";
import { config } from "../config/index.ts";
import { faultOf } from "./fault.ts";

/** The longest delay a timer can hold; whatever is due later is the sweep's. */
const LONGEST_DELAY = 2 ** 31 - 1;

export interface QueueOptions<TThis extends object = Service> {
  /** How many jobs run at once. */
  concurrency: number;
  /** Handles one id. It checks in the database first: a wake-up may be late, repeated or wrong. */
  handle(this: TThis, id: string): Promise<void>;
}

/** What a service with the mixin has. */
export interface Waking {
  /**
   * Has `id` handled now or `delayMs` from now. An id that waits already is not queued twice, the earlier time holds; one that is
   * being handled is handled once more afterwards, since the running job may have looked before the change.
   */
  wake(id: string, delayMs?: number): void;
}

/**
 * Mixin: a queue of wake-ups. It only makes things quick: losing all of it costs a delay until the sweep. Jobs of one id never
 * overlap. Stopping drops what waits and waits for what runs; a service lists this mixin after its collections.
 * A failing job is logged without its message; the sweep brings it back.
 */
export function queue<TThis extends object = Service>(options: QueueOptions<TThis>): Partial<ServiceSchema> {
  const queues = new WeakMap<Service, WakeUps>();
  return {
    methods: {
      wake(this: Service, id: string, delayMs = 0) {
        queues.get(this)!.wake(id, delayMs);
      },
    },
    created(this: Service) {
      const self = this as unknown as TThis;
      queues.set(
        this,
        inProcess({
          concurrency: options.concurrency,
          handle: (id) => options.handle.call(self, id),
          failed: (fault) => this.logger.error("queue: a job failed", fault),
        }),
      );
    },
    async stopped(this: Service) {
      await queues.get(this)!.stop();
    },
  };
}

function inProcess(work: Work): WakeUps {
  if (config.redisUrl) throw new Error("REDIS_URL: queues in Redis are not part of this build yet; leave it empty");
  return new WakeUps(work);
}

interface Work {
  concurrency: number;
  handle(id: string): Promise<void>;
  failed(fault: object): void;
}

class WakeUps {
  readonly #work: Work;
  /** Ids whose time has not come; `at` on the monotonic clock. */
  readonly #waiting = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  /** Ids whose time has come, in order. */
  readonly #ready = new Set<string>();
  readonly #running = new Map<string, Promise<void>>();
  #stopped = false;

  constructor(work: Work) {
    this.#work = work;
  }

  wake(id: string, delayMs: number): void {
    if (this.#stopped || this.#ready.has(id)) return;
    const delay = Math.min(Math.max(delayMs, 0), LONGEST_DELAY);
    const at = performance.now() + delay;
    const earlier = this.#waiting.get(id);
    if (earlier && earlier.at <= at) return;
    clearTimeout(earlier?.timer);
    this.#waiting.delete(id);
    if (delay === 0) return this.#makeReady(id);
    const timer = setTimeout(() => this.#makeReady(id), delay);
    timer.unref();
    this.#waiting.set(id, { at, timer });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#ready.clear();
    await Promise.all(this.#running.values());
  }

  #makeReady(id: string): void {
    this.#waiting.delete(id);
    this.#ready.add(id);
    this.#fill();
  }

  #fill(): void {
    for (const id of this.#ready) {
      if (this.#running.size >= this.#work.concurrency) return;
      if (this.#running.has(id)) continue;
      this.#ready.delete(id);
      this.#running.set(id, this.#run(id));
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
