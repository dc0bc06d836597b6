import { ServiceBroker } from "moleculer";
import { natsBus, type NatsBus } from "../../mixins/nats-bus.ts";
import { NatsDiscoverer } from "../../mixins/nats-discoverer.ts";
import { startRelay } from "../../scripts/servers/relay.ts";
import { startNats } from "../../scripts/servers/start.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { readiness, type Readiness } from "../../services/gateway/readiness.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";

const OWNERS = ["process", "template", "sms", "protocol", "verification-bridge", "evidence", "notifier", "expiry"];
const word = { UP: () => "UP", both: () => ({ chromium: "UP", storage: "UP" }) };
const PARTS = { health: word.UP, queueHealth: word.UP, ping: word.UP };

describeWithOwn(["nats"], "a bus that is away", () => {
  let server: ServerProcess;
  const brokers: ServiceBroker[] = [];
  beforeEach(async () => {
    server = await startNats();
  });
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
    await server.stop();
  });

  /** A node with the platform's own heartbeats that says who it is, hears news, and notes whom it has given up. */
  async function node(nodeID: string, url = server.url, more: object[] = []) {
    const seen = { calls: 0, news: 0, ended: false, givenUp: [] as string[] };
    const broker = new ServiceBroker({ nodeID, transporter: natsBus(url), disableBalancer: true, internalServices: false, logger: false, requestTimeout: 5_000, heartbeatInterval: 1, heartbeatTimeout: 3, registry: { discoverer: new NatsDiscoverer() }, skipProcessEventRegistration: true } as never);
    broker.createService({ name: `at-${nodeID}`, actions: { who: () => ((seen.calls += 1), nodeID) }, events: { news: () => void (seen.news += 1) }, stopped: () => void (seen.ended = true) });
    for (const service of more) broker.createService(service as never);
    broker.localBus.on("$node.disconnected", ({ node: { id } }: { node: { id: string } }) => void seen.givenUp.push(id));
    brokers.push(broker);
    await broker.start();
    const ask = (other: string): Promise<string> => broker.call<string>(`at-${other}.who`);
    return { broker, seen, ask, ready: () => readiness(broker, { transporter: url }, async () => "UP") };
  }
  const owners = OWNERS.map((name) => ({ name, actions: name === "protocol" ? { ...PARTS, health: word.both } : PARTS }));
  /** A gateway, and a node with everything it asks after. */
  async function pair(url = server.url) {
    const edge = await node("edge", url);
    const inside = await node("inside", server.url, owners);
    await readyAgain(edge);
    return { edge, inside };
  }
  type Node = Awaited<ReturnType<typeof node>>;
  const readyAgain = (edge: Node): Promise<unknown> => until("the gateway is ready", async () => (await edge.ready()).up, { pauseMs: 50 });
  const noticed = (edge: Node): Promise<Readiness> => until("the readiness says so", async () => { const now = await edge.ready(); return now.checks.transporter === "DOWN" && now; }, { pauseMs: 50 });
  async function hearEachOther(one: Node, name: string, other: Node, otherName: string): Promise<void> {
    await until("both answer", () => Promise.all([one.ask(otherName), other.ask(name)]).then(([a, b]) => a === otherName && b === name, () => false), { pauseMs: 50 });
  }

  test.each<[string, () => Promise<void>, () => Promise<void>]>([
    ["killed and started again", () => server.kill(), () => server.restart()],
    ["frozen and thawed", async () => server.pause(), async () => server.resume()],
  ])("is said to be DOWN and nobody is given up; %s it carries calls both ways again, each once", async (_, away, back) => {
    const { edge, inside } = await pair();
    await away();
    expect(await noticed(edge)).toMatchObject({ up: false, checks: { transporter: "DOWN", database: "DOWN" } });
    await expect(edge.ask("inside")).rejects.toMatchObject({ type: "BAD_GATEWAY" });
    await until("the other node has noticed too", () => inside.broker.transit?.connected === false, { pauseMs: 20 });
    await back();
    await readyAgain(edge);
    await hearEachOther(edge, "edge", inside, "inside");
    expect([edge.seen.givenUp, inside.seen.givenUp]).toEqual([[], []]);

    const before = [edge.seen.calls, inside.seen.calls, inside.seen.news];
    await Promise.all([edge.ask("inside"), inside.ask("edge"), edge.broker.broadcast("news")]);
    await until("the news has come", () => inside.seen.news > before[2]!);
    await edge.ask("inside");
    expect([edge.seen.calls - before[0]!, inside.seen.calls - before[1]!, inside.seen.news - before[2]!]).toEqual([1, 2, 1]);
  });

  test("a node that does not hear itself gives up nobody, and one that does gives up who is silent", async () => {
    const { edge } = await pair();
    const { registry, transit } = edge.broker as unknown as { registry: { discoverer: NatsDiscoverer; nodes: { get(id: string): { lastHeartbeatTime: number } } }; transit: { tx: NatsBus } };
    const look = (): void => {
      registry.nodes.get("inside").lastHeartbeatTime = -60;
      registry.discoverer.checkRemoteNodes();
    };
    server.pause();
    await until("nothing comes", () => transit.tx.silentMs > 1_500, { pauseMs: 20 });
    look();
    expect(edge.seen.givenUp).toEqual([]);
    server.resume();
    await until("its own heartbeat comes", () => transit.tx.silentMs < 1_000, { pauseMs: 20 });
    look();
    expect(edge.seen.givenUp).toEqual(["inside"]);
  });

  test("from one node alone is not taken for the death of the others, and they know it again when it comes back", async () => {
    const relay = await startRelay(server.port);
    const { edge, inside } = await pair(`nats://127.0.0.1:${relay.port}`);
    relay.cut();
    expect(await noticed(edge)).toMatchObject({ up: false });
    await until("the others give it up", () => inside.seen.givenUp.includes("edge"), { pauseMs: 20 });
    expect(edge.seen.givenUp).toEqual([]);
    relay.heal();
    await readyAgain(edge);
    await hearEachOther(edge, "edge", inside, "inside");
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
    await relay.stop();
  });

  test("holds up no stop, and a node that starts meanwhile joins the others when it is back", async () => {
    const { edge, inside } = await pair();
    await server.kill();
    await noticed(edge);
    await brokers.pop()!.stop();
    expect(inside.seen.ended).toBe(true);
    const late = node("late", server.url, owners);
    await server.restart();
    await hearEachOther(edge, "edge", await late, "late");
    await readyAgain(edge);
  });
});
