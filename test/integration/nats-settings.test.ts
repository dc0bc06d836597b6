import "./settings-of-this-test.ts";
import type { Service, ServiceBroker, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import type { Rate } from "../../config/parsers.ts";
import type { ChangedSettings } from "../../contract/settings.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { collections } from "../../mixins/collection.ts";
import { settingsInForce, settingsOf, type ByLiveSettings } from "../../mixins/settings-in-force.ts";
import { settingsOwner } from "../../services/process/settings-owner.ts";
import { settingVersionModel, type SettingVersion } from "../../services/process/setting-version.model.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";
import { natsWorld, offered, type NatsWorld } from "./nats-world.ts";

/** Each node as its own user of the real bus; the owners share one database. */

const owner = { name: "process", mixins: [settingsOwner, collections({ settings: settingVersionModel })], actions: { initiate: () => true } } as unknown as ServiceSchema;
/** The process service before there were settings. */
const older: ServiceSchema = { name: "process", actions: { initiate: () => true } };
/** Answers what it goes by at the moment. */
const going = (name: string): ServiceSchema =>
  ({
    name,
    mixins: [settingsInForce()],
    actions: {
      limit(this: Service & ByLiveSettings): Rate | null {
        return this.inForce.value("smsMobileLimit", null);
      },
    },
  }) as unknown as ServiceSchema;
const KINDS = ["gateway", "sms", "protocol", "verification-bridge", "notifier"] as const;

const operator = { id: "AUDIT_1", name: "ann", reason: "测试", via: "ADMIN_API" };
const versionsOf = (node: ServiceBroker) => (node.getLocalService("process") as unknown as { collections: { settings: Collection<SettingVersion> } }).collections.settings;
/** Within the node: no user of the bus may call its own actions over it. */
const within = (node: ServiceBroker, service: string) => (node.getLocalService(service) as unknown as { actions: Record<string, (params: object) => Promise<unknown>> }).actions;
const change = (node: ServiceBroker, text: string, basedOn = settingsOf(node).version) =>
  within(node, "process")["changeSettings"]!({ basedOn, changes: { SMS_MOBILE_LIMIT: text }, operator }) as Promise<ChangedSettings>;
const limitOf = (node: ServiceBroker, kind: string) => within(node, kind)["limit"]!({}) as Promise<Rate | null>;
/** Written beside the owner's action: as a change whose event is lost on the way. */
async function changeUnheard(node: ServiceBroker, text: string): Promise<void> {
  const number = settingsOf(node).version + 1;
  await versionsOf(node).insert({ _id: String(number), number, at: new Date(), by: "ann", reason: "测试", operationId: "AUDIT_2", changes: [], stored: { SMS_MOBILE_LIMIT: text } });
}

describeWithOwn(["nats"], "settings on several nodes", () => {
  let world: NatsWorld;
  beforeEach(async () => {
    world = await natsWorld();
  });
  afterEach(() => world.stop());

  test("every kind of node that goes by settings hears of a change, the other owner too, and answers by it", async () => {
    const [one, other] = [await world.node("process", [owner]), await world.node("process", [owner])];
    const nodes = await Promise.all(KINDS.map((kind) => world.node(kind, [going(kind)])));
    for (const kind of KINDS) await offered(one, `${kind}.limit`);
    await Promise.all(nodes.map((node) => offered(node, "process.settings", 2)));
    // Its asking is held up, so that only the event can tell.
    for (const node of nodes) settingsOf(node).end();
    await change(one, "7/24h");
    await Promise.all(KINDS.map((kind, at) => until(`${kind} goes by it`, async () => (await limitOf(nodes[at]!, kind))?.count === 7)));
    await until("the other owner too", () => settingsOf(other).version === settingsOf(one).version);
  });

  test("a change whose event is lost is found by asking", async () => {
    const process = await world.node("process", [owner]);
    const sms = await world.node("sms", [going("sms")]);
    await changeUnheard(process, "8/24h");
    await until("the node has asked", async () => (await limitOf(sms, "sms"))?.count === 8);
    await until("the owner has looked", () => settingsOf(process).config(config).smsMobileLimit?.count === 8);
  });

  test("a node that starts knows what is stored before anybody can call it", async () => {
    const process = await world.node("process", [owner]);
    await change(process, "9/24h");
    const sms = await world.node("sms", [going("sms")]);
    expect(await limitOf(sms, "sms")).toMatchObject({ count: 9 });
  });

  test("a node that cannot ask keeps what it has, and learns of what it missed when the owner is back", async () => {
    const first = await world.node("process", [owner]);
    await change(first, "10/24h");
    const sms = await world.node("sms", [going("sms")]);
    await first.stop();
    await settingsOf(sms).look();
    expect(await limitOf(sms, "sms")).toMatchObject({ count: 10 });
    const second = await world.node("process", [owner]);
    await changeUnheard(second, "11/24h");
    await until("the node has caught up", async () => (await limitOf(sms, "sms"))?.count === 11);
  });

  test("beside owners that know nothing of settings yet a node starts by its environment and does not wait", async () => {
    await world.node("process", [older]);
    const sms = await world.node("sms", [going("sms")]);
    expect([await limitOf(sms, "sms"), settingsOf(sms).version]).toEqual([null, 0]);
  });

  test("a change on one owner that has been overtaken by another's is refused", async () => {
    const [one, other] = [await world.node("process", [owner]), await world.node("process", [owner])];
    const basedOn = settingsOf(one).version;
    const tries = [one, other].map((node, at) => change(node, `${20 + at}/24h`, basedOn).then(() => "changed", (error: { type: string }) => error.type));
    expect((await Promise.all(tries)).sort()).toEqual(["SETTINGS_CHANGED", "changed"]);
  });
});
