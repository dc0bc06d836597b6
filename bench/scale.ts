/**
 * `npm run bench:scale [-- --processes N] [-- --engine sqlite|mongo] [-- --json FILE]`: what an operation costs in a store of a thousand processes
 * and in one of N (docs/scaling.md). Both platforms run side by side and take turns, so that whatever else the machine does meets both.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { freePort } from "../cli/free-port.ts";
import { startMongo } from "../scripts/servers/start.ts";
import type { Order, Task } from "./scale-child.ts";
import { OPERATIONS, type Measured, type Operation } from "./scale-operations.ts";
import type { Plan } from "./scale-rows.ts";

const SMALL = 1_000;
/** How often an operation is done in one turn. */
const TIMES: Record<Operation, number> = {
  initiate: 30, query: 200, page: 30, sign: 30,
  "sweep process": 500, "sweep expiry": 500, "sweep verification-bridge": 500, "sweep notifier": 500,
  "wake 20": 5, list: 10, "list by merchant": 10, "list stuck": 20,
};

const { values: options } = parseArgs({
  options: { processes: { type: "string", default: "1000000" }, engine: { type: "string", default: "sqlite" }, rounds: { type: "string", default: "8" }, json: { type: "string" } },
});
const many = Number(options.processes);
const rounds = Number(options.rounds);
if (!(Number.isInteger(many) && many > SMALL)) throw new Error(`--processes expects a whole number above ${SMALL}`);
if (!(Number.isInteger(rounds) && rounds > 0)) throw new Error("--rounds expects a positive number");
if (!["sqlite", "mongo"].includes(options.engine)) throw new Error("--engine expects sqlite or mongo");

interface Store {
  plan: Plan;
  env: Record<string, string>;
  dataDir: string;
  rows: Record<string, number>;
  child?: ChildProcess;
  measured: Map<Operation, Measured[]>;
  rssAtFirst: number;
}

function run(task: Task, env: Record<string, string>): ChildProcess {
  return fork(join(import.meta.dirname, "scale-child.ts"), [JSON.stringify(task)], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** The child's next message; rejects when it ends first or says that something failed. */
function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the platform ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (said: T & { error?: string }) => {
      child.off("exit", ended);
      if (said.error) reject(new Error(said.error));
      else resolve(said);
    });
  });
}

async function stop(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}

async function filled(total: number, mongoUrl: string | undefined): Promise<Store> {
  const port = await freePort();
  const dataDir = mkdtempSync(join(tmpdir(), "esign-scale-"));
  const env: Record<string, string> = {
    PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "",
    PORT: String(port), PUBLIC_BASE_URL: `http://127.0.0.1:${port}`, DATA_DIR: dataDir,
    LOG_LEVEL: "warn", METRICS_PORT: "off", READ_SECONDS: "0s", SANDBOX: "on",
    ...(mongoUrl && { MONGO_URI: `${mongoUrl}/scale${total}` }),
  };
  const plan = { total, open: Math.min(3_000, Math.floor(total * 0.3)), now: Date.now() };
  const store: Store = { plan, env, dataDir, rows: {}, measured: new Map(), rssAtFirst: 0 };
  const child = run({ fill: plan }, env);
  store.child = child;
  store.rows = (await told<{ rows: Record<string, number> }>(child)).rows;
  if (child.exitCode === null) await once(child, "exit");
  return store;
}

const sorted = (numbers: number[]): number[] => numbers.toSorted((a, b) => a - b);
const share = (numbers: number[], of: number): number => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * of))]!;
const figures = (all: Measured[]) => {
  const times = all.flatMap((one) => one.times);
  return { cpu: share(all.map((one) => one.cpu), 0.5), p50: share(times, 0.5), p99: share(times, 0.99) };
};
const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MB`;

const mongo = options.engine === "mongo" ? await startMongo() : null;
const stores: Store[] = [];
try {
  for (const total of [SMALL, many]) stores.push(await filled(total, mongo?.url));
  for (const store of stores) {
    store.child = run({ serve: store.plan }, { ...store.env, SIGN_SMS_CODE: "off" });
    await told(store.child);
  }
  // The first round warms compilers, caches and statements and is not counted.
  for (let round = 0; round <= rounds; round += 1) {
    for (const operation of OPERATIONS) {
      for (const store of round % 2 ? stores : stores.toReversed()) {
        const answer = told<Measured>(store.child!);
        store.child!.send({ operation, count: TIMES[operation] } satisfies Order);
        const measured = await answer;
        if (round === 0) store.rssAtFirst = measured.rss;
        else store.measured.set(operation, [...(store.measured.get(operation) ?? []), measured]);
      }
    }
  }
  const [small, large] = stores as [Store, Store];
  const table = OPERATIONS.map((operation) => {
    const few = figures(small.measured.get(operation)!);
    const lots = figures(large.measured.get(operation)!);
    return { operation, few, lots, ratioOfCpu: lots.cpu / few.cpu, ratioOfP50: lots.p50 / few.p50 };
  });
  const memory = stores.map((store) => ({ atFirst: store.rssAtFirst, atLast: store.measured.get(OPERATIONS.at(-1)!)!.at(-1)!.rss }));
  console.log(`${options.engine}, ${SMALL} against ${many} processes, ${rounds} rounds; CPU ms is of the platform's process, with what goes on behind the answer`);
  console.log("".padEnd(28) + ["CPU ms", "at N", "ratio", "p50 ms", "at N", "ratio", "p99 ms", "at N"].map((head) => head.padStart(9)).join(""));
  for (const { operation, few, lots, ratioOfCpu, ratioOfP50 } of table) {
    console.log(operation.padEnd(28) + [few.cpu, lots.cpu, ratioOfCpu, few.p50, lots.p50, ratioOfP50, few.p99, lots.p99].map((n) => n.toFixed(3).padStart(9)).join(""));
  }
  memory.forEach(({ atFirst, atLast }, at) => console.log(`${stores[at]!.plan.total} processes: resident ${megabytes(atFirst)} after the first round, ${megabytes(atLast)} after the last`));
  console.log(`rows: ${JSON.stringify(large.rows)}${mongo ? "" : `, file ${megabytes(statSync(join(large.dataDir, "esign.db")).size)}`}`);
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ engine: options.engine, processes: many, table, memory, rows: large.rows }, null, 2)}\n`);
} finally {
  for (const { child, dataDir } of stores) {
    await stop(child);
    for (const dir of [dataDir, `${dataDir}-sandbox`]) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
  await mongo?.stop();
}
