import { scheduler } from "node:timers/promises";
import type { Cluster } from "./cluster.ts";
import type { Load } from "./load.ts";

export interface FaultRow {
  name: string;
  /** Its whole course, healing left to the driver. Lengths of faults are times, not waits for something. */
  run(course: Course): Promise<void>;
  /** Only in clusters with Redis. */
  redis?: true;
}
export interface Course {
  cluster: Cluster;
  load: Load;
  random: () => number;
}

export const lasting = (ms: number) => scheduler.wait(ms);

/** One of them by chance: the same for the same seed. */
export const one = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)]!;

export const NODE_SERVICES = ["gateway", "process", "template", "sms", "protocol", "verification-bridge", "evidence", "notifier", "expiry"] as const;

/** At the same time: for those that do not disturb each other. */
export const together = (name: string, rows: readonly FaultRow[]): FaultRow => ({
  name,
  async run(course) {
    await Promise.all(rows.map((row) => row.run(course)));
  },
});
