import { ServiceBroker, type ServiceSchema } from "moleculer";
import { connect, StringCodec, type NatsConnection } from "nats";
import { natsTransporter, nodeName } from "../../config/nats-address.ts";
import { natsBus } from "../../mixins/nats-bus.ts";
import { startNats } from "../../scripts/servers/start.ts";
import { passwordVariable, usersConf } from "../../deploy/nats/users-conf.ts";
import { CALLS, OUTSIDE } from "../../deploy/nats/permissions.ts";
import { until } from "../until.ts";

const codec = StringCodec();
const passwordOf = (user: string): string => `password of ${user}`;

/** users.conf as the server reads it, with passwords in place of the variables. */
export function withPasswords(text: string): string {
  return [...Object.keys(CALLS), ...Object.keys(OUTSIDE)].reduce((done, user) => done.replace(`$${passwordVariable(user)}\n`, `"${passwordOf(user)}"\n`), text);
}

/** Who may call an action may speak to all nodes of its service: that balancer's subjects name nodes. */
const forNodes = (text: string): string => text.replaceAll(/"MOL\.REQB\.([a-z-]+)\.\w+"/g, '"MOL.REQ.$1.*"');

/**
 * A real server with the users of production, nodes with tiny services, and clients that are no nodes.
 * @param withOutside with the users of outside systems as well
 */
export async function natsWorld({ balancerOfTheFramework = false, withOutside = false } = {}) {
  const conf = balancerOfTheFramework ? forNodes(usersConf()) : usersConf(withOutside);
  const server = await startNats({ config: `authorization { ${withPasswords(conf)} }\nping_interval: "1s"\nping_max: 2\n` });
  const brokers: ServiceBroker[] = [];
  const clients: NatsConnection[] = [];
  const addressOf = (user: string): string => server.url.replace("//", `//${user}:${encodeURIComponent(passwordOf(user))}@`);

  return {
    server,
    addressOf,
    /** A node of the platform's own settings that runs these services. */
    async node(user: string, services: ServiceSchema[], { disableBalancer = true } = {}): Promise<ServiceBroker> {
      const address = addressOf(user);
      const broker = new ServiceBroker({
        nodeID: nodeName(address, "test", String(brokers.length)),
        transporter: natsBus(address),
        disableBalancer,
        internalServices: false,
        logger: false,
        requestTimeout: 2_000,
        heartbeatInterval: 1,
        heartbeatTimeout: 3,
        // Announced at once.
        transit: { serviceChangedDebounceTime: 0 },
        skipProcessEventRegistration: true,
      } as never);
      for (const schema of services) broker.createService(schema);
      brokers.push(broker);
      await broker.start();
      return broker;
    },
    /** A stolen node: its user and password in other hands. */
    async thief(user: string): Promise<NatsConnection> {
      const client = await connect(natsTransporter(addressOf(user)).options);
      clients.push(client);
      return client;
    },
    async stop(): Promise<void> {
      await Promise.all(clients.map((client) => client.close()));
      await Promise.all(brokers.map((broker) => broker.stop()));
      await server.stop();
    },
  };
}
export type NatsWorld = Awaited<ReturnType<typeof natsWorld>>;

/** Which of the subjects the server lets this client subscribe to. */
export async function heard(client: NatsConnection, subjects: string[]): Promise<string[]> {
  const refused = new Set<string>();
  for (const subject of subjects) client.subscribe(subject, { callback: (error) => void (error && refused.add(subject)) });
  // The server answers in order: what it refuses is told before the answer to this.
  await client.flush();
  return subjects.filter((subject) => !refused.has(subject));
}

/** Which of the subjects the server lets this client publish to. */
export async function spoken(client: NatsConnection, subjects: string[]): Promise<string[]> {
  const refused = new Set<string>();
  const watching = (async () => {
    for await (const status of client.status()) {
      if (status.permissionContext?.operation === "publish") refused.add(status.permissionContext.subject);
      if (refused.has(LAST)) break;
    }
  })();
  for (const subject of [...subjects, LAST]) client.publish(subject, codec.encode("{}"));
  await client.flush();
  await watching;
  return subjects.filter((subject) => !refused.has(subject));
}
/** Refused to everybody, so that one knows when all refusals are in. */
const LAST = "nobody.may";

/** The platform's packet, with a sender of one's choice. */
export const packet = (sender: string, rest: object = {}): Uint8Array => codec.encode(JSON.stringify({ ver: "5", sender, ...rest }));

/** Resolves when the broker knows so many nodes beside itself that offer the action. */
export const offered = (broker: ServiceBroker, action: string, copies = 1): Promise<unknown> =>
  until(`${copies} nodes offer ${action}`, () => (broker.registry.getActionList({ onlyAvailable: true, withEndpoints: true } as never) as unknown as { name: string; endpoints?: unknown[] }[])
    .some(({ name, endpoints }) => name === action && (endpoints?.length ?? 0) >= copies), { pauseMs: 20 });
