const LONGEST_RETRY_AFTER = 60 * 60_000;
const JITTER = 0.2;

/**
 * The wait before the next try, in milliseconds (CONTRACT.md §1 CALLBACK_SCHEDULE, §3.3).
 * @param schedule waits before each try, the first for the first try
 * @param made tries made in this round
 * @param random from 0 to 1; spreads the wait by ±20 % so that wallets which were down are not hit all at once
 * @param retryAfterMs what the wallet asked for, honoured up to one hour
 * @returns null when the schedule is used up
 */
export function waitBeforeTry(schedule: readonly number[], made: number, random: number, retryAfterMs: number | null = null): number | null {
  const wait = schedule[made];
  if (wait === undefined) return null;
  return Math.max(Math.round(wait * (1 - JITTER + 2 * JITTER * random)), Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER));
}

/**
 * `Retry-After` as seconds or as a date.
 * @param now milliseconds
 * @returns milliseconds from now; null when the header is absent or means nothing
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}
