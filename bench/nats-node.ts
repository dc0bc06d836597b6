/** One copy of a tiny service for bench/nats-balancer.ts: `node bench/nats-node.ts <nats url> <disableBalancer>`. */
import { setTimeout as pause } from "node:timers/promises";
import { ServiceBroker, type Context } from "moleculer";
import { natsBroker } from "./nats-broker.ts";

const [url, disableBalancer] = process.argv.slice(2) as [string, string];
const broker = new ServiceBroker(natsBroker(url, disableBalancer === "true", `copy-${process.pid}`));
broker.createService({
  name: "copy",
  actions: {
    // Long enough for some calls to be on their way when the copy dies.
    async work(ctx: Context<{ ms: number }>) {
      await pause(ctx.params.ms);
      return process.pid;
    },
  },
});
process.on("SIGTERM", () => void broker.stop().then(() => process.exit(0)));
await broker.start();
process.send?.("started");
