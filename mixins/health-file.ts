import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Middleware, Service, ServiceBroker } from "moleculer";

type State = "UP" | "DOWN" | "OFF";
export interface NodeHealth {
  node: string;
  bus: State;
  database: State;
}

/** In DATA_DIR; `deploy/health.ts` reads it and takes one that is older than 15 s for a node that hangs. */
export const HEALTH_FILE = "health.json";
const EVERY_MS = 3_000;
const PING_TIMEOUT_MS = 1_500;

/** How this node is, by its own services. */
export async function nodeHealth(broker: ServiceBroker): Promise<NodeHealth> {
  const owners = broker.services.filter((service) => service.actions["ping"]);
  const told = await Promise.all(owners.map((owner) => ping(owner)));
  return {
    node: broker.nodeID,
    bus: broker.transit ? (broker.transit.connected ? "UP" : "DOWN") : "OFF",
    database: told.includes("DOWN") ? "DOWN" : (told[0] ?? "OFF"),
  };
}

const ping = (owner: Service): Promise<State> =>
  (owner.actions["ping"]!({}, { timeout: PING_TIMEOUT_MS }) as Promise<unknown>).then(
    (answer) => (answer === "UP" ? "UP" : "DOWN"),
    () => "DOWN",
  );

/**
 * Has the node write how it is, over and over while it runs: a container without the gateway has no port to ask at. A node whose
 * event loop hangs writes nothing. Nothing is written before the start is done, nothing is left after a stop.
 * @param everyMs pause between two
 */
export function healthFile(file: string, everyMs = EVERY_MS): Middleware {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let complained = false;

  async function beat(broker: ServiceBroker): Promise<void> {
    try {
      const health = await nodeHealth(broker);
      await mkdir(dirname(file), { recursive: true });
      // A reader never sees half of it.
      await writeFile(`${file}.new`, JSON.stringify(health));
      await rename(`${file}.new`, file);
      complained = false;
    } catch (error) {
      if (!complained) broker.logger.warn("how this node is cannot be written down", { fault: (error as NodeJS.ErrnoException).code });
      complained = true;
    }
    if (stopped) await rm(file, { force: true });
    else timer = setTimeout(() => void beat(broker), everyMs).unref();
  }

  return {
    name: "HealthFile",
    started: beat,
    async stopping() {
      stopped = true;
      clearTimeout(timer);
      await rm(file, { force: true });
    },
  };
}
