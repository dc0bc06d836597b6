import { createHash } from "node:crypto";
import { listCallers, NOON, notifierWorld, outcomeFor, SECRETS } from "./notifier-node.ts";
import { webhookSignature } from "../../services/notifier/webhook-signature.ts";
import type { RecordParams } from "../../services/notifier/notifier.api.ts";
import { until } from "../until.ts";
import { hangUp, json, silent, type Reply } from "./outside-system.ts";

let world: Awaited<ReturnType<typeof notifierWorld>>;
beforeAll(async () => {
  world = await notifierWorld();
});
afterEach(() => {
  world.wallet.script.length = 0;
  world.chain.failing = false;
  world.at(0);
  listCallers({});
});
afterAll(() => world.end());

const outcome = (more: object = {}) => outcomeFor(`${world.wallet.url}/callback?tenant=7`, more);
const callsOf = ({ event }: RecordParams) => world.wallet.calls.filter((call) => call.headers["webhook-id"] === event.eventId);
const appendedOf = ({ event }: RecordParams) => world.chain.appended.flatMap(({ items }) => items).filter((item) => item.data["eventId"] === event.eventId);
const settled = ({ event }: RecordParams) => world.delivery(event.eventId, (delivery) => delivery.state !== "PENDING" && delivery.evidenceOwed.length === 0);
const tried = ({ event }: RecordParams, times: number) => world.delivery(event.eventId, (delivery) => delivery.attempts.length === times);

test("an event is delivered once with both signatures, the wallet's own business id and evidence of it", async () => {
  const params = outcome();
  expect(await world.record(params)).toEqual({ eventId: params.event.eventId });
  expect(await settled(params)).toMatchObject({ state: "DELIVERED", attempts: [{ at: "2026-01-01T12:00:00Z", outcome: "DELIVERED", status: 200 }] });
  const [call, ...more] = callsOf(params);
  expect(more).toEqual([]);
  expect(call!.json).toEqual(params.event);
  expect(call).toMatchObject({ method: "POST", path: "/callback?tenant=7", headers: { "x-system-code": "ESIGN", "x-business-id": params.businessId, "webhook-timestamp": String(NOON / 1000) } });
  const expected = SECRETS.map((secret) => `v1,${webhookSignature(params.event.eventId, NOON / 1000, call!.raw, secret)}`).join(" ");
  expect(call!.headers["webhook-signature"]).toBe(expected);
  expect(appendedOf(params)).toEqual([
    {
      key: `CALLBACK:${params.event.eventId}:1`,
      type: "CALLBACK",
      at: "2026-01-01T12:00:00Z",
      data: { eventId: params.event.eventId, attempt: 1, outcome: "DELIVERED", httpStatus: 200, bodySha256: createHash("sha256").update(call!.raw).digest("hex") },
    },
  ]);
});

test.each([
  ["SIGNING_PROCESS_COMPLETED", "signing.completed"],
  ["SIGNING_PROCESS_FAILED", "signing.failed"],
] as const)("%s is broadcast as %s", async (type, name) => {
  const params = outcome({ type });
  await world.record(params);
  expect(world.broadcasts.filter(({ event }) => event.eventId === params.event.eventId)).toEqual([{ name, event: params.event }]);
  await settled(params);
});

test("an event handed over twice is delivered once, and its first words stay", async () => {
  const params = outcome();
  const changed = { ...params, event: { ...params.event, timestamp: "2030-01-01T00:00:00Z" }, callbackUrl: "http://127.0.0.1:9/elsewhere" };
  await world.record(params);
  await Promise.all([world.record(changed), world.record(changed)]);
  await settled(params);
  expect(callsOf(params).map((call) => call.json)).toEqual([params.event]);
  expect(world.broadcasts.filter(({ event }) => event.eventId === params.event.eventId)).toHaveLength(1);
});

test("who dies between the event and its delivery is completed by the repeat of the call, with the first words", async () => {
  const params = outcome();
  const dying = await world.start();
  dying.service.collections.deliveries.insert = () => Promise.reject(new Error("killed"));
  await expect(world.record(params, dying)).rejects.toThrow("killed");
  await dying.stop();
  await world.record({ ...params, event: { ...params.event, timestamp: "2030-01-01T00:00:00Z" } });
  await settled(params);
  expect(callsOf(params).map((call) => call.json)).toEqual([params.event]);
});

test("who dies before the wake-up leaves the delivery to the sweep", async () => {
  const params = outcome();
  const dying = await world.start();
  dying.service.wake = () => undefined;
  await world.record(params, dying);
  await dying.stop();
  expect(callsOf(params)).toHaveLength(0);
  await world.sweep();
  expect(callsOf(params)).toHaveLength(1);
});

test("who dies in the middle of a try has it made again when the lease is over", async () => {
  const params = outcome();
  const dying = await world.start();
  const { deliveries } = dying.service.collections;
  const replace = deliveries.replaceIfVersion;
  let writes = 0;
  deliveries.replaceIfVersion = (delivery) => (++writes === 1 ? replace(delivery) : Promise.reject(new Error("killed")));
  await world.record(params, dying);
  await world.wallet.arrived(world.wallet.calls.length + (callsOf(params).length === 0 ? 1 : 0));
  await dying.stop();
  await world.sweep();
  expect(callsOf(params)).toHaveLength(1);
  world.at(1_500 + 15_000);
  await world.sweep();
  expect(callsOf(params)).toHaveLength(2);
  expect(new Set(callsOf(params).map((call) => call.raw)).size).toBe(1);
  expect(await settled(params)).toMatchObject({ state: "DELIVERED", attempts: [{ outcome: "DELIVERED" }] });
});

test("two nodes that sweep at the same time make one try", async () => {
  const params = outcome();
  const [one, other] = [await world.start(), await world.start()];
  one.service.wake = () => undefined;
  await world.record(params, one);
  await Promise.all([one, other, world.node].map((node) => world.sweep(node)));
  await settled(params);
  expect(callsOf(params)).toHaveLength(1);
  await one.stop();
  await other.stop();
});

test("a wallet that comes back gets the same bytes after 5 s and 30 s, each with a signature of its own time", async () => {
  const params = outcome();
  world.wallet.script.push(hangUp, json({}, 500));
  await world.record(params);
  expect((await tried(params, 1)).nextAt).toEqual(new Date(NOON + 5_000));
  world.at(5_000);
  await world.sweep();
  expect((await tried(params, 2)).nextAt).toEqual(new Date(NOON + 35_000));
  world.at(34_999);
  await world.sweep();
  expect(callsOf(params)).toHaveLength(2);
  world.at(35_000);
  await world.sweep();
  expect(await settled(params)).toMatchObject({
    state: "DELIVERED",
    attempts: [{ outcome: "FAILED", status: null }, { outcome: "FAILED", status: 500 }, { outcome: "DELIVERED", status: 200 }],
  });
  expect(new Set(callsOf(params).map((call) => call.raw)).size).toBe(1);
  expect(callsOf(params).map((call) => call.headers["webhook-timestamp"])).toEqual([0, 5, 35].map((seconds) => String(NOON / 1000 + seconds)));
  expect(appendedOf(params).map((item) => item.key)).toEqual([`CALLBACK:${params.event.eventId}:3`]);
});

test("when the schedule is used up the delivery is parked with an alert and evidence, and a replay starts anew", async () => {
  const params = outcome();
  const logged = jest.spyOn(world.node.service.logger, "error").mockClear().mockImplementation(() => undefined);
  world.wallet.script.push(...Array.from({ length: 3 }, () => json({ code: "BUSY" })));
  await world.record(params);
  await tried(params, 1);
  for (const at of [5_000, 35_000, 999_000]) {
    world.at(at);
    await world.sweep();
  }
  expect(await settled(params)).toMatchObject({ state: "PARKED", attempts: Array(3).fill(expect.objectContaining({ outcome: "REFUSED", status: 200 })) });
  expect(logged.mock.calls.map(([, facts]) => facts)).toContainEqual(expect.objectContaining({ alert: "CALLBACK_PARKED", eventId: params.event.eventId }));
  expect(appendedOf(params)).toEqual([expect.objectContaining({ data: expect.objectContaining({ attempt: 3, outcome: "PARKED" }) as object })]);

  world.wallet.script.push(hangUp);
  const { eventId } = params.event;
  expect(await world.node.call("notifier.replay", { eventId })).toEqual({ eventId, state: "PENDING" });
  await tried(params, 4);
  expect(await world.node.call("notifier.replay", { eventId })).toEqual({ eventId, state: "PENDING" });
  world.at(999_000 + 5_000);
  await world.sweep();
  expect(await settled(params)).toMatchObject({ state: "DELIVERED" });
  expect(appendedOf(params).map((item) => item.key)).toEqual([3, 5].map((number) => `CALLBACK:${eventId}:${number}`));
});

test("a delivered event can be replayed, an unknown one is 404", async () => {
  const params = outcome();
  await world.record(params);
  await settled(params);
  await world.node.call("notifier.replay", { eventId: params.event.eventId });
  await tried(params, 2);
  expect(callsOf(params)).toHaveLength(2);
  await expect(world.node.call("notifier.replay", { eventId: "EVT_SIGN_NONE" })).rejects.toMatchObject({ type: "NOT_FOUND", code: 404 });
});

test.each<[string, Reply, object]>([
  ["410 parks it at once", json({}, 410), { state: "PARKED", attempts: [{ outcome: "GONE", status: 410 }] }],
  ["a redirect is a failure and is not followed", json({}, 307, { location: "/callback" }), { state: "PENDING", attempts: [{ outcome: "FAILED", status: 307 }] }],
  ["a silent wallet is a failure", silent, { state: "PENDING", attempts: [{ outcome: "FAILED", status: null }] }],
  ["a body that breaks off is a failure", (response) => (response.writeHead(200, { "content-length": "10" }), response.write("{"), response.socket!.end()), { state: "PENDING", attempts: [{ outcome: "FAILED", status: 200 }] }],
  ["an answer too long to read is delivered", json("x".repeat(200_000)), { state: "DELIVERED", attempts: [{ outcome: "DELIVERED", status: 200 }] }],
  ["a code of its own takes the 200 back", json({ code: "E1" }), { state: "PENDING", attempts: [{ outcome: "REFUSED", status: 200 }] }],
])("%s", async (_, reply, expected) => {
  const params = outcome();
  world.wallet.script.push(reply);
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject(expected);
  expect(callsOf(params)).toHaveLength(1);
});

test.each([
  ["120", 120_000],
  ["86400", 3_600_000],
  ["1", 5_000],
])("Retry-After: %s puts the next try %i ms ahead", async (header, ahead) => {
  const params = outcome();
  world.wallet.script.push(json({}, 503, { "retry-after": header }));
  await world.record(params);
  expect((await tried(params, 1)).nextAt).toEqual(new Date(NOON + ahead));
});

test.each([
  ["the host is no longer listed", { callbackHosts: ["wallet.example.com"] }, "HOST_NOT_ALLOWED"],
  ["the wallet has no secret", { webhookSecrets: [] }, "NO_SECRET"],
])("when %s nothing is sent, and the try is made again later", async (_, wallet, reason) => {
  const params = outcome();
  listCallers(wallet);
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject({ state: "PENDING", attempts: [{ outcome: reason, status: null }] });
  expect(callsOf(params)).toHaveLength(0);
  listCallers({});
  world.at(5_000);
  await world.sweep();
  expect(await settled(params)).toMatchObject({ state: "DELIVERED" });
});

test("a new webhook secret holds from the next try on, without a restart", async () => {
  const params = outcome();
  listCallers({ webhookSecrets: [SECRETS[1]] });
  await world.record(params);
  await settled(params);
  const [call] = callsOf(params);
  expect(call!.headers["webhook-signature"]).toBe(`v1,${webhookSignature(params.event.eventId, NOON / 1000, call!.raw, SECRETS[1]!)}`);
});

test("evidence that cannot be appended stays owed until the chain is back", async () => {
  const params = outcome();
  world.chain.failing = true;
  await world.record(params);
  const owing = await world.delivery(params.event.eventId, (delivery) => delivery.owedAt?.getTime() === NOON + 10_000);
  expect(owing).toMatchObject({ state: "DELIVERED", evidenceOwed: [{ number: 1, outcome: "DELIVERED" }] });
  world.chain.failing = false;
  world.at(10_000);
  await world.sweep();
  expect((await settled(params)).owedAt).toBeUndefined();
  expect(appendedOf(params)).toHaveLength(1);
  expect(callsOf(params)).toHaveLength(1);
});

test("evidence that comes to be owed while other evidence is appended is not struck off with it", async () => {
  const params = outcome();
  const { eventId } = params.event;
  const { wake } = world.node.service;
  world.chain.meanwhile = async () => {
    world.node.service.wake = () => undefined;
    await world.node.call("notifier.replay", { eventId });
    world.chain.failing = true;
    await world.node.service.sweepNow();
    await world.delivery(eventId, (delivery) => delivery.attempts.length === 2 && delivery.owedAt?.getTime() === NOON + 10_000);
    world.chain.failing = false;
    world.node.service.wake = wake;
  };
  await world.record(params);
  const owing = await world.delivery(eventId, (delivery) => delivery.attempts.length === 2 && delivery.evidenceOwed.length === 1);
  expect(owing).toMatchObject({ evidenceOwed: [{ number: 2 }], owedAt: new Date(NOON + 10_000) });
  world.at(10_000);
  await world.sweep();
  await settled(params);
  expect(appendedOf(params).map((item) => item.key)).toEqual([1, 2].map((number) => `CALLBACK:${eventId}:${number}`));
});

test("a node whose append came to nothing leaves nothing due when another has paid the debt meanwhile", async () => {
  const params = outcome();
  const { eventId } = params.event;
  const asleep = await world.start();
  world.chain.meanwhile = async () => {
    world.at(15_000);
    await world.sweep();
    expect((await settled(params)).owedAt).toBeUndefined();
    world.chain.failing = true;
  };
  await world.record(params, asleep);
  await until("the append has come to nothing", async () => world.chain.failing);
  await asleep.service.lanes.idle();
  await asleep.stop();
  world.chain.failing = false;
  expect(await world.deliveryOf(eventId)).toMatchObject({ state: "DELIVERED", evidenceOwed: [] });
  expect((await world.deliveryOf(eventId))!.owedAt).toBeUndefined();
  expect(appendedOf(params)).toHaveLength(1);
});

test("a try that outlived its lease and failed does not undo another node's delivery", async () => {
  const params = outcome();
  const slow = await world.start();
  const held = new Promise<() => void>((resolve) => world.wallet.script.push((response, call) => resolve(() => json({}, 500)(response, call))));
  await world.record(params, slow);
  const release = await held;
  world.at(1_500 + 15_000);
  await world.sweep();
  await settled(params);
  release();
  expect(await tried(params, 2)).toMatchObject({ state: "DELIVERED", attempts: [{ outcome: "DELIVERED" }, { outcome: "FAILED", status: 500 }] });
  await slow.stop();
});

test("a second outcome of the same process is refused", async () => {
  const params = outcome();
  await world.record(params);
  const second = outcome();
  second.event.payload.processId = params.event.payload.processId;
  await expect(world.record(second)).rejects.toMatchObject({ type: "INTERNAL_ERROR" });
  await settled(params);
});
