import { hostname } from "node:os";
import { join } from "node:path";
import type { BrokerOptions, Middleware } from "moleculer";
import { config, type Config } from "./config/index.ts";
import { loggerOptions } from "./config/logging.ts";
import { nodeName } from "./config/nats-address.ts";
import { randomBase32 } from "./contract/ids.ts";
import { HEALTH_FILE, healthFile } from "./mixins/health-file.ts";
import { lostCalls } from "./mixins/lost-calls.ts";
import { natsBus } from "./mixins/nats-bus.ts";
import { NatsDiscoverer } from "./mixins/nats-discoverer.ts";

/** Requests are answered before the services behind them stop, which the broker does all at once. */
const DRAIN_FIRST: Middleware = {
  name: "DrainFirst",
  async stopping(broker) {
    const gateway = broker.getLocalService("gateway") as { drain?: () => Promise<void> } | null;
    await gateway?.drain?.();
  },
};

/**
 * The broker's options. A killed node is noticed in about five seconds and a graceful stop lets running calls end; both are
 * off by default in the framework.
 */
export function brokerOptions(settings: Config): BrokerOptions {
  return {
    nodeID: nodeName(settings.transporter, hostname(), randomBase32(8)),
    logger: loggerOptions(settings),
    transporter: settings.transporter ? natsBus(settings.transporter) : null,
    // NATS balances: a dead copy gets no call from the moment its connection ends, and users can be held to single actions.
    disableBalancer: settings.transporter !== undefined,
    // Nobody calls $node, which tells any node about hosts and options.
    internalServices: false,
    // Every longer call states its own timeout; the callers of such a chain as well.
    requestTimeout: 5_000,
    heartbeatInterval: 1,
    heartbeatTimeout: 3,
    tracking: { enabled: true, shutdownTimeout: 10_000 },
    registry: { preferLocal: true, ...(settings.transporter && { discoverer: new NatsDiscoverer() }) },
    // Without a bus there is one process, whose gateway can be asked.
    middlewares: [DRAIN_FIRST, lostCalls(), ...(settings.transporter ? [healthFile(join(settings.dataDir, HEALTH_FILE))] : [])],
    // main.ts stops the broker on signals.
    skipProcessEventRegistration: true,
    metrics: { enabled: false },
    tracing: { enabled: false },
  } as BrokerOptions;
}

export default brokerOptions(config);
