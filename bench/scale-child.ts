/** A process of bench/scale.ts: fills a store and ends, or runs the platform on it and measures what it is asked to. */
import { startPlatform } from "../platform.ts";
import { fill } from "./scale-fill.ts";
import { Measuring, type Operation } from "./scale-operations.ts";
import type { Plan } from "./scale-rows.ts";

export type Task = { fill: Plan } | { serve: Plan };
export interface Order {
  operation: Operation;
  count: number;
}

const task = JSON.parse(process.argv[2]!) as Task;
if ("fill" in task) {
  const begun = performance.now();
  let told = 0;
  const rows = await fill(task.fill, (done) => {
    if (done - told < task.fill.total / 10 || done < 10_000) return;
    told = done;
    console.error(`${done} of ${task.fill.total} processes after ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  });
  process.send!({ rows });
  process.disconnect();
} else {
  const platform = await startPlatform();
  const measuring = new Measuring(platform.broker, task.serve);
  process.on("message", ({ operation, count }: Order) => {
    measuring.run(operation, count).then(
      (measured) => process.send!(measured),
      (error: Error) => process.send!({ error: `${operation}: ${error.message}` }),
    );
  });
  process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
  process.send!({});
}
