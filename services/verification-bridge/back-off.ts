/** When the bridge tries again. All in milliseconds. */

const FIRST_START_RETRY = 5_000;
const LONGEST_START_RETRY = 10 * 60_000;
const LONGEST_QUERY_WAIT = 60 * 60_000;

/** The system did not take the start: 5 s, doubling to 10 min (CONTRACT.md §2.1). @param failures rounds that have failed, from 1 */
export const startRetryAfter = (failures: number): number => Math.min(FIRST_START_RETRY * 2 ** Math.min(failures - 1, 20), LONGEST_START_RETRY);

/** The callback stays away: the first query after `first` (VERIFICATION_QUERY_AFTER), doubling up to 1 h. @param queries made so far, from 0 */
export const queryAfter = (first: number, queries: number): number => Math.min(first * 2 ** Math.min(queries, 30), LONGEST_QUERY_WAIT);

/** The confirm's answer said that it is decided: a query follows at once and, while that says PENDING, within 2 s (CONTRACT.md §3.2). */
export const QUERY_AFTER_ANSWER = 1_000;
