import { Transporters } from "moleculer";
import type { NatsConnection, NatsError, Subscription, SubscriptionOptions } from "nats";
import { natsTransporter } from "../config/nats-address.ts";

/**
 * The framework's NATS transporter, which loses what is on its way whenever a node changes what it listens to (each start and each
 * stop), and which a refused subscription makes deaf without a word.
 */
export class NatsBus extends Transporters.NATS {
  /** The new ones first, then the old ones to their last message: at no time is there none, and none that was sent is dropped. */
  override async makeBalancedSubscriptions(): Promise<void> {
    const before = this.subscriptions;
    this.subscriptions = [];
    await super.makeBalancedSubscriptions();
    // One that was refused is closed already.
    await Promise.all(before.filter((subscription) => !subscription.isClosed()).map((subscription) => subscription.drain()));
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

  #listen(topic: string, command: string, options: SubscriptionOptions = {}): Subscription {
    return (this.client as NatsConnection).subscribe(topic, {
      ...options,
      callback: (error: NatsError | null, message) => {
        if (error) return this.logger.error("the bus refuses a subscription: this node does not hear what it should", { alert: "BUS_REFUSES", topic, reason: error.code });
        void this.receive(command, Buffer.from(message.data));
      },
    });
  }
}

/** The transporter for TRANSPORTER (config/nats-address.ts says which addresses there are). */
export const natsBus = (address: string): NatsBus => new NatsBus(natsTransporter(address).options);
