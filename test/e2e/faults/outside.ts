import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Books } from "../../../sandbox/books.ts";
import type { System } from "../../../sandbox/faults.ts";
import { sandboxService } from "../../../sandbox/sandbox-schema.ts";

/** SMS gateway, verification system and wallet in the driver's own process: whatever the cluster suffers, they remember. */
export interface Outside {
  url: string;
  books: Books;
  /** How a system misbehaves from now on; OK heals it. */
  fault(system: System, mode: string, more?: { delayMs?: number; times?: number }): void;
  stop(): Promise<void>;
}

/**
 * @param folder where the stand-ins keep their journal
 * @param callersFile the cluster's, by whose secrets the wallet judges its callbacks
 */
export async function startOutside(folder: string, callersFile: string): Promise<Outside> {
  const broker = new ServiceBroker({ nodeID: `outside-${process.pid}`, logger: false });
  const gateway = {
    name: "gateway",
    mixins: [ApiGateway as unknown as ServiceSchema],
    settings: { port: 0, ip: "127.0.0.1", routes: [{ path: "/none", aliases: {} }] },
    actions: { addRoute: { visibility: "protected" } },
    methods: { parseQueryString: (req: { url: string }) => ({ query: {}, url: req.url.split("?")[0] }) },
  };
  const service = broker.createService(gateway as unknown as ServiceSchema);
  const sandbox = broker.createService(
    sandboxService({ stateDir: join(folder, "outside"), publicBaseUrl: "http://outside.test", host: "127.0.0.1", callersFile, patience: { firstWaitMs: 500, tries: 9 } }),
  );
  await broker.start();
  const { port } = (service as unknown as { server: { address(): AddressInfo } }).server.address();
  const { books } = sandbox as unknown as { books: Books };
  return {
    url: `http://127.0.0.1:${port}`,
    books,
    fault(system, mode, { delayMs = 3_000, times } = {}) {
      books.keepSwitches({ ...books.switches, [system]: { mode, delayMs, times: times ?? null } });
    },
    stop: () => broker.stop(),
  };
}
