/** Milliseconds since the epoch. */
type Source = () => number;

/** The host's clock; with the embedded database it is the database's clock as well. */
let host: Source = Date.now;
/** A test's clock, which counts whatever host and database say. */
let fixed: Source | null = null;
/** What the database's clock said when this process had run for `at` ms. */
let database: { said: number; at: number } | null = null;
/** Runs evenly, whatever becomes of the host's clock. */
const ran = (): number => performance.now();

const TOLERANCE_MS = 2_000;

/**
 * The one clock of the platform: the database's time where there is one, so that leases and deadlines mean the same on every node.
 * Tests move it with `use`; nothing in production does.
 */
export const clock = {
  now(): number {
    if (fixed) return fixed();
    return database ? Math.round(database.said + ran() - database.at) : host();
  },
  use(next: Source): void {
    fixed = next;
  },
  /** Another clock of the host: what a test puts out of order. */
  useHost(next: Source): void {
    host = next;
  },
  /**
   * Follows the database from now on.
   * @param said the database's time, ms since the epoch @param asked, heard `performance.now()` before the question and behind the answer
   */
  follow(said: number, asked: number, heard: number): void {
    const at = (asked + heard) / 2;
    const known = database && database.said + at - database.at;
    // What lies within the measurement's own error is no news; following it would make the clock tremble.
    if (known === null || Math.abs(said - known) > (heard - asked) / 2 + 1) database = { said, at };
  },
  /** No database is followed any more. */
  unfollow(): void {
    database = null;
  },
  /** Whether the host's clock is within 2 s of the database's. Where it is not the node says that it is not ready: its logs lie. */
  right(): boolean {
    return !database || Math.abs(host() - (database.said + ran() - database.at)) <= TOLERANCE_MS;
  },
};
