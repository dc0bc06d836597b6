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

const UNLIMITED: RateLimit = { count: async () => undefined, forget: async () => undefined };

/**
 * The limiter of one node: exact there, gone with the process. Several nodes each count for themselves; for one count over all of them
 * another limiter of the same library takes the place of the one in memory, here and nowhere else. The windows are those of the
 * clock (each full minute, hour, …) and part of the key, so that tests move time and nodes agree on where a window ends.
 * @param rate null for no limit
 * @param now milliseconds
 */
export function rateLimit(rate: Rate | null, now: () => number): RateLimit {
  if (!rate) return UNLIMITED;
  const { count: points, perMs } = rate;
  const limiter = new RateLimiterMemory({ points, duration: perMs / 1000 });
  const inWindow = (key: string, at: number): string => `${Math.floor(at / perMs)}:${key}`;
  return {
    async count(key) {
      const at = now();
      try {
        await limiter.consume(inWindow(key, at));
      } catch (over) {
        // The library rejects with what is left of the limit, and with an Error only when the limiter itself failed.
        if (over instanceof Error) throw over;
        throw failure("RATE_LIMITED", { retryAfter: Math.max(1, Math.ceil((perMs - (at % perMs)) / 1000)) });
      }
    },
    async forget(key) {
      await limiter.delete(inWindow(key, now()));
    },
  };
}
