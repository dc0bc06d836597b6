import type { ServiceSchema } from "moleculer";
import { randomUUID } from "node:crypto";
import { CALLS, OUTSIDE, permissionsOf, permissionsOutside } from "../../deploy/nats/permissions.ts";
import { usersConf } from "../../deploy/nats/users-conf.ts";
import { SIGNING_COMPLETED, SIGNING_FAILED, VERIFICATION_COMPLETED } from "../../contract/events.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";
import { heard, natsWorld, packet, spoken, type NatsWorld } from "./nats-world.ts";

const KINDS = Object.keys(CALLS) as (keyof typeof CALLS)[];
/** What a node of the platform or one outside says and hears, and what nobody may. */
const SUBJECTS = [
  ...new Set([
    ...KINDS.flatMap((kind) => [...permissionsOf(kind, true).publish, ...permissionsOf(kind, true).subscribe, `MOL.EVENTB.${kind}.any`, `MOL.REQB.${kind}.any`, `MOL.REQ.${kind}.x`, `MOL.RES.${kind}.x`]),
    ...Object.keys(OUTSIDE).flatMap((user) => [...permissionsOutside(user).publish, ...permissionsOutside(user).subscribe]),
    "MOL.EVENTB.verification-bridge.verification.other", "MOL.EVENTB.process.verification.completed", "MOL.PING", ">", "MOL.>", "MOL.EVENT.>", "$SYS.>",
  ]),
];
const withoutWildcard = SUBJECTS.filter((subject) => !/[*>]/.test(subject));
const body = { verificationId: "VER_1", processId: "ESIGN_PROC_1", status: "SUCCESS", callbackToken: "token" };
/** What a system sends that is no node (docs/deployment.md). */
const sent = (data: object): Uint8Array =>
  packet("verification-system", { id: randomUUID(), event: VERIFICATION_COMPLETED, data, groups: ["verification-bridge"], broadcast: false, meta: {}, level: 1 });

describeWithOwn(["nats"], "outside systems on the bus", () => {
  let world: NatsWorld;
  beforeEach(async () => {
    world = await natsWorld({ withOutside: true });
  });
  afterEach(() => world.stop());

  test("the wallet hears how signings ended", async () => {
    const told: unknown[] = [];
    const wallet: ServiceSchema = { name: "wallet", events: { [SIGNING_COMPLETED]: (ctx) => void told.push(ctx.params), [SIGNING_FAILED]: (ctx) => void told.push(ctx.params) } };
    await world.node("wallet", [wallet]);
    const notifier = await world.node("notifier", [{ name: "notifier" }]);
    const listens = () => (notifier.registry.getEventList({ onlyAvailable: true } as never) as unknown as { name: string }[]).some(({ name }) => name === SIGNING_FAILED);
    await until("the notifier knows its listener", listens);
    await notifier.broadcast(SIGNING_COMPLETED, { eventId: "EVT_1" });
    await notifier.broadcast(SIGNING_FAILED, { eventId: "EVT_2" });
    await until("both have come", () => told.length === 2);
    expect(told).toEqual([{ eventId: "EVT_1" }, { eventId: "EVT_2" }]);
  });

  test("one of two copies of the bridge gets what the verification system sends", async () => {
    const got: string[] = [];
    const bridge = (copy: string): ServiceSchema => ({ name: "verification-bridge", events: { [VERIFICATION_COMPLETED]: (ctx) => void got.push(`${copy} ${(ctx.params as typeof body).callbackToken}`) } });
    await world.node("verification-bridge", [bridge("one")]);
    await world.node("verification-bridge", [bridge("two")]);
    const system = await world.thief("verification-system");
    for (const callbackToken of ["a", "b"]) system.publish(`MOL.EVENTB.verification-bridge.${VERIFICATION_COMPLETED}`, sent({ ...body, callbackToken }));
    await until("both have come", () => got.length >= 2);
    expect(got.map((entry) => entry.split(" ")[1]).toSorted()).toEqual(["a", "b"]);
  });

  test.each(Object.keys(OUTSIDE))("%s hears and says what it is there for and nothing else", async (user) => {
    const { publish, subscribe } = permissionsOutside(user);
    const client = await world.thief(user);
    expect(await heard(client, SUBJECTS)).toEqual(SUBJECTS.filter((subject) => subscribe.includes(subject)));
    expect(await spoken(client, withoutWildcard)).toEqual(withoutWildcard.filter((subject) => publish.includes(subject)));
  });

  test("nobody but the notifier may speak to the wallet", async () => {
    const allowed = await Promise.all(KINDS.map(async (kind) => [kind, await spoken(await world.thief(kind), ["MOL.EVENT.wallet.x"])] as const));
    expect(allowed.filter(([, subjects]) => subjects.length).map(([kind]) => kind)).toEqual(["notifier"]);
  });
});

describe("users.conf", () => {
  test("knows no outside system until it is asked to", () => {
    for (const user of Object.keys(OUTSIDE)) expect([usersConf().includes(`"${user}"`), usersConf(true).includes(`user: "${user}"`)]).toEqual([false, true]);
    expect(usersConf()).not.toContain("MOL.EVENT.wallet");
  });
});
