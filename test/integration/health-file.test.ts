import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import { HEALTH_FILE, healthFile, nodeHealth, type NodeHealth } from "../../mixins/health-file.ts";
import { until } from "../until.ts";

const owner = (name: string, ping: () => unknown): ServiceSchema => ({ name, actions: { ping: { handler: ping } } });
const fails = (): never => {
  throw new Error("gone");
};

let directory: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "esign-health-"));
  file = join(directory, "data", HEALTH_FILE);
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Exit code and words of what the container's health check runs. */
const asked = (where: string): Promise<[number, string]> =>
  new Promise((resolve) => {
    execFile(process.execPath, ["deploy/health.ts", where], (error, stdout) => resolve([(error?.code as number | undefined) ?? 0, stdout.trim()]));
  });

describe("a node", () => {
  let broker: ServiceBroker;
  const node = async (services: ServiceSchema[], middlewares: object[] = []): Promise<ServiceBroker> => {
    broker = new ServiceBroker({ logger: false, middlewares: middlewares as never, internalServices: false });
    for (const service of services) broker.createService(service);
    await broker.start();
    return broker;
  };
  afterEach(() => broker.stop());

  test.each<[string, ServiceSchema[], NodeHealth["database"]]>([
    ["all its services can read", [owner("a", () => "UP"), owner("b", () => "UP")], "UP"],
    ["one of them says that it cannot", [owner("a", () => "UP"), owner("b", () => "DOWN")], "DOWN"],
    ["one of them fails", [owner("a", fails)], "DOWN"],
    ["one of them never answers", [owner("a", () => new Promise(() => {}))], "DOWN"],
    ["none of them has a collection", [{ name: "a", actions: { get: () => 1 } }], "OFF"],
    ["it runs none", [], "OFF"],
  ])("says how the database is when %s", async (_, services, database) => {
    expect(await nodeHealth(await node(services))).toEqual({ node: broker.nodeID, bus: "OFF", database });
  });

  test.each([[true, "UP"], [false, "DOWN"]])("whose bus is connected: %s, says %s", async (connected, bus) => {
    const { services, nodeID } = await node([]);
    expect(await nodeHealth({ services, nodeID, transit: { connected } } as unknown as ServiceBroker)).toMatchObject({ bus });
  });

  test("writes how it is from its start to its stop, and is well or not by that", async () => {
    let state = "UP";
    await node([owner("a", () => state)], [healthFile(file, 10)]);
    expect(await asked(file)).toEqual([0, ""]);
    state = "DOWN";
    await until("it says so", () => (JSON.parse(readFileSync(file, "utf8")) as NodeHealth).database === "DOWN", { pauseMs: 10 });
    expect(await asked(file)).toEqual([1, "database DOWN"]);
    await broker.stop();
    expect(existsSync(file)).toBe(false);
  });

  test("that cannot write it works all the same", async () => {
    writeFileSync(join(directory, "data"), "in the way");
    await node([owner("a", () => "UP")], [healthFile(file, 10)]);
    expect(await broker.call("a.ping")).toBe("UP");
  });
});

describe("the check of a container", () => {
  test.each<[string, string | null, number, [number, RegExp]]>([
    ["is well", '{"bus":"UP","database":"UP"}', 0, [0, /^$/]],
    ["runs nothing with a database", '{"bus":"UP","database":"OFF"}', 0, [0, /^$/]],
    ["has lost the bus", '{"bus":"DOWN","database":"UP"}', 0, [1, /^bus DOWN$/]],
    ["has lost both", '{"bus":"DOWN","database":"DOWN"}', 0, [1, /^bus and database DOWN$/]],
    ["hangs", '{"bus":"UP","database":"UP"}', 60_000, [1, /^silent for \d+ s$/]],
    ["says something else", "{}", 0, [1, /^bus and database DOWN$/]],
    ["writes no JSON", "x", 0, [1, /JSON/]],
    ["has not started", null, 0, [1, /ENOENT/]],
  ])("sees that a node %s", async (_, text, ageMs, [code, words]) => {
    const written = join(directory, HEALTH_FILE);
    if (text !== null) writeFileSync(written, text);
    if (ageMs) utimesSync(written, new Date(), new Date(Date.now() - ageMs));
    expect(await asked(written)).toEqual([code, expect.stringMatching(words)]);
  });

  test("sees that nobody answers at a gateway's port", async () => {
    expect((await asked("http://127.0.0.1:1/health/live"))[0]).toBe(1);
  });
});
