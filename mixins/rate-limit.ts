import { RateLimiterMemory } from "rate-limiter-flexible";
import type { Rate } from "../config/parsers.ts";
import { failure } from "../contract/errors.ts";

/** Counts calls of a key against `N/duration`. */
export interface RateLimit {
  /**
   * Counts one call.
   * @throws RATE_LIMITED with the seconds after which calls are counted anew
   */
  count(key: string): Promise<void>;
  /** As if the key had not been counted. */
  forget(key: string): Promise<void>;
}

/**
 * The limiter of one node: exact there, gone with the process. Several nodes each count for themselves; for one count over all of them
 * another limiter of the same library takes the place of the one in memory, here and nowhere else. The windows are those of the
 * clock (each full minute, hour, …) and part of the key, so that tests move time and nodes agree on where a window ends.
 * @param limit null for no limit; a function is asked at each call. Another number in the same time is held against what has been
 *   counted, another time begins to count anew
 * @param now milliseconds
 */
export function rateLimit(limit: Rate | null | (() => Rate | null), now: () => number): RateLimit {
  const rateNow = typeof limit === "function" ? limit : () => limit;
  let counting: { perMs: number; limiter: RateLimiterMemory } | null = null;
  // The limiter counts, and what is too many is judged here: so it need not be made anew for another number.
  const limiterFor = (perMs: number): RateLimiterMemory => {
    if (counting?.perMs !== perMs) counting = { perMs, limiter: new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: perMs / 1000 }) };
    return counting.limiter;
  };
  const inWindow = (perMs: number, key: string, at: number): string => `${Math.floor(at / perMs)}:${key}`;
  return {
    async count(key) {
      const rate = rateNow();
      if (!rate) return;
      const at = now();
      const { consumedPoints } = await limiterFor(rate.perMs).consume(inWindow(rate.perMs, key, at));
      if (consumedPoints > rate.count) throw failure("RATE_LIMITED", { retryAfter: Math.max(1, Math.ceil((rate.perMs - (at % rate.perMs)) / 1000)) });
    },
    async forget(key) {
      const rate = rateNow();
      if (rate) await limiterFor(rate.perMs).delete(inWindow(rate.perMs, key, now()));
    },
  };
}
