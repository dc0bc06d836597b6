/**
 * The platform of `main.ts` in a process of its own, with two things a bench needs: a no-op route on the same gateway to compare
 * with, and answers to the parent's questions by IPC.
 */
import { startPlatform } from "../platform.ts";
import { noopRoute } from "./noop-route.ts";
import type { Answer, Question } from "./platform.ts";
import { sealAll } from "./seal-all.ts";

const platform = await startPlatform();
const gateway = platform.broker.getLocalService("gateway")!;
await gateway.actions["addRoute"]!({ route: noopRoute(), toBottom: false });

process.on("message", ({ id, ask, agreements = [], parallel = 1 }: Question) => {
  const answer: Promise<object> = ask === "cpu" ? Promise.resolve({ cpu: process.cpuUsage() }) : sealAll(platform.broker, agreements, parallel);
  answer.then(
    (said) => process.send!({ id, ...said } satisfies Answer),
    (error: Error) => process.send!({ id, error: error.message } satisfies Answer),
  );
});
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
process.send!({ id: 0 } satisfies Answer);
