import { rmSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { isoSeconds } from "../../../contract/time.ts";
import type { Verification } from "../../../sandbox/books.ts";
import { resultOf } from "../../../sandbox/verification-system.ts";
import { until } from "../../until.ts";
import type { Cluster } from "./cluster.ts";
import { lasting, NODE_SERVICES, one, together, type FaultRow } from "./fault-row.ts";
import { POINT_FAULTS } from "./point-faults.ts";
import { WIRE_FAULTS } from "./wire-faults.ts";

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

/** Nothing of it is needed, whether it keeps something or not. */
const natsWiped: FaultRow = {
  name: "nats wiped",
  async run({ cluster, random }) {
    const target = cluster.server("nats");
    await target.kill();
    for (const file of readdirSync(target.dataDir)) rmSync(join(target.dataDir, file), { recursive: true });
    await lasting(1_000 + random() * 2_000);
    await target.restart();
  },
};

/** Again and again, while wake-ups are being set and worked on. */
const redisFlushed: FaultRow = {
  name: "redis FLUSHALL",
  redis: true,
  async run({ cluster, random }) {
    const redis = new Redis(cluster.server("redis").url);
    try {
      for (let turn = 0; turn < 10; turn += 1) {
        await lasting(random() * 800);
        await redis.flushall();
      }
    } finally {
      redis.disconnect();
    }
  },
};

const outside = (system: "sms" | "verification" | "wallet", mode: "SLOW" | "FAIL" | "SILENT" | "ACT_THEN_FAIL", times?: number): FaultRow => ({
  name: `${system} ${mode}`,
  async run({ cluster, random }) {
    cluster.outside.fault(system, mode, { delayMs: 1_500, ...(times && { times }) });
    await lasting(3_000 + random() * 3_000);
    cluster.outside.fault(system, "OK");
  },
});

const wrongClock = (service: string, minutes: number): FaultRow => ({
  name: `clock of a node with ${service} ${minutes > 0 ? "+" : ""}${minutes} min`,
  async run({ cluster, load, random }) {
    const node = one(cluster.of(service), random);
    await node.moveClock(minutes * 60_000);
    if (node.port !== null) await until("the gateway with the wrong clock says that it is not ready", async () => (await cluster.readiness(node))?.http === 503, { pauseMs: 200 });
    await load.progress(4);
    await node.moveClock(0);
  },
});

/** Every gateway is told one result a hundred times at once, as long as nobody has answered yet. */
const repeatedCallbacks: FaultRow = {
  name: "a hundred verification callbacks at once",
  async run({ cluster, load }) {
    const { books } = cluster.outside;
    const third = await cluster.join(["gateway"]);
    await cluster.ready();
    const mine = (processId: string) => load.plays.some((play) => play.processId === processId);
    const pending = () => [...books.verifications.values()].find(({ status, processId }) => status === "PENDING" && mine(processId));
    const verification = await until("a verification is pending", () => pending());
    const done: Verification = { ...verification, status: "SUCCESS", verifiedAt: isoSeconds(Date.now()) };
    books.keepVerification(done);
    const body = JSON.stringify({ ...resultOf(done), processId: done.processId });
    const headers = { "content-type": "application/json", "x-system-code": "AUTH", "x-callback-token": done.callbackToken };
    const tell = async (url: string): Promise<number> => (await fetch(`${url}${new URL(done.callbackUrl).pathname}`, { method: "POST", body, headers })).status;
    const urls = cluster.gateways.map(({ url }) => url);
    const answers = await Promise.all(Array.from({ length: 100 }, (_, at) => tell(urls[at % urls.length]!)));
    await cluster.leave(third);
    if (answers.some((http) => http !== 200)) throw new Error(`callbacks were answered with ${[...new Set(answers)]}`);
  },
};

/** A deadline of ten seconds, and a dozen signers who wait for it to the last moment. */
const signAtExpiry: FaultRow = {
  name: "signatures within 50 ms of the deadline",
  async run({ cluster, load }) {
    const deciding = cluster.of("process");
    const restart = async (env: Record<string, string>): Promise<void> => {
      for (const node of deciding) {
        await node.stop();
        await node.start(env);
      }
      await cluster.ready();
    };
    await restart({ SIGN_WINDOW: "10s" });
    await Promise.all(Array.from({ length: 12 }, () => load.one("RACE")));
    await restart({});
  },
};

/** Whose work depends on the time. */
const BY_THE_CLOCK = ["gateway", "process", "protocol", "sms", "verification-bridge", "notifier", "expiry"] as const;

export const FAULTS: readonly FaultRow[] = [
  ...NODE_SERVICES.map(killed),
  ...NODE_SERVICES.map(paused),
  stopped,
  ...BY_THE_CLOCK.flatMap((service) => [wrongClock(service, 10), wrongClock(service, -10)]),
  repeatedCallbacks,
  signAtExpiry,
  server("nats", "restarted", 0),
  server("nats", "killed", 3_000),
  server("nats", "paused", 3_000),
  natsWiped,
  server("mongo", "restarted", 0),
  server("mongo", "killed", 3_000),
  server("mongo", "paused", 3_000),
  server("redis", "restarted", 0),
  server("redis", "killed", 3_000),
  server("redis", "paused", 3_000),
  redisFlushed,
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
  together("everybody outside at once", [outside("sms", "ACT_THEN_FAIL"), outside("verification", "FAIL"), outside("wallet", "SILENT")]),
  ...POINT_FAULTS,
  ...WIRE_FAULTS,
];
export const faultsFor = (cluster: Cluster): readonly FaultRow[] => FAULTS.filter((row) => !row.redis || cluster.servers.redis);
