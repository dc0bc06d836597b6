import { setImmediate as nextTurn } from "node:timers/promises";
import { ServiceBroker } from "moleculer";
import { natsBus } from "../../mixins/nats-bus.ts";
import { describeWithOwn } from "../servers/available.ts";
import { startNats } from "../../scripts/servers/start.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { until } from "../until.ts";

const CALLERS = 64;
const ROUNDS = 4;
/** What has to pass before the next step, so that the step falls into the middle of traffic. */
const CALLS_BETWEEN = 500;

describeWithOwn(["nats"], "our transporter", () => {
  let server: ServerProcess;
  const brokers: ServiceBroker[] = [];
  let nodes = 0;
  afterEach(async () => {
    await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
    await server.stop();
  });

  const node = async (url: string, logger: unknown = false): Promise<ServiceBroker> => {
    const broker = new ServiceBroker({ nodeID: `n${++nodes}`, transporter: natsBus(url), disableBalancer: true, internalServices: false, logger, transit: { serviceChangedDebounceTime: 0 }, skipProcessEventRegistration: true } as never);
    brokers.push(broker);
    return broker;
  };

  test("copies that start and stop under load lose no call", async () => {
    server = await startNats();
    const copy = async (): Promise<ServiceBroker> => {
      const broker = await node(server.url);
      broker.createService({ name: "copy", actions: { nodeOf: () => broker.nodeID } });
      await broker.start();
      return broker;
    };
    const caller = await node(server.url);
    await caller.start();
    const copies = [await copy()];
    await until("the first copy answers", () => caller.call("copy.nodeOf", {}, { timeout: 200 }).catch(() => null), { pauseMs: 20 });

    const answers = new Map<string, number>();
    const lost: string[] = [];
    let calls = 0;
    let going = true;
    const one = async (): Promise<void> => {
      while (going) {
        await caller.call<string, object>("copy.nodeOf", {}, { timeout: 5_000 }).then(
          (nodeID) => void answers.set(nodeID, (answers.get(nodeID) ?? 0) + 1),
          (error: Error) => void lost.push(error.name),
        );
        calls += 1;
        // Answers that come one after the other must not keep timers from their turn.
        await nextTurn();
      }
    };
    const load = Array.from({ length: CALLERS }, one);
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        const newcomer = await copy();
        copies.push(newcomer);
        await until("the newcomer answers", () => answers.has(newcomer.nodeID), { pauseMs: 10 });
        const before = calls;
        await until("calls have passed", () => calls > before + CALLS_BETWEEN, { pauseMs: 10 });
        const oldest = copies.shift()!;
        brokers.splice(brokers.indexOf(oldest), 1);
        await oldest.stop();
      }
    } finally {
      going = false;
    }
    await Promise.all(load);
    expect([lost, answers.size]).toEqual([[], ROUNDS + 1]);
  });

  test("a subscription that is refused is an alert, and the node hears everything else", async () => {
    server = await startNats({ config: 'authorization { users = [ { user: a, password: b, permissions: { publish: "MOL.>", subscribe: { allow: "MOL.>", deny: "MOL.REQB.secret.>" } } } ] }' });
    const url = server.url.replace("//", "//a:b@");
    const lines: string[] = [];
    const broker = await node(url, { type: "Pino", options: { pino: { options: { level: "error" }, destination: { write: (line: string) => void lines.push(line) } } } });
    broker.createService({ name: "secret", actions: { get: () => "secret" } });
    broker.createService({ name: "open", actions: { get: () => "open" } });
    await broker.start();
    const caller = await node(url);
    await caller.start();
    expect(await until("it answers", () => caller.call("open.get", {}, { timeout: 200 }).catch(() => null), { pauseMs: 20 })).toBe("open");
    expect(lines.join("")).toContain("the bus refuses a subscription");
    await expect(caller.call("secret.get", {}, { timeout: 200 })).rejects.toMatchObject({ name: "RequestTimeoutError" });
  });
});
