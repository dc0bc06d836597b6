import { createRequire } from "node:module";
import type { ServiceSchema } from "moleculer";
import type { QueueOptions } from "bull";
import { BLOCKS_FOR_SECONDS, connecting } from "./redis.ts";

/** In front of every key; the braces keep all of them on one node of a Redis cluster. */
export const KEY_PREFIX = "{esign}";

/**
 * A node that died gives its jobs back after this long, and a second death in one job drops the job: the sweep has whatever is
 * due. A job is a few calls with timeouts of their own, and its lock is renewed in its middle.
 */
const LOCK_MS = 15_000;

const OPTIONS = {
  prefix: KEY_PREFIX,
  skipVersionCheck: true,
  settings: {
    lockDuration: LOCK_MS,
    stalledInterval: LOCK_MS,
    maxStalledCount: 1,
    drainDelay: BLOCKS_FOR_SECONDS,
    // Nothing here is delayed in Redis, so there is nothing to look after often.
    guardInterval: 60_000,
    retryProcessDelay: 1_000,
  },
};

/** moleculer-bull on the Redis at `url`. Loaded when it is wanted, since loading it takes as long as the rest of a service. */
export function bullMixin(url: string): ServiceSchema {
  const load = createRequire(import.meta.filename);
  const mixin = load("moleculer-bull") as (url: string, options: QueueOptions) => ServiceSchema;
  return mixin(url, { ...OPTIONS, createClient: connecting(url) } as unknown as QueueOptions);
}
