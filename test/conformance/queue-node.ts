import { ServiceBroker, type Service } from "moleculer";
import { queue, type Waking } from "../../mixins/queue.ts";
import { sweep, type Sweeping } from "../../mixins/sweep.ts";
import { signal } from "../unit/mixins/signal.ts";
import { until } from "../until.ts";

export interface WakingNode {
  service: Service & Waking & Sweeping;
  health(): Promise<unknown>;
  /** Codes of the alerts so far. */
  alerts: string[];
  /** Set when the service has begun to stop. */
  stopping: ReturnType<typeof signal>;
  stop(): Promise<void>;
}

export interface WakingOptions {
  /** Nodes of one name share their wake-ups. */
  name: string;
  redisUrl: string | undefined;
  concurrency?: number;
  handle(id: string): Promise<void>;
  /** What the sweep finds. */
  due?(): string[];
}

let nodes = 0;

/** A node with one service that has the queue and the sweep, as those of the platform do. */
export async function wakingNode({ name, redisUrl, concurrency = 2, handle, due = () => [] }: WakingOptions): Promise<WakingNode> {
  const broker = new ServiceBroker({ nodeID: `queue-${process.pid}-${++nodes}`, logger: false });
  const alerts: string[] = [];
  const stopping = signal();
  const service = broker.createService({
    name,
    mixins: [queue({ concurrency, handle }, { redisUrl }), sweep({ every: 3_600_000, due: async () => due(), handle })],
    created(this: Service) {
      this.logger.error = (_message: unknown, facts: { alert?: string }) => void (facts.alert && alerts.push(facts.alert));
    },
    stopped: () => void setImmediate(stopping.set),
  }) as WakingNode["service"];
  await broker.start();
  return { service, alerts, stopping, health: () => broker.call(`${name}.queueHealth`), stop: () => broker.stop() };
}

/** Resolves when the node's queue says so; asks again whenever it has answered. */
export async function untilQueueIs(node: WakingNode, state: "UP" | "DOWN"): Promise<void> {
  await until(`the queue is ${state}`, async () => (await node.health()) === state);
}
