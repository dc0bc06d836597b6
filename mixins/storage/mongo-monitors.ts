import type { EventEmitter } from "node:events";
import type { mongo } from "mongoose";

/** More than any check of a living server takes: 2 s between two, 2 s for an answer. */
const STUCK_MS = 10_000;
const LOOK_EVERY_MS = 1_000;

/** What there is of the driver's inner parts (mongodb 6.20), of which none is promised. */
interface Inner {
  topology?: { s?: { servers?: Map<string, { monitor?: { connection?: { socket?: EventEmitter; messageStream?: EventEmitter } | null } }> } };
}

/**
 * Ends checks of a server that will never end by themselves. The driver writes a check to a socket that the server has closed in the same
 * moment, is told that it must wait until the socket drains, and waits for ever: the server counts as unknown, and the node is without a
 * database until it is started again. Seen on all nodes of a cluster when the server was killed.
 * @param onStuck is told of each
 * @returns ends the watch
 */
export function watchMonitors(client: mongo.MongoClient, onStuck: () => void, stuckMs = STUCK_MS): () => void {
  const begun = new Map<string, number>();
  const over = ({ connectionId }: { connectionId: string }): void => void begun.delete(connectionId);
  client.on("serverHeartbeatStarted", ({ connectionId }) => void begun.set(connectionId, performance.now()));
  client.on("serverHeartbeatSucceeded", over);
  client.on("serverHeartbeatFailed", over);
  const watch = setInterval(() => {
    for (const [address, since] of begun) {
      if (performance.now() - since < stuckMs) continue;
      begun.delete(address);
      const connection = (client as unknown as Inner).topology?.s?.servers?.get(address)?.monitor?.connection;
      const reason = new Error("the check of the server did not end");
      // Whoever waits for it to drain, or for an answer, hears of it; both have a listener of the driver's as long as they live.
      for (const part of [connection?.socket, connection?.messageStream]) if (part?.listenerCount("error")) part.emit("error", reason);
      onStuck();
    }
  }, LOOK_EVERY_MS);
  watch.unref();
  return () => clearInterval(watch);
}
