import { Delays } from "./delays.ts";
import { Jobs } from "./jobs.ts";
import type { WakeUps, Work } from "./wake-ups.ts";

/** Wake-ups of one process, in its memory. */
export function inProcessWakeUps(work: Work): WakeUps {
  const jobs = new Jobs(work);
  const delays = new Delays((id) => void jobs.handle(id));
  let stopped = false;
  return {
    start() {},
    wake(id, delayMs) {
      if (!stopped && !jobs.waits(id)) delays.add(id, delayMs);
    },
    health: async () => "OFF",
    async stop() {
      stopped = true;
      delays.clear();
      await jobs.stop();
    },
  };
}
