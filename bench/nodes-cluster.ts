import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../cli/free-port.ts";
import type { ServerProcess } from "../scripts/servers/server-process.ts";
import { startMongo, startNats } from "../scripts/servers/start.ts";
import { startBalancer, type Balancer } from "../test/e2e/faults/balancer.ts";
import { cpuTimes, type CpuTime } from "./cpu-time.ts";

const READY_MS = 60_000;
const PAUSE_MS = 100;

/** Services by node; an empty list is all of them. */
export interface Layout {
  name: string;
  nodes: string[][];
  /** NATS and MongoDB; otherwise one process on SQLite. */
  bus: boolean;
}

/** Nodes of the platform, their servers and the outside systems, every one a process whose CPU is known. */
export class NodesCluster {
  readonly gateways: string[] = [];
  outsideUrl = "";
  readonly #processes: { name: string; child: ChildProcess }[] = [];
  readonly #servers: ServerProcess[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "esign-nodes-"));
  #balancer: Balancer | undefined;

  static async start({ nodes, bus }: Layout): Promise<NodesCluster> {
    const cluster = new NodesCluster();
    try {
      await cluster.#start(nodes, bus);
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  async #start(nodes: string[][], bus: boolean): Promise<void> {
    const dataDir = join(this.#folder, "data");
    if (bus) this.#servers.push(await startMongo(), await startNats());
    const [mongo, nats] = this.#servers;
    this.#balancer = await startBalancer(() => this.gateways.map((url) => Number(new URL(url).port)));
    this.outsideUrl = (await this.#run("outside", ["outside", this.#folder, join(dataDir, "callers.json")], {}))!;
    const startNode = async (services: string[]): Promise<void> => {
      const port = await freePort();
      await this.#run(services.join("+") || "node", ["node"], {
        DATA_DIR: dataDir, PORT: String(port), PUBLIC_BASE_URL: this.#balancer!.url, SANDBOX: "off",
        SMS_HTTP_URL: `${this.outsideUrl}/sandbox/gateway/sms`, VERIFICATION_BASE_URL: `${this.outsideUrl}/sandbox/gateway`,
        LOG_LEVEL: "warn", METRICS_PORT: "off", READ_SECONDS: "0s", H5_RATE: "off", SMS_MOBILE_LIMIT: "off",
        ...(mongo && { MONGO_URI: `${mongo.url}/nodes` }), ...(nats && { TRANSPORTER: nats.url }), ...(services.length && { SERVICES: services.join(",") }),
      });
      if (services.length === 0 || services.includes("gateway")) this.gateways.push(`http://127.0.0.1:${port}`);
    };
    // The first one makes the keys that the others share.
    await startNode(nodes[0]!);
    await Promise.all(nodes.slice(1).map(startNode));
    // Over the bus a node is found up to a second after it has started.
    for (const end = performance.now() + READY_MS; !(await this.#ready()); await wait(PAUSE_MS)) {
      if (performance.now() > end) throw new Error("a gateway does not become ready");
    }
  }

  async #ready(): Promise<boolean> {
    const answers = await Promise.all(this.gateways.map(async (url) => (await (await fetch(`${url}/health/ready`)).json()) as { checks: Record<string, string> }));
    return answers.every(({ checks }) => Object.values(checks).every((word) => word !== "DOWN"));
  }

  async #run(name: string, args: string[], env: Record<string, string>): Promise<string | null> {
    const child = fork(join(import.meta.dirname, "nodes-child.ts"), args, { env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env }, stdio: ["ignore", "inherit", "inherit", "ipc"] });
    this.#processes.push({ name, child });
    const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`${name} ended with ${code}`)));
    ended.catch(() => undefined);
    const [{ url }] = (await Promise.race([once(child, "message"), ended])) as [{ url: string | null }];
    return url;
  }

  /** CPU ms so far by what it is for; Chromium runs below its node. */
  cpu(): Record<string, number> {
    const named = [
      ...this.#processes.map(({ name, child }) => [name, child.pid!] as const),
      ...this.#servers.map(({ kind, pid }) => [kind, pid] as const),
      ["load", process.pid] as const,
    ];
    const sums: Record<string, number> = {};
    const add = (name: string, ms: number) => (sums[name] = (sums[name] ?? 0) + ms);
    cpuTimes(named.map(([, pid]) => pid)).forEach(({ own, below }: CpuTime, at) => {
      const name = named[at]![0];
      add(name, own);
      if (name !== "load" && below > 0) add("Chromium", below);
    });
    return sums;
  }

  /** Nothing is kept, so nobody is asked to end in order. */
  async stop(): Promise<void> {
    for (const { child } of this.#processes.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill("SIGKILL");
      await once(child, "exit");
    }
    await this.#balancer?.stop();
    for (const server of this.#servers) await server.stop();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
