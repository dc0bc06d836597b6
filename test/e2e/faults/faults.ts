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

const lasting = (ms: number) => scheduler.wait(ms);
/** One of them by chance: the same for the same seed. */
const one = <T>(all: readonly T[], random: () => number): T => all[Math.floor(random() * all.length)]!;

const killed = (service: string): FaultRow => ({
  name: `SIGKILL of a node with ${service}`,
  async run({ cluster, load, random }) {
    const node = one(cluster.of(service), random);
    await lasting(random() * 400);
    await node.kill();
    await load.progress(1);
    await node.start();
  },
});

const paused = (service: string): FaultRow => ({
  name: `SIGSTOP of a node with ${service}`,
  async run({ cluster, random }) {
    const node = one(cluster.of(service), random);
    node.pause();
    await lasting(4_000 + random() * 4_000);
    node.resume();
  },
});

const stopped: FaultRow = {
  name: "rolling restart",
  async run({ cluster, load }) {
    for (const node of cluster.nodes) {
      await node.stop();
      await node.start();
      await load.progress(1);
    }
  },
};

const server = (kind: "mongo" | "nats" | "redis", how: "killed" | "paused" | "restarted", ms: number): FaultRow => ({
  name: `${kind} ${how}`,
  ...(kind === "redis" && { redis: true as const }),
  async run({ cluster, random }) {
    const target = cluster.server(kind);
    if (how === "paused") target.pause();
    else if (how === "killed") await target.kill();
    if (how !== "restarted") await lasting(ms + random() * ms);
    if (how === "paused") target.resume();
    else await target.restart();
  },
});

const outside = (system: "sms" | "verification" | "wallet", mode: "SLOW" | "FAIL" | "SILENT" | "ACT_THEN_FAIL", times?: number): FaultRow => ({
  name: `${system} ${mode}`,
  async run({ cluster, random }) {
    cluster.outside.fault(system, mode, { delayMs: 1_500, ...(times && { times }) });
    await lasting(3_000 + random() * 3_000);
    cluster.outside.fault(system, "OK");
  },
});

/** Processes die by this one: an SMS that is refused three times ends its signing. */
const NODE_SERVICES = ["gateway", "process", "template", "sms", "protocol", "verification-bridge", "evidence", "notifier", "expiry"] as const;

export const FAULTS: readonly FaultRow[] = [
  ...NODE_SERVICES.map(killed),
  ...NODE_SERVICES.map(paused),
  stopped,
  server("nats", "restarted", 0),
  server("nats", "killed", 3_000),
  server("nats", "paused", 3_000),
  server("mongo", "restarted", 0),
  server("mongo", "killed", 3_000),
  server("mongo", "paused", 3_000),
  server("redis", "restarted", 0),
  server("redis", "killed", 3_000),
  server("redis", "paused", 3_000),
  outside("sms", "SLOW"),
  outside("sms", "ACT_THEN_FAIL"),
  outside("sms", "SILENT"),
  outside("verification", "SLOW"),
  outside("verification", "FAIL"),
  outside("verification", "SILENT"),
  outside("verification", "ACT_THEN_FAIL"),
  outside("wallet", "FAIL"),
  outside("wallet", "SILENT"),
  outside("wallet", "ACT_THEN_FAIL"),
];
export const faultsFor = (cluster: Cluster): readonly FaultRow[] => FAULTS.filter((row) => !row.redis || cluster.servers.redis);
