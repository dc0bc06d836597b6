import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../../cli/free-port.ts";
import type { ServerKind, ServerProcess } from "../../../scripts/servers/server-process.ts";
import { STARTERS } from "../../../scripts/servers/start.ts";
import { until } from "../driver/platform-process.ts";
import { createFieldCipher } from "../../../mixins/storage/field-cipher.ts";
import { startBalancer, type Balancer } from "./balancer.ts";
import { ClusterNode, startWires } from "./cluster-node.ts";
import { startOutside, type Outside } from "./outside.ts";
import { readStored, type Stored } from "./stored.ts";

/** Services by node; every entry runs twice. Services may share a node. */
export type Topology = readonly (readonly string[])[];

export const TOPOLOGIES = {
  /** The gateway alone at the edge, all the rest behind it. */
  small: [["gateway"], ["process", "template", "sms", "protocol", "verification-bridge", "evidence", "notifier", "expiry"]],
  /** One node a service: eighteen processes. */
  wide: [["gateway"], ["process"], ["template"], ["sms"], ["protocol"], ["verification-bridge"], ["evidence"], ["notifier"], ["expiry"]],
} satisfies Record<string, Topology>;

/** Known to the driver, which reads what is stored. */
const FIELD_KEY = { kid: "faults", key: randomBytes(32) };
const COPIES = 2;
const READY_MS = 120_000;

/** A cluster on real servers, each of them and each node to be killed, paused and started again. */
export class Cluster {
  readonly servers: Record<"mongo" | "nats", ServerProcess> & { redis?: ServerProcess };
  readonly outside: Outside;
  readonly nodes: ClusterNode[];
  readonly dataDir: string;
  readonly #balancer: Balancer;
  readonly #folder: string;
  readonly #settings: Record<string, string>;

  private constructor(parts: Pick<Cluster, "servers" | "outside" | "nodes" | "dataDir">, balancer: Balancer, folder: string, settings: Record<string, string>) {
    this.servers = parts.servers;
    this.outside = parts.outside;
    this.nodes = parts.nodes;
    this.dataDir = parts.dataDir;
    this.#balancer = balancer;
    this.#folder = folder;
    this.#settings = settings;
  }

  /** Resolves when every gateway says it is ready. */
  static async start(topology: Topology, { env = {}, redis = false }: { env?: Record<string, string>; redis?: boolean } = {}): Promise<Cluster> {
    const folder = mkdtempSync(join(tmpdir(), "esign-cluster-"));
    const dataDir = join(folder, "data");
    const [mongo, nats, queue] = await Promise.all([STARTERS.mongo(), STARTERS.nats(), redis ? STARTERS.redis() : undefined]);
    const outside = await startOutside(folder, join(dataDir, "callers.json"));
    const nodes: ClusterNode[] = [];
    const balancer = await startBalancer(() => nodes.filter((node) => node.running && node.port !== null).map((node) => node.port!));
    const settings = {
      DATA_DIR: dataDir,
      FIELD_ENCRYPTION_KEY: `${FIELD_KEY.kid}:${FIELD_KEY.key.toString("base64")}`,
      ...(queue && { REDIS_URL: queue.url }),
      PUBLIC_BASE_URL: balancer.url,
      SANDBOX: "off",
      SMS_HTTP_URL: `${outside.url}/sandbox/gateway/sms`,
      VERIFICATION_BASE_URL: `${outside.url}/sandbox/gateway`,
      METRICS_PORT: "off",
      READ_SECONDS: "0s",
      H5_RATE: "off",
      SMS_MOBILE_LIMIT: "off",
      EXPIRY_SCAN_INTERVAL: "1s",
      EXPIRY_QUERY_GRACE: "20s",
      VERIFICATION_QUERY_AFTER: "2s",
      CALLBACK_TIMEOUT: "5s",
      CALLBACK_SCHEDULE: "0s,1s,2s,4s,8s,8s,8s,8s,8s,8s,8s,8s",
      LOG_LEVEL: "info",
      ...env,
    };
    const cluster = new Cluster({ servers: { mongo, nats, ...(queue && { redis: queue }) }, outside, nodes, dataDir }, balancer, folder, settings);
    for (const services of topology) {
      for (let copy = 1; copy <= COPIES; copy += 1) await cluster.#node(`${services[0]}-${copy}`, services);
    }
    try {
      await Promise.all(nodes.map((node) => node.start()));
      await cluster.ready();
      const beside = nodes.filter(({ wires }) => !wires.nats.passed || !wires.mongo.passed);
      if (beside.length) throw new Error(`past their wires go ${beside.map(({ id }) => id).join(", ")}`);
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  get gateways(): ClusterNode[] {
    return this.#members.filter((node) => node.port !== null);
  }

  /** The nodes that run this service. */
  of(service: string): ClusterNode[] {
    return this.#members.filter((node) => node.services.includes(service));
  }

  /** One more node. Resolves when it is started. */
  async join(services: readonly string[]): Promise<ClusterNode> {
    const node = await this.#node(`more-${this.nodes.length}`, services);
    await node.start();
    return node;
  }

  /** It has let its calls end, and does not come back. What it has logged stays in `nodes`. */
  async leave(node: ClusterNode): Promise<void> {
    node.left = true;
    await node.stop();
  }

  get #members(): ClusterNode[] {
    return this.nodes.filter(({ left }) => !left);
  }

  async #node(id: string, services: readonly string[]): Promise<ClusterNode> {
    const port = services.includes("gateway") ? await freePort() : null;
    const { mongo, nats } = this.servers;
    const node = new ClusterNode(id, services, port, this.#settings, await startWires({ nats: nats.port, mongo: mongo.port }));
    this.nodes.push(node);
    return node;
  }

  /** Where links and callbacks lead: the balancer before the gateways. */
  get publicUrl(): string {
    return this.#balancer.url;
  }

  /** Every server up, every wire whole, every node running and unarmed, every gateway ready; what a fault has left down is started. */
  async heal(): Promise<void> {
    for (const system of ["sms", "verification", "wallet"] as const) this.outside.fault(system, "OK");
    for (const server of Object.values(this.servers)) {
      server.resume();
      if (!server.running) await server.restart();
    }
    for (const node of this.nodes) {
      for (const wire of Object.values(node.wires)) {
        wire.slow(0);
        wire.heal();
      }
      if (node.paused) node.resume();
      await node.disarm();
    }
    await Promise.all(this.#members.filter((node) => !node.running).map((node) => node.start()));
    await this.ready();
  }

  /** Every gateway answers that it is ready. */
  async ready(): Promise<void> {
    let last = "";
    await until(
      () => `every gateway is ready: ${last}`,
      async () => {
        const answers = await Promise.all(this.gateways.map((node) => this.readiness(node)));
        last = JSON.stringify(answers);
        return answers.every((answer) => answer?.http === 200);
      },
      READY_MS,
    );
  }

  /** What a gateway says of itself; null without an answer. */
  async readiness({ url }: ClusterNode): Promise<{ http: number; body: unknown } | null> {
    try {
      const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(4_000) });
      return { http: response.status, body: await response.json() };
    } catch {
      return null;
    }
  }

  /** What is in the database now. */
  stored(): Promise<Stored> {
    return readStored(`${this.servers.mongo.url}/faults`, createFieldCipher([FIELD_KEY]));
  }

  server(kind: ServerKind): ServerProcess {
    const server = this.servers[kind];
    if (!server) throw new Error(`no ${kind} in this cluster`);
    return server;
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) if (node.paused) node.resume();
    await Promise.all(this.nodes.map((node) => node.kill()));
    await Promise.all(this.nodes.flatMap(({ wires }) => Object.values(wires).map((wire) => wire.stop())));
    await Promise.all([this.outside.stop(), this.#balancer.stop(), ...Object.values(this.servers).map((server) => server.stop())]);
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
