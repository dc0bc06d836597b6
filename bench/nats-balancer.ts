/**
 * The framework's balancer against that of NATS: what calls are lost, and for how long, when one of two copies dies, freezes or stops.
 * `node bench/nats-balancer.ts --times 20 --faults SIGKILL,SIGSTOP,SIGTERM`; needs nats-server. Its figures are in docs/decisions/nats-balancer.md.
 */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ServiceBroker } from "moleculer";
import { startNats } from "../scripts/servers/start.ts";
import { natsBroker } from "./nats-broker.ts";

const { values } = parseArgs({ options: { times: { type: "string", default: "20" }, faults: { type: "string", default: "SIGKILL,SIGSTOP,SIGTERM" } } });
const TIMES = Number(values.times);
const EVERY_MS = 5;
const WORK_MS = 20;
const FAULTS = values.faults.split(",") as NodeJS.Signals[];
/** How long calls go on after the fault, and how long after that the last ones may take to end by their own timeout. */
const CALLING_MS = 10_000;
const ENDING_MS = 6_000;
/** Whoever does not answer the server's pings is thrown out after three of them. */
const NATS_CONFIG = 'ping_interval: "1s"\nping_max: 2\nwrite_deadline: "2s"\n';

interface Call {
  at: number;
  tookMs: number;
  error?: string;
}

/** The framework announces a copy up to a second after it has started: until it answers, it is none. */
async function startCopy(url: string, disableBalancer: boolean, caller: ServiceBroker): Promise<ChildProcess> {
  const child = fork(join(import.meta.dirname, "nats-node.ts"), [url, String(disableBalancer)]);
  await once(child, "message");
  for (;;) {
    if ((await caller.call("copy.work", { ms: 0 }).catch(() => null)) === child.pid) return child;
    await pause(20);
  }
}

/** Calls at an even pace whatever becomes of the earlier ones. */
function callSteadily(broker: ServiceBroker): { calls: Call[]; stop(): void } {
  const calls: Call[] = [];
  const timer = setInterval(() => {
    const at = performance.now();
    const done = (error?: Error): void => void calls.push({ at, tookMs: performance.now() - at, ...(error && { error: error.name }) });
    broker.call("copy.work", { ms: WORK_MS }).then(() => done(), done);
  }, EVERY_MS);
  return { calls, stop: () => clearInterval(timer) };
}

interface Outcome {
  lost: number;
  errors: Record<string, number>;
  /** From the fault to the last call that was begun and lost. */
  untilWellMs: number;
  slowestMs: number;
}

async function oneFault(url: string, broker: ServiceBroker, disableBalancer: boolean, copies: ChildProcess[], fault: NodeJS.Signals): Promise<Outcome> {
  const load = callSteadily(broker);
  await pause(500);
  const at = performance.now();
  const victim = copies.shift()!;
  victim.kill(fault);
  await pause(CALLING_MS);
  load.stop();
  await pause(ENDING_MS);
  if (victim.exitCode === null && victim.signalCode === null) {
    victim.kill("SIGKILL");
    await once(victim, "exit");
  }
  copies.push(await startCopy(url, disableBalancer, broker));
  const lost = load.calls.filter((call) => call.error);
  return {
    lost: lost.length,
    errors: Object.fromEntries([...Map.groupBy(lost, (call) => call.error!)].map(([name, some]) => [name, some.length])),
    untilWellMs: Math.max(0, ...lost.map((call) => call.at - at)),
    slowestMs: Math.max(...load.calls.filter((call) => call.at > at - 100).map((call) => call.tookMs)),
  };
}

const middle = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
const row = (label: string, read: number[]): string => `${label} median ${Math.round(middle(read))}, worst ${Math.round(Math.max(...read))}`;

const nats = await startNats({ config: NATS_CONFIG });
try {
  for (const disableBalancer of [false, true]) {
    const broker = new ServiceBroker(natsBroker(nats.url, disableBalancer, `caller-${process.pid}-${disableBalancer}`));
    await broker.start();
    const copies = [await startCopy(nats.url, disableBalancer, broker), await startCopy(nats.url, disableBalancer, broker)];
    for (const fault of FAULTS) {
      const outcomes: Outcome[] = [];
      for (let i = 0; i < (fault === "SIGKILL" ? TIMES : Math.ceil(TIMES / 4)); i += 1) outcomes.push(await oneFault(nats.url, broker, disableBalancer, copies, fault));
      const errors: Record<string, number> = {};
      for (const { errors: some } of outcomes) for (const [name, count] of Object.entries(some)) errors[name] = (errors[name] ?? 0) + count;
      console.log(
        [
          `disableBalancer=${disableBalancer} ${fault} ×${outcomes.length}`,
          row("lost calls", outcomes.map((o) => o.lost)),
          row("ms until no call is lost", outcomes.map((o) => o.untilWellMs)),
          row("slowest answer ms", outcomes.map((o) => o.slowestMs)),
          JSON.stringify(errors),
        ].join(" | "),
      );
    }
    for (const copy of copies) copy.kill("SIGKILL");
    await broker.stop();
  }
} finally {
  await nats.stop();
}
