import type { BrokerOptions } from "moleculer";
import { natsBus } from "../mixins/nats-bus.ts";

/** The platform's own times (moleculer.config.ts); only who balances differs. */
export const natsBroker = (url: string, disableBalancer: boolean, nodeID: string): BrokerOptions =>
  ({
    nodeID,
    transporter: natsBus(url),
    disableBalancer,
    logger: false,
    requestTimeout: 5_000,
    heartbeatInterval: 1,
    heartbeatTimeout: 3,
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    skipProcessEventRegistration: true,
  }) as BrokerOptions;
