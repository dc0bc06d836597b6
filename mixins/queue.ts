import type { Service, ServiceSchema } from "moleculer";
import type { BullMethods } from "moleculer-bull";
import { config } from "../config/index.ts";
import { bullMixin } from "./queue/bull-mixin.ts";
import { BullWakeUps } from "./queue/bull.ts";
import { inProcessWakeUps } from "./queue/in-process.ts";
import type { QueueHealth, WakeUps } from "./queue/wake-ups.ts";

export interface QueueOptions<TThis extends object = Service> {
  /** How many jobs a node runs at once. */
  concurrency: number;
  /** Handles one id. It checks in the database first: a wake-up may be late, repeated or wrong. */
  handle(this: TThis, id: string): Promise<void>;
}

/** What a service with the mixin has. */
export interface Waking {
  /**
   * Has `id` handled now or `delayMs` from now. An id that waits already is not queued twice, the earlier time holds; one that is
   * being handled is handled once more afterwards, since the running job may have looked before the change. Never throws.
   */
  wake(id: string, delayMs?: number): void;
}

/**
 * Mixin: a queue of wake-ups, in this process or, with REDIS_URL, shared by all nodes that run the service. It only makes things
 * quick: losing all of it costs a delay until the sweep, so its due times are in the database as well. Jobs of one id do not
 * overlap, unless Redis takes a node for dead that is not. Stopping drops what waits in this process and waits for what runs; a
 * service lists this mixin after its collections. A failing job is logged without its message; the sweep brings it back.
 * The action `queueHealth` answers `UP`, `DOWN`, or `OFF` for the kind that has nothing that could be down.
 */
export function queue<TThis extends object = Service>(options: QueueOptions<TThis>, { redisUrl }: { redisUrl?: string | undefined } = config): Partial<ServiceSchema> {
  const queues = new WeakMap<Service, WakeUps>();
  return {
    mixins: redisUrl ? [bullMixin(redisUrl)] : [],
    actions: {
      queueHealth: {
        visibility: "public",
        handler(this: Service): Promise<QueueHealth> {
          return queues.get(this)!.health();
        },
      },
    },
    methods: {
      wake(this: Service, id: string, delayMs = 0) {
        queues.get(this)!.wake(id, delayMs);
      },
    },
    created(this: Service) {
      const self = this as unknown as TThis;
      const work = {
        concurrency: options.concurrency,
        handle: (id: string) => options.handle.call(self, id),
        failed: (fault: object) => this.logger.error("queue: a job failed", fault),
      };
      queues.set(this, redisUrl ? new BullWakeUps(this as Service & BullMethods, work) : inProcessWakeUps(work));
    },
    started(this: Service) {
      queues.get(this)!.start();
    },
    async stopped(this: Service) {
      await queues.get(this)!.stop();
    },
  };
}
