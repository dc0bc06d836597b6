/**
 * `npm run bench:nodes [-- --nodes 1,2,4] [-- --initiations N] [-- --signings N] [-- --parallel N] [-- --json FILE]`: the same work done by one process on
 * SQLite, by so many whole nodes over NATS and the server that stands in for MongoDB, and by a node for each service; and what each kind of
 * process spends on it (docs/scaling.md). Every row has fresh servers and does the same number of operations.
 */
import { writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "undici";
import { SERVICE_NAMES } from "../contract/vocabulary.ts";
import { post } from "./load.ts";
import { NodesCluster, type Layout } from "./nodes-cluster.ts";
import { initiateBodies } from "./requests.ts";
import { Signer } from "./signings.ts";

const { values: options } = parseArgs({
  options: {
    nodes: { type: "string", default: "1,2,4" }, initiations: { type: "string", default: "400" }, signings: { type: "string", default: "60" },
    parallel: { type: "string", default: "8" }, json: { type: "string" },
  },
});
const whole = (name: "initiations" | "signings" | "parallel"): number => {
  const number = Number(options[name]);
  if (!(Number.isInteger(number) && number > 0)) throw new Error(`--${name} expects a positive whole number`);
  return number;
};
const [initiations, signings, parallel] = [whole("initiations"), whole("signings"), whole("parallel")];
const counts = options.nodes.split(",").map(Number);
if (!counts.every((count) => Number.isInteger(count) && count > 0)) throw new Error("--nodes expects positive whole numbers");
const IDLE_MS = 5_000;
const LAYOUTS: Layout[] = [
  { name: "1 process, SQLite", nodes: [[]], bus: false },
  ...counts.map((count) => ({ name: `${count} whole node${count > 1 ? "s" : ""}`, nodes: Array.from({ length: count }, () => []), bus: true })),
  { name: "a node a service", nodes: SERVICE_NAMES.map((name) => [name]), bus: true },
];

interface Work {
  perSecond: number;
  /** CPU ms an operation, by kind of process. */
  cpu: Record<string, number>;
  /** Cores that were busy with it on average. */
  cores: number;
}

async function measured(cluster: NodesCluster, count: number, work: (n: number, worker: number) => Promise<void>): Promise<Work> {
  const before = cluster.cpu();
  const begun = performance.now();
  let next = 0;
  const worker = async (_: unknown, number: number): Promise<void> => {
    while (next < count) await work((next += 1), number);
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  const ms = performance.now() - begun;
  const spent = Object.entries(cluster.cpu()).map(([name, after]) => [name, after - (before[name] ?? 0)] as const);
  return {
    perSecond: (count * 1000) / ms,
    cpu: Object.fromEntries(spent.map(([name, all]) => [name, all / count])),
    cores: spent.reduce((sum, [, all]) => sum + all, 0) / ms,
  };
}

/** CPU ms a second of those that have nothing to do: heartbeats, sweeps, the database's clock. */
async function idling(cluster: NodesCluster): Promise<Record<string, number>> {
  const before = cluster.cpu();
  await wait(IDLE_MS);
  return Object.fromEntries(Object.entries(cluster.cpu()).map(([name, after]) => [name, ((after - (before[name] ?? 0)) * 1000) / IDLE_MS]));
}

const listed = (cpu: Record<string, number>): string =>
  Object.entries(cpu).filter(([, ms]) => ms >= 0.1).sort(([, a], [, b]) => b - a).map(([name, ms]) => `${name} ${ms.toFixed(1)}`).join(", ");

function print(what: string, { perSecond, cpu, cores }: Work): void {
  console.log(`  ${`${perSecond.toFixed(1)} ${what} a second`.padEnd(28)}${cores.toFixed(1)} cores busy; CPU ms each: ${listed(cpu)}`);
}

const results = [];
for (const layout of LAYOUTS) {
  const cluster = await NodesCluster.start(layout);
  try {
    const { gateways, outsideUrl } = cluster;
    const gateway = (n: number): string => gateways[n % gateways.length]!;
    const clients = Array.from({ length: parallel }, (_, n) => new Client(gateway(n)));
    const body = initiateBodies(outsideUrl);
    const initiate = async (_: number, worker: number): Promise<void> => {
      if (!(await post(clients[worker]!, { path: "/api/v1/esign/process/initiate", body }))) throw new Error("an initiation was refused");
    };
    const sign = async (n: number): Promise<void> => (await Signer.invite(gateway(n), outsideUrl)).complete();
    // Compilers, connections and every node's browser are warm before anything is measured.
    for (let n = 0; n < gateways.length * 2; n += 1) await sign(n);
    await measured(cluster, parallel * 4, initiate);
    const idle = await idling(cluster);
    const result = { layout: layout.name, idle, initiations: await measured(cluster, initiations, initiate), signings: await measured(cluster, signings, sign) };
    results.push(result);
    console.log(`${layout.name}; idle, CPU ms a second: ${listed(idle)}`);
    print("initiations", result.initiations);
    print("signings", result.signings);
    await Promise.all(clients.map((client) => client.close()));
  } finally {
    await cluster.stop();
  }
}
if (options.json) writeFileSync(options.json, `${JSON.stringify({ parallel, results }, null, 2)}\n`);
