import { Transporters } from "moleculer";
import { Events, type NatsConnection, type NatsError, type Subscription, type SubscriptionOptions } from "nats";
import { natsTransporter } from "../config/nats-address.ts";

/**
 * The framework's NATS transporter, which loses what is on its way whenever a node changes what it listens to (each start and each
 * stop), which a refused subscription makes deaf without a word, and which does not hear that its client has lost the server.
 */
export class NatsBus extends Transporters.NATS {
  #heardAt = performance.now();

  /** For how long nothing has come, in ms; nodes hear their own heartbeats too. */
  get silentMs(): number {
    return performance.now() - this.#heardAt;
  }

  /**
   * The framework calls this when its client is there; after each reconnection it is called from here. The client has subscribed again
   * by then. What follows tells the others of this node, asks who they are, and makes `transit.connected` true half a second later.
   */
  override async onConnected(wasReconnect?: boolean): Promise<void> {
    if (!wasReconnect) void this.#follow(this.client as NatsConnection);
    await super.onConnected(wasReconnect);
    // Lost again meanwhile.
    if (!this.connected) this.transit.connected = false;
  }

  override async disconnect(): Promise<void> {
    const client = this.client as NatsConnection | null;
    // Nothing can be sent to a server that is away, and waiting for it would hold up the stop.
    if (this.connected) await client?.flush().catch(() => {});
    await client?.close();
    this.client = null;
  }

  /** The new ones first, then the old ones to their last message: at no time is there none, and none that was sent is dropped. */
  override async makeBalancedSubscriptions(): Promise<void> {
    // Nothing to change at a server that is away; this is done when it is back.
    if (!this.connected) return;
    const before = this.subscriptions;
    this.subscriptions = [];
    await super.makeBalancedSubscriptions();
    // One that was refused is closed already.
    await Promise.all(before.filter((subscription) => !subscription.isClosed()).map((subscription) => subscription.drain()));
  }

  /** There are none to end here, and the framework's question to the server fails when it is lost, which would end a stop before the services stop. */
  override unsubscribeFromBalancedCommands(): Promise<void> {
    return Promise.resolve();
  }

  override subscribe(command: string, nodeID?: string): Promise<void> {
    this.#listen(this.getTopicName(command, nodeID), command);
    return Promise.resolve();
  }

  override subscribeBalancedRequest(action: string): Promise<void> {
    this.subscriptions.push(this.#listen(`${this.prefix}.REQB.${action}`, "REQ", { queue: action }));
    return Promise.resolve();
  }

  override subscribeBalancedEvent(event: string, group: string): Promise<void> {
    const topic = `${this.prefix}.EVENTB.${group}.${event}`.replace(/\*\*.*$/, ">");
    this.subscriptions.push(this.#listen(topic, "EVENT", { queue: group }));
    return Promise.resolve();
  }

  /** Until the client is closed. */
  async #follow(client: NatsConnection): Promise<void> {
    for await (const { type } of client.status()) {
      if (type === Events.Disconnect) this.#lost();
      if (type === Events.Reconnect) {
        this.logger.info("the bus is back");
        // It fails when the server is lost again, which is told next.
        this.onConnected(true).catch((error: NatsError) => this.logger.warn("the bus was lost again", { reason: error.code }));
      }
    }
  }

  /** Calls fail at once instead of being sent to nobody, and the others' heartbeats are not missed while none can come. */
  #lost(): void {
    this.connected = false;
    this.transit.connected = false;
    this.logger.error("the bus cannot be reached", { alert: "BUS_LOST" });
    this.broker.broadcastLocal("$transporter.disconnected", { graceFul: false });
  }

  #listen(topic: string, command: string, options: SubscriptionOptions = {}): Subscription {
    return (this.client as NatsConnection).subscribe(topic, {
      ...options,
      callback: (error: NatsError | null, message) => {
        if (error) return this.logger.error("the bus refuses a subscription: this node does not hear what it should", { alert: "BUS_REFUSES", topic, reason: error.code });
        this.#heardAt = performance.now();
        void this.receive(command, Buffer.from(message.data));
      },
    });
  }
}

/** The transporter for TRANSPORTER (config/nats-address.ts says which addresses there are). */
export const natsBus = (address: string): NatsBus => new NatsBus(natsTransporter(address).options);
