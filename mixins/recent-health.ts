import { clock } from "./clock.ts";

/** A verdict older than this says nothing about now. */
const FRESH_MS = 5 * 60_000;
/** One lost call is weather; three in a row are an outage. */
const IN_A_ROW = 3;

export interface RecentHealth {
  note(outcome: string): void;
  state(): "UP" | "DOWN";
}

/**
 * How an outside system has answered lately: DOWN when the last three tries all FAILED and the last is at most five minutes old.
 * Nobody is called for it, since a health check must not send an SMS or move money.
 */
export function recentHealth(): RecentHealth {
  let failures = 0;
  let lastAt = 0;
  return {
    note(outcome) {
      failures = outcome === "FAILED" ? failures + 1 : 0;
      lastAt = clock.now();
    },
    state: () => (failures >= IN_A_ROW && clock.now() - lastAt <= FRESH_MS ? "DOWN" : "UP"),
  };
}
