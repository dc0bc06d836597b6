import { Discoverers } from "moleculer";
import { NatsBus } from "./nats-bus.ts";

/** A node's own heartbeat comes back to it each second; half a second more is a busy machine. */
const SILENCE_MS = 1_500;

/**
 * The framework's discoverer, which gives up a node that has not been heard for three seconds, and so might give up everybody just before
 * the client notices, in its third second, that it is the bus that is frozen. Whoever does not even hear itself judges nobody; the next
 * look is three seconds later, and by then the client knows.
 */
export class NatsDiscoverer extends Discoverers.Local {
  override checkRemoteNodes(): void {
    const bus = this.transit?.tx as unknown;
    if (bus instanceof NatsBus && bus.silentMs > SILENCE_MS) return;
    super.checkRemoteNodes();
  }
}
