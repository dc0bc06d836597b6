import { createServer, type AddressInfo } from "node:net";
import { webhookSignature } from "../../services/notifier/webhook-signature.ts";
import type { RecordParams } from "../../services/notifier/notifier.api.ts";
import { listCallers, NOON, notifierWorld, outcomeFor, SECRETS } from "./notifier-node.ts";
import { hangUp, json, outsideSystem, silent } from "./outside-system.ts";
import { rawWallet, type Script } from "./raw-wallet.ts";
import { until } from "../until.ts";

let world: Awaited<ReturnType<typeof notifierWorld>>;
let raw: Awaited<ReturnType<typeof rawWallet>>;
/** Waits longer than any test: what ends there was not ended by the clock, however slow the machine is. */
let patient: typeof world.node;
beforeAll(async () => {
  world = await notifierWorld();
  patient = await world.start({ timeoutMs: 60_000 });
  raw = await rawWallet();
});
afterEach(async () => {
  await world.giveUp();
  world.wallet.script.length = 0;
  world.at(0);
  listCallers({});
}, 30_000);
afterAll(async () => {
  await raw.close();
  await patient.stop();
  await world.end();
});

const callsOf = ({ event }: RecordParams) => world.wallet.calls.filter((call) => call.headers["webhook-id"] === event.eventId);
const tried = ({ event }: RecordParams, times: number) => world.delivery(event.eventId, (delivery) => delivery.attempts.length === times);
const outcome = () => outcomeFor(`${world.wallet.url}/callback`);

/** What the kernel takes off a writer's hands on loopback before anybody reads it, generously; an endless answer is far beyond. */
const BUFFERED = 24 * 1024 * 1024;
const OK = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

test.each<[string, Script, string, number | null]>([
  ["a body of 5 GB by its length", { head: `${OK}Content-Length: 5368709120\r\n\r\n`, endless: "x".repeat(65_536) }, "DELIVERED", 200],
  ["a body without length and end", { head: `${OK}Connection: close\r\n\r\n`, endless: "x".repeat(65_536) }, "DELIVERED", 200],
  ["chunks without end", { head: `${OK}Transfer-Encoding: chunked\r\n\r\n`, endless: `1000\r\n${"x".repeat(4_096)}\r\n` }, "DELIVERED", 200],
  ["an endless body of a refusal", { head: "HTTP/1.1 500 Broken\r\nConnection: close\r\n\r\n", endless: "x".repeat(65_536) }, "FAILED", 500],
  ["the framing of one chunk without end", { head: `${OK}Transfer-Encoding: chunked\r\n\r\n1;`, endless: "e".repeat(65_536) }, "DELIVERED", 200],
  ["headers without end", { head: "HTTP/1.1 200 OK\r\n", endless: `X-Flood: ${"y".repeat(200)}\r\n` }, "FAILED", null],
  ["one header without end", { head: "HTTP/1.1 200 OK\r\nX-Flood: ", endless: "y".repeat(65_536) }, "FAILED", null],
  ["interim answers without end", { head: "", endless: "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n" }, "FAILED", null],
  ["trailers without end", { head: `${OK}Transfer-Encoding: chunked\r\n\r\n0\r\n`, endless: `X-Flood: ${"y".repeat(200)}\r\n` }, "FAILED", 200],
  ["no HTTP at all", { head: "", endless: "SSH-2.0-OpenSSH_9.6\r\n" }, "FAILED", null],
])("of %s only the beginning is read, and the connection ends", async (_, script, expected, status) => {
  raw.says(script);
  const params = outcomeFor(raw.url);
  await world.record(params, patient);
  expect(await tried(params, 1)).toMatchObject({ attempts: [{ outcome: expected, status }] });
  await raw.hungUp();
  expect(raw.state.connections).toBe(1);
  expect(raw.state.sent).toBeLessThan(BUFFERED);
});

test.each<[string, Script, number | null]>([
  ["the first byte", { head: "" }, null],
  ["its status line", { head: "HTTP/1.1 200" }, null],
  ["the end of its headers", { head: `${OK}Content-Length: 30\r\n` }, null],
  ["the end of its body", { head: `${OK}Content-Length: 30\r\n\r\n{"code":` }, 200],
])("a wallet that stops before %s has its try ended by the timeout, and the try failed", async (_, script, status) => {
  raw.says(script);
  const params = outcomeFor(raw.url);
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject({ state: "PENDING", attempts: [{ outcome: "FAILED", status }] });
  await raw.hungUp();
});

test.each([301, 302, 303, 307, 308])("a %i to another place is a failure, and that place is never called", async (status) => {
  const elsewhere = await outsideSystem(json({ code: "SUCCESS" }));
  world.wallet.script.push(json({ code: "SUCCESS" }, status, { location: `${elsewhere.url}/inside` }));
  const params = outcome();
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject({ state: "PENDING", attempts: [{ outcome: "FAILED", status }] });
  expect(elsewhere.calls).toEqual([]);
  await elsewhere.close();
});

test("a refused connection is a failure, and the delivery goes on by its schedule", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  const params = outcomeFor(`http://127.0.0.1:${port}/callback`);
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject({ state: "PENDING", nextAt: new Date(NOON + 5_000), attempts: [{ outcome: "FAILED", status: null }] });
});

test.each([
  ["in seconds", "1800", 1_800_000],
  ["as a date", new Date(NOON + 600_000).toUTCString(), 600_000],
  ["of a day, kept to an hour", new Date(NOON + 86_400_000).toUTCString(), 3_600_000],
  ["longer than any number, kept to an hour", "9".repeat(400), 3_600_000],
  ["of the past, which leaves the schedule", new Date(NOON - 60_000).toUTCString(), 5_000],
  ["that means nothing, which leaves the schedule", "-30", 5_000],
])("Retry-After %s is honoured", async (_, header, ahead) => {
  world.wallet.script.push(json({}, 429, { "retry-after": header }));
  const params = outcome();
  await world.record(params);
  expect((await tried(params, 1)).nextAt).toEqual(new Date(NOON + ahead));
});

test("what was parked is replayed with the same id and the same bytes, signed for its own moment", async () => {
  world.wallet.script.push(json({}, 410));
  const params = outcome();
  await world.record(params);
  expect(await tried(params, 1)).toMatchObject({ state: "PARKED", attempts: [{ outcome: "GONE", status: 410 }] });
  for (const later of [5_000, 86_400_000]) {
    world.at(later);
    await world.sweep();
  }
  expect(callsOf(params)).toHaveLength(1);
  await world.node.call("notifier.replay", { eventId: params.event.eventId });
  expect(await tried(params, 2)).toMatchObject({ state: "DELIVERED" });
  const [first, second] = callsOf(params);
  expect(second!.raw).toBe(first!.raw);
  const fixed = ["webhook-id", "x-system-code", "x-business-id", "content-type"] as const;
  for (const name of fixed) expect(second!.headers[name]).toBe(first!.headers[name]);
  expect([first, second].map((call) => Number(call!.headers["webhook-timestamp"]) - NOON / 1000)).toEqual([0, 86_400]);
  const signedThen = webhookSignature(params.event.eventId, NOON / 1000 + 86_400, second!.raw, SECRETS[0]!);
  expect(second!.headers["webhook-signature"]).toContain(`v1,${signedThen}`);
});

describe("a hundred healthy hosts beside a dead one", () => {
  const DEAD = 60;
  const SHARE = 8;
  test("are all served while the dead one holds its first tries, and it gets no more of them at once", async () => {
    const dead = await outsideSystem(silent);
    const node = patient;
    node.service.resolve = (_host, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
    const toDead = Array.from({ length: DEAD }, (_, i) => outcomeFor(`http://dead.test:${dead.port}/${i}`));
    const healthy = Array.from({ length: 100 }, (_, i) => outcomeFor(`http://healthy-${i}.test:${world.wallet.port}/callback`));
    await Promise.all(toDead.map((params) => world.record(params, node)));
    await dead.arrived(SHARE);
    await Promise.all(healthy.map((params) => world.record(params, node)));
    for (const params of healthy) await world.delivery(params.event.eventId, ({ state }) => state === "DELIVERED");
    // Nobody waited for the dead one: none of its tries had come to an end.
    const ofDead = await Promise.all(toDead.map(({ event }) => world.deliveryOf(event.eventId)));
    const open = dead.calls.length;
    expect([open, ofDead.filter((delivery) => delivery!.attempts.length > 0).length]).toEqual([SHARE, 0]);
    // Those that wait in its line are not found due again by a sweep meanwhile.
    await node.service.sweepNow();
    expect(dead.calls).toHaveLength(SHARE);

    await dead.close();
    await node.service.lanes.idle();
    const after = await Promise.all(toDead.map(({ event }) => world.deliveryOf(event.eventId)));
    expect(after.map((delivery) => delivery!.attempts)).toEqual(Array(DEAD).fill([expect.objectContaining({ outcome: "FAILED", status: null })]));
    node.service.resolve = undefined;
  }, 30_000);

  test("those that waited in line when the node died are tried by the next one", async () => {
    const dead = await outsideSystem(silent);
    const dying = await world.start({ timeoutMs: 60_000 });
    const waiting = Array.from({ length: SHARE + 1 }, () => outcomeFor(`${dead.url}/callback`));
    for (const params of waiting) await world.record(params, dying);
    await dead.arrived(SHARE);
    await until("the last one waits in line", () => dying.service.lanes.length("127.0.0.1") === 1);
    // As far as this node's memory goes it is dead now, and gives nothing back; the tries under way end with the wallet.
    const { deliveries } = dying.service.collections;
    const replace = deliveries.replaceIfVersion;
    deliveries.replaceIfVersion = () => Promise.reject(new Error("killed"));
    const stopping = dying.service.lanes.stop();
    deliveries.replaceIfVersion = replace;
    await dead.close();
    await stopping;
    await dying.stop();
    const untried = (await Promise.all(waiting.map(({ event }) => world.deliveryOf(event.eventId)))).filter((delivery) => delivery!.attempts.length === 0);
    expect(untried).toMatchObject([{ nextAt: new Date(NOON + 120_000) }]);
    world.at(120_000);
    await world.sweep();
    expect(await world.deliveryOf(untried[0]!._id)).toMatchObject({ attempts: [{ outcome: "FAILED" }] });
  }, 30_000);

  test("a node that has waited longer than its lease makes no try that another one has taken over", async () => {
    const wallet = await outsideSystem(hangUp);
    const held: (() => void)[] = [];
    const slow = await world.start({ timeoutMs: 60_000 });
    wallet.script.push(...Array.from({ length: SHARE }, () => (response: Parameters<typeof hangUp>[0]) => void held.push(() => response.writeHead(500).end())));
    const params = Array.from({ length: SHARE + 1 }, () => outcomeFor(`${wallet.url}/callback`));
    for (const one of params) await world.record(one, slow);
    await wallet.arrived(SHARE);
    const untried = params.find(({ event }) => !wallet.calls.some((call) => call.headers["webhook-id"] === event.eventId))!;
    await world.delivery(untried.event.eventId, ({ nextAt }) => nextAt!.getTime() > NOON);
    world.at(120_000);
    await world.sweep();
    const byOther = wallet.calls.filter((call) => call.headers["webhook-id"] === untried.event.eventId).length;
    for (const release of held) release();
    await slow.service.lanes.idle();
    expect([byOther, wallet.calls.filter((call) => call.headers["webhook-id"] === untried.event.eventId).length]).toEqual([1, 1]);
    await slow.stop();
    await wallet.close();
  }, 30_000);
});
