import type { ServiceSchema } from "moleculer";
import { connect, StringCodec } from "nats";
import { CALLS, permissionsOf } from "../../deploy/nats/permissions.ts";
import { SERVICE_NAMES } from "../../contract/vocabulary.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";
import { heard, natsWorld, offered, packet, spoken, type NatsWorld } from "./nats-world.ts";

type Kind = keyof typeof CALLS;
const KINDS = Object.keys(CALLS) as Kind[];
const codec = StringCodec();

const evidence: ServiceSchema = { name: "evidence", actions: { append: () => "appended" } };
const processService: ServiceSchema = {
  name: "process",
  actions: { initiate: (ctx) => ctx.call("evidence.append"), get: () => "the true process", verified: () => "verified" },
};

describeWithOwn(["nats"], "the users of the bus", () => {
  let world: NatsWorld;
  beforeEach(async () => {
    world = await natsWorld();
  });
  afterEach(() => world.stop());

  test("gateway, process and evidence work together, each as its own user", async () => {
    await world.node("evidence", [evidence]);
    const second = await world.node("process", [processService]);
    const gateway = await world.node("gateway", []);
    await offered(second, "evidence.append");
    await offered(gateway, "process.initiate");
    expect(await gateway.call("process.initiate")).toBe("appended");
  });

  test("a broadcast reaches every node of its own service", async () => {
    const changed: string[] = [];
    const template = (name: string): ServiceSchema => ({ name: "template", actions: { [name]: () => true }, events: { "template.changed": () => void changed.push(name) } });
    const [one, two] = [await world.node("template", [template("one")]), await world.node("template", [template("two")])];
    await Promise.all([offered(one, "template.two"), offered(two, "template.one"), offered(one, "template.one")]);
    await one.broadcast("template.changed");
    await until("both have heard", () => changed.length === 2);
    expect(changed.toSorted()).toEqual(["one", "two"]);
  });

  test.each(KINDS)("%s hears what is meant for it and nothing that is meant for another", async (kind) => {
    const thief = await world.thief(kind);
    const own = permissionsOf(kind).subscribe.map((subject) => subject.replace(".*", ".x").replace(".>", ".x"));
    const others = KINDS.filter((other) => other !== kind).flatMap((other) => [
      ...["REQ", "RES", "EVENT", "DISCOVER", "INFO", "PING", "PONG"].flatMap((type) => [`MOL.${type}.${other}.*`, `MOL.${type}.${other}.x`]),
      `MOL.REQB.${other}.*`, `MOL.REQB.${other}.get`, `MOL.EVENTB.${other}.>`,
    ]);
    expect(await heard(thief, [...own, ...others, ">", "MOL.>", "MOL.REQB.>", "MOL.RES.>", "$SYS.>"])).toEqual(own);
  });

  test.each(KINDS)("%s calls the actions it needs and no other, and answers its callers only", async (kind) => {
    const thief = await world.thief(kind);
    const actions = [...new Set(KINDS.flatMap((other) => [...CALLS[other], ...(other === "operator" ? [] : [`${other}.anything`])]))];
    expect(await spoken(thief, actions.map((action) => `MOL.REQB.${action}`))).toEqual(actions.filter((action) => CALLS[kind].includes(action)).map((action) => `MOL.REQB.${action}`));
    const callers = KINDS.filter((other) => CALLS[other].some((action) => action.startsWith(`${kind}.`)));
    expect(await spoken(thief, KINDS.map((other) => `MOL.RES.${other}.x`))).toEqual(callers.map((other) => `MOL.RES.${other}.x`));
    expect(await spoken(thief, KINDS.flatMap((other) => [`MOL.REQ.${other}.x`, `MOL.PING.${other}.x`, `MOL.EVENTB.${other}.any`]))).toEqual([]);
  });

  test("without a password there is no bus", async () => {
    await expect(connect({ servers: world.server.url.replace("nats://", ""), reconnect: false })).rejects.toThrow(/authorization/i);
  });

  const claim = (sender: string, action: string): Uint8Array =>
    packet(sender, {
      services: [{ name: action.split(".")[0], fullName: action.split(".")[0], settings: {}, metadata: {}, actions: { [action]: { name: action } }, events: {} }],
      ipList: [], hostname: "h", client: {}, config: {}, instanceID: "i", metadata: {}, seq: 1,
    });

  test("a stolen sms node that says it runs process gets none of its calls", async () => {
    await world.node("process", [processService]);
    const gateway = await world.node("gateway", []);
    const thief = await world.thief("sms");
    thief.publish("MOL.INFO", claim("sms.thief", "process.get"));
    await offered(gateway, "process.get", 2);
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.call("process.get")));
    expect(new Set(answers)).toEqual(new Set(["the true process"]));
  });

  test("with the framework's own balancer it would get every second one", async () => {
    // The same permissions, widened by what that balancer needs: a caller speaks to nodes, whatever the action.
    await world.stop();
    world = await natsWorld({ balancerOfTheFramework: true });
    await world.node("process", [processService], { disableBalancer: false });
    const gateway = await world.node("gateway", [], { disableBalancer: false });
    const thief = await world.thief("sms");
    const stolen: string[] = [];
    thief.subscribe("MOL.REQ.sms.thief", { callback: (_, message) => void stolen.push((JSON.parse(codec.decode(message.data)) as { action: string }).action) });
    thief.publish("MOL.INFO", claim("sms.thief", "process.get"));
    await offered(gateway, "process.get", 2);
    await Promise.allSettled(Array.from({ length: 20 }, () => gateway.call("process.get", {}, { timeout: 500 })));
    expect(stolen).toEqual(Array.from({ length: 10 }, () => "process.get"));
  });

  test("a stolen node can say that another is gone, until that one's next sign of life", async () => {
    const second = await world.node("process", [processService]);
    const gateway = await world.node("gateway", []);
    await offered(gateway, "process.get");
    const thief = await world.thief("template");
    thief.publish("MOL.DISCONNECT", packet(second.nodeID));
    await until("the gateway believes it", () => gateway.call("process.get").then(() => false, (error: Error) => error.name === "ServiceNotAvailableError"), { pauseMs: 5 });
    await offered(gateway, "process.get");
    expect(await gateway.call("process.get")).toBe("the true process");
  });

  test("every service has a user", () => {
    expect(KINDS.toSorted()).toEqual([...SERVICE_NAMES, "operator"].toSorted());
  });
});
