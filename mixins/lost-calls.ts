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
 * Ends the calls that may have died with a node, as soon as it is given up. NATS picks the copy that answers, so a caller does not
 * know whom it has asked, and would wait for its timeout: a minute for a seal. What ends here is REQUEST_REJECTED, which is 503 to
 * the outside and another attempt to an effect. Now and then the one that worked on it lives: then it is done twice, as every
 * action must bear.
 */
export function lostCalls({ answerWithinMs = ANSWER_WITHIN_MS } = {}): Middleware {
  const stopping = new AbortController();

  async function giveUp(broker: ServiceBroker, node: LostNode): Promise<void> {
    const { pendingRequests, removePendingRequest } = broker.transit as unknown as Transit;
    const remove = removePendingRequest.bind(broker.transit);
    const offered = new Set(node.services.flatMap(({ actions }) => Object.entries(actions ?? {}).map(([key, { name }]) => name ?? key)));
    const asked = [...pendingRequests].filter(([, { action }]) => offered.has(action.name));
    if (!asked.length) return;
    await delay(answerWithinMs, undefined, { signal: stopping.signal, ref: false });
    const lost = asked.filter(([id, request]) => pendingRequests.get(id) === request);
    for (const [id, request] of lost) {
      remove(id);
      request.reject(new Errors.RequestRejectedError({ action: request.action.name, nodeID: node.id }));
    }
    if (lost.length) broker.logger.warn("calls that a lost node may have held are given up", { node: node.id, calls: lost.length });
  }

  return {
    name: "LostCalls",
    created(broker: ServiceBroker) {
      // Also after a goodbye: what a stopping node could not end in time is as lost.
      (broker as unknown as { localBus: NodeJS.EventEmitter }).localBus.on("$node.disconnected", ({ node }: { node: LostNode }) => {
        giveUp(broker, node).catch((error: Error) => {
          if (!stopping.signal.aborted) broker.logger.error("calls of a lost node wait for their timeouts", { fault: error.name });
        });
      });
    },
    stopping() {
      stopping.abort();
      return Promise.resolve();
    },
  } as Middleware;
}
