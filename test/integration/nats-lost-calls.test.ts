import { ServiceBroker } from "moleculer";
import type { NatsConnection } from "nats";
import { lostCalls } from "../../mixins/lost-calls.ts";
import { natsBus } from "../../mixins/nats-bus.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startNats } from "../../scripts/servers/start.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";

const CALLS = 40;

/** A node whose calls wait until they are released. */
interface Copy {
  broker: ServiceBroker;
  held: (() => void)[];
}

describeWithOwn(["nats"], "a call whose copy has died", () => {
  let server: ServerProcess;
  const brokers: ServiceBroker[] = [];
  beforeAll(async () => {
    server = await startNats();
  });
  afterEach(() => Promise.all(brokers.splice(0).map((broker) => broker.stop())));
  afterAll(() => server.stop());

  const node = (nodeID: string): ServiceBroker => {
    const broker = new ServiceBroker({
      nodeID, transporter: natsBus(server.url), disableBalancer: true, internalServices: false, logger: false, heartbeatInterval: 1, heartbeatTimeout: 2,
      middlewares: [lostCalls()], transit: { serviceChangedDebounceTime: 0 }, skipProcessEventRegistration: true, tracking: { enabled: false },
    } as never);
    brokers.push(broker);
    return broker;
  };
  const copy = async (name: string): Promise<Copy> => {
    const broker = node(name);
    const held: (() => void)[] = [];
    const waiting = (): Promise<string> => new Promise((done) => held.push(() => done(name)));
    broker.createService({ name: "work", actions: { slow: waiting } });
    await broker.start();
    return { broker, held };
  };

  /** As a killed process's connection ends: without a goodbye. */
  const die = ({ transit }: ServiceBroker): Promise<void> => (transit as unknown as { tx: { client: NatsConnection } }).tx.client.close();
  const outcome = (call: Promise<string>): Promise<string> => call.catch((error: { type: string }) => error.type);

  test("ends when the node is given up, the living copy's answers count, and calls of other services are not touched", async () => {
    const caller = node("caller");
    await caller.start();
    const other = node("other");
    const elsewhere: (() => void)[] = [];
    other.createService({ name: "other", actions: { slow: () => new Promise<string>((done) => elsewhere.push(() => done("other"))) } });
    await other.start();
    const [dies, lives] = [await copy("dies"), await copy("lives")];
    await caller.waitForServices(["work", "other"]);

    const calls: Promise<string>[] = [];
    const ask = (): void => void calls.push(outcome(caller.call<string, object>("work.slow", {}, { timeout: 80_000 })));
    // A copy is asked from the moment the bus knows that it listens.
    await until("both copies are asked", () => {
      if (dies.held.length > 0 && lives.held.length > 0) return true;
      ask();
      return false;
    }, { pauseMs: 20 });
    for (let more = 0; more < CALLS; more += 1) ask();
    const untouched = outcome(caller.call<string, object>("other.slow", {}, { timeout: 80_000 }));
    await until("all calls are at work", () => dies.held.length + lives.held.length === calls.length && elsewhere.length === 1);

    caller.localBus.on("$node.disconnected", () => lives.held.forEach((release) => release()));
    await die(dies.broker);

    const outcomes = await Promise.all(calls);
    expect(outcomes.filter((one) => one === "lives")).toHaveLength(lives.held.length);
    expect(outcomes.filter((one) => one === "REQUEST_REJECTED")).toHaveLength(dies.held.length);
    for (const release of [...dies.held, ...elsewhere]) release();
    expect(await untouched).toBe("other");
  });

  test("ends when it died in the middle of its stop, which had announced that it offers nothing more", async () => {
    const caller = node("patient");
    await caller.start();
    const { broker, held } = await copy("stopping");
    await caller.waitForServices("work");
    const ended = outcome(caller.call<string, object>("work.slow", {}, { timeout: 80_000 }));
    await until("the call is at work", () => held.length > 0);
    const told = new Promise((resolve) => caller.localBus.on("$node.updated", resolve));
    // What a stop begins with.
    const { registry } = broker as unknown as { registry: { regenerateLocalRawInfo(more: boolean, stopping: boolean): void; discoverer: { sendLocalNodeInfo(): Promise<void> } } };
    registry.regenerateLocalRawInfo(true, true);
    await registry.discoverer.sendLocalNodeInfo();
    await told;
    await die(broker);
    expect(await ended).toBe("REQUEST_REJECTED");
    held.forEach((release) => release());
  });

  test("goes on in the living copy when the other one has said goodbye, since that one had the time to answer", async () => {
    const caller = node("unmoved");
    await caller.start();
    const stays = await copy("stays");
    await caller.waitForServices("work");
    const call = outcome(caller.call<string, object>("work.slow", {}, { timeout: 80_000 }));
    await until("the call is at work", () => stays.held.length > 0);
    const dies = node("falls");
    let release: (() => void) | undefined;
    dies.createService({ name: "other", actions: { slow: () => new Promise<void>((done) => (release = done)) } });
    await dies.start();
    const leaves = await copy("leaves");
    await until("both are known", () => ["falls", "leaves"].every((name) => caller.registry.nodes.get(name)?.services.length));
    const later = outcome(caller.call<string, object>("other.slow", {}, { timeout: 80_000 }));
    await until("the other call is at work", () => release !== undefined);
    await leaves.broker.stop();
    // Given up after the goodbye: what was to end with that one has ended when this has.
    await die(dies);
    expect(await later).toBe("REQUEST_REJECTED");
    release!();
    stays.held.forEach((done) => done());
    expect(await call).toBe("stays");
  });

  test("ends when the bus has been away meanwhile, whose answer nobody may have heard", async () => {
    const caller = node("asking");
    await caller.start();
    const answering = await copy("answering");
    await caller.waitForServices("work");
    const call = caller.call("work.slow", {}, { timeout: 80_000 });
    const outcome = call.then(String, (error: { type: string }) => error.type);
    await until("the call is at work", () => answering.held.length > 0);
    await server.kill();
    await server.restart();
    expect(await outcome).toBe("REQUEST_REJECTED");
    answering.held.forEach((release) => release());
  });
});
