import { setTimeout as delay } from "node:timers/promises";
import { Errors, type Middleware, type ServiceBroker } from "moleculer";

interface LostNode {
  id: string;
  /** As the node had announced them. */
  services: { actions?: Record<string, { name?: string }> }[];
}
interface Pending {
  action: { name: string };
  reject(error: Error): void;
}
interface Transit {
  pendingRequests: Map<string, Pending>;
  removePendingRequest(id: string): void;
}

/** Time for the copies that live to answer what they were asked before the node was given up: their answer is better than a refusal. */
const ANSWER_WITHIN_MS = 1_000;

/**
 * Ends the calls that may have died with a node as soon as it is given up, and those that were under way when this node lost the bus
 * soon after it is back. NATS picks the copy that answers, so a caller does not know whom it has asked, and would wait for its timeout:
 * a minute for a seal. What ends here is REQUEST_REJECTED, which is 503 to the outside and another attempt to an effect. Now and then
 * the one that worked on it lives: then it is done twice, as every action must bear.
 */
export function lostCalls({ answerWithinMs = ANSWER_WITHIN_MS } = {}): Middleware {
  const stopping = new AbortController();

  /** Ends those of the calls that are not answered a moment later. */
  async function giveUp(broker: ServiceBroker, calls: [string, Pending][], nodeID: string): Promise<void> {
    if (!calls.length) return;
    try {
      await delay(answerWithinMs, undefined, { signal: stopping.signal, ref: false });
    } catch {
      return;
    }
    const transit = broker.transit as unknown as Transit;
    const lost = calls.filter(([id, request]) => transit.pendingRequests.get(id) === request);
    for (const [id, request] of lost) {
      transit.removePendingRequest(id);
      request.reject(new Errors.RequestRejectedError({ action: request.action.name, nodeID }));
    }
    if (lost.length) broker.logger.warn("calls that may be lost are given up", { node: nodeID, calls: lost.length });
  }

  return {
    name: "LostCalls",
    created(broker: ServiceBroker) {
      const events = (broker as unknown as { localBus: NodeJS.EventEmitter }).localBus;
      const pending = (): [string, Pending][] => [...(broker.transit as unknown as Transit).pendingRequests];
      /** What each node has offered, by its id: one that stops announces nothing any more and may die in the middle of it. */
      const offered = new Map<string, Set<string>>();
      const announced = ({ node: { id, services } }: { node: LostNode }): void => {
        if (services.length) offered.set(id, new Set(services.flatMap(({ actions }) => Object.entries(actions ?? {}).map(([key, { name }]) => name ?? key))));
      };
      events.on("$node.connected", announced);
      events.on("$node.updated", announced);
      // After a goodbye nothing ends: it comes behind ten seconds in which calls were answered, and a planned stop shall cost nobody a call.
      events.on("$node.disconnected", ({ node, unexpected }: { node: LostNode; unexpected: boolean }) => {
        const actions = offered.get(node.id);
        offered.delete(node.id);
        if (unexpected && actions) void giveUp(broker, pending().filter(([, { action }]) => actions.has(action.name)), node.id);
      });
      let underWay: [string, Pending][] = [];
      events.on("$transporter.disconnected", () => {
        underWay = pending();
      });
      events.on("$transporter.connected", () => {
        void giveUp(broker, underWay, broker.nodeID);
        underWay = [];
      });
    },
    stopping() {
      stopping.abort();
      return Promise.resolve();
    },
  } as Middleware;
}
