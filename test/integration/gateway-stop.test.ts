import "./fresh-data-dir.ts";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { ServiceBroker } from "moleculer";
import { config } from "../../config/index.ts";
import brokerOptions, { brokerOptions as optionsOf } from "../../moleculer.config.ts";
import { routes } from "../../services/gateway/exchange.ts";
import { startGateway, WALLET } from "./gateway-harness.ts";

const INITIATE = "/api/v1/esign/process/initiate";

/** A call that has begun and is answered when the test says so. */
function slowCall() {
  let begun!: () => void;
  let finish!: (answer: object) => void;
  const answer = new Promise((resolve) => (finish = resolve));
  return { begun: new Promise<void>((resolve) => (begun = resolve)), finish, act: () => (begun(), answer) };
}

test("a stop lets the running call end, refuses new ones and says that the connection ends", async () => {
  const slow = slowCall();
  const gateway = await startGateway({ acts: { "process.initiate": slow.act } });
  const running = gateway.call("POST", INITIATE, { ...WALLET, Connection: "keep-alive" }, "{}");
  await slow.begun;
  const drained = gateway.service.drain();
  const late = await gateway.call("GET", "/api/v1/esign/process/P");
  expect([late.status, late.json["code"], late.headers["retry-after"]]).toEqual([503, "SERVICE_UNAVAILABLE", "1"]);
  slow.finish({ processId: "P" });
  const answer = await running;
  expect([answer.status, answer.headers.connection]).toEqual([200, "close"]);
  await drained;
  await gateway.stop();
});

test("a request that is still being sent does not hold up the stop", async () => {
  const gateway = await startGateway();
  const socket = connect(gateway.port, "127.0.0.1");
  socket.on("error", () => undefined);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  const arrived = new Promise((resolve) => gateway.service.server.once("request", resolve));
  socket.write("POST /api/v1/esign/process/initiate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
  await arrived;
  await gateway.service.drain();
  await closed;
  expect(gateway.taken).toEqual([]);
  await gateway.stop();
});

test("the broker's own stop waits for it before any service stops", async () => {
  const order: string[] = [];
  const broker = new ServiceBroker({ ...brokerOptions, logger: false });
  broker.createService({
    name: "gateway",
    methods: {
      async drain() {
        await Promise.resolve();
        order.push("drained");
      },
    },
  });
  broker.createService({ name: "process", stopped: async () => void order.push("stopped") });
  await broker.start();
  await broker.stop();
  expect(order).toEqual(["drained", "stopped"]);
});

test("a route may be added in this process, has everything the others have, and cannot be added over the bus", async () => {
  const gateway = await startGateway();
  await gateway.broker.call("gateway.addRoute", { route: routes("bench", "/bench", { "POST noop": async () => ({ message: "成功", data: 1 }) }) });
  const answer = await gateway.call("POST", "/bench/noop", WALLET, "{}");
  expect([answer.status, answer.json, answer.headers["cache-control"]]).toEqual([200, { code: "SUCCESS", message: "成功", data: 1, traceId: expect.any(String) }, "no-store"]);
  const actions = gateway.broker.registry.getActionList({ withEndpoints: false }) as unknown as { name: string; action?: { visibility?: string } }[];
  const seen = Object.fromEntries(actions.filter(({ name }) => name.startsWith("gateway.")).map(({ name, action }) => [name, action?.visibility]));
  // Protected ones stay in this node; nothing else of the gateway is in the registry, and nothing of moleculer-db.
  expect(seen).toEqual({ "gateway.addRoute": "protected", "gateway.removeRoute": "protected", "gateway.ping": "protected" });
  await gateway.stop();
});

test("a bad callers file is an alert in the log and changes nothing", async () => {
  const gateway = await startGateway({ callers: { WALLET: {} } });
  writeFileSync(gateway.callersFile, "{");
  gateway.callers.refresh();
  const alerts = gateway.logged.map((line) => JSON.parse(line) as { alert?: string }).filter(({ alert }) => alert);
  expect(alerts).toMatchObject([{ level: "error", alert: "CALLERS_FILE_INVALID", problems: ["CALLERS_FILE: cannot be read as JSON"] }]);
  expect((await gateway.call("POST", INITIATE, WALLET, "{}")).status).toBe(200);
  await gateway.stop();
});

test("every start is a node of its own", () => {
  const ids = [optionsOf(config).nodeID, optionsOf(config).nodeID];
  expect(new Set(ids).size).toBe(2);
  expect(optionsOf({ ...config, transporter: "nats://bus:4222" })).toMatchObject({ transporter: { opts: { servers: ["bus:4222"] } }, disableBalancer: true });
  expect(optionsOf(config)).toMatchObject({ transporter: null, disableBalancer: false, requestTimeout: 5_000, skipProcessEventRegistration: true, tracking: { enabled: true } });
});
