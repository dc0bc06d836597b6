/**
 * The platform of `main.ts` in a process of its own, with two things a bench needs: a no-op route on the same gateway to compare
 * with, and answers to the parent's questions by IPC.
 */
import { startPlatform } from "../platform.ts";
import { noopRoute } from "./noop-route.ts";
import type { Answer, Question } from "./platform.ts";
import { sealAll, sealTwoPages } from "./seal-all.ts";

const platform = await startPlatform();
const gateway = platform.broker.getLocalService("gateway")!;
await gateway.actions["addRoute"]!({ route: noopRoute(), toBottom: false });

const answers = {
  cpu: async () => ({ cpu: process.cpuUsage() }),
  seal: ({ agreements = [], parallel = 1 }: Question) => sealAll(platform.broker, agreements, parallel),
  sealTwoPages: ({ agreements = [], parallel = 1, count = 1 }: Question) => sealTwoPages(platform.broker, agreements[0]!, count, parallel),
};
process.on("message", (question: Question) => {
  const { id } = question;
  answers[question.ask](question).then(
    (said) => process.send!({ id, ...said } satisfies Answer),
    (error: Error) => process.send!({ id, error: error.message } satisfies Answer),
  );
});
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
process.send!({ id: 0 } satisfies Answer);
