import type { RecordParams } from "../../services/notifier/notifier.api.ts";
import { until } from "../until.ts";
import { NOON, notifierWorld, outcomeFor } from "./notifier-node.ts";
import { json, outsideSystem, type Reply } from "./outside-system.ts";

const SHARE = 8;
const ROOM = 200;
const MINUTE = 60_000;
const OK = json({ code: "SUCCESS" });

let world: Awaited<ReturnType<typeof notifierWorld>>;
beforeAll(async () => {
  world = await notifierWorld({ timeoutMs: 60_000 });
});
afterAll(() => world.end());

/** A wallet that keeps every call open; from `back` on it is well, and what it held open has failed. */
async function hangingWallet() {
  const held: (() => void)[] = [];
  let well = false;
  const hanging: Reply = (response, call) => (well ? OK(response, call) : void held.push(() => json({}, 503)(response, call)));
  const system = await outsideSystem(hanging);
  const back = (): void => {
    well = true;
    for (const answer of held.splice(0)) answer();
  };
  return { ...system, back };
}
const present = (all: RecordParams[]) => Promise.all(all.map(async ({ event }) => (await world.deliveryOf(event.eventId))!));

test("of a thousand callbacks to a host that hangs a few wait in memory and are seldom written, others are not held up, and all arrive when it is back", async () => {
  const hanging = await hangingWallet();
  const { service } = world.node;
  service.resolve = (_host, _options, callback) => callback(null, [{ address: "127.0.0.1", family: 4 }]);
  const toHanging = Array.from({ length: 1_000 }, (_, i) => outcomeFor(`http://hanging.test:${hanging.port}/${i}`));
  const ids = new Set(toHanging.map(({ event }) => event.eventId));
  let longest = 0;
  const enter = service.lanes.enter.bind(service.lanes);
  service.lanes.enter = (...of) => {
    const entered = enter(...of);
    longest = Math.max(longest, service.lanes.length("hanging.test"));
    return entered;
  };
  const writes = new Map<string, number>();
  const { deliveries } = service.collections;
  const replace = deliveries.replaceIfVersion;
  deliveries.replaceIfVersion = (doc) => (writes.set(doc._id, (writes.get(doc._id) ?? 0) + 1), replace(doc));

  await Promise.all(toHanging.map((params) => world.record(params)));
  await until("every one of them is under way, in line or put off", async () => (await present(toHanging)).every(({ nextAt }) => nextAt!.getTime() > NOON));
  expect((await present(toHanging)).filter(({ putOff }) => putOff)).toHaveLength(1_000 - SHARE - ROOM);
  const healthy = outcomeFor(`http://healthy.test:${world.wallet.port}/callback`);
  await world.record(healthy);
  await world.delivery(healthy.event.eventId, ({ state }) => state === "DELIVERED");

  let now = 0;
  const pass = async (until: number): Promise<void> => {
    for (; now < until; now += 10_000) {
      world.at(now);
      await service.sweepNow();
    }
  };
  await pass(10 * MINUTE);
  writes.clear();
  await pass(30 * MINUTE);
  const putOff = (await present(toHanging)).filter((delivery) => delivery.putOff);
  expect(Math.max(...putOff.map(({ _id }) => writes.get(_id) ?? 0))).toBeLessThanOrEqual(2);
  expect([longest, hanging.calls.length, (await present(toHanging)).flatMap(({ attempts }) => attempts)]).toEqual([ROOM, SHARE, []]);

  const failing = new Set(hanging.calls.map((call) => call.headers["webhook-id"]));
  hanging.back();
  for (let delivered = 0; delivered < 1_000; now += 10_000) {
    world.at(now);
    await world.sweep();
    delivered = (await present(toHanging)).filter(({ state }) => state === "DELIVERED").length;
    expect(now).toBeLessThan(45 * MINUTE);
  }
  const tries = (await present(toHanging)).map(({ _id, attempts, putOff }) => [_id, attempts.map(({ outcome }) => outcome), putOff]);
  expect(tries).toEqual(toHanging.map(({ event: { eventId } }) => [eventId, failing.has(eventId) ? ["FAILED", "DELIVERED"] : ["DELIVERED"], undefined]));
  expect(hanging.calls.filter((call) => ids.has(String(call.headers["webhook-id"])))).toHaveLength(1_000 + SHARE);
  expect(longest).toBe(ROOM);
  deliveries.replaceIfVersion = replace;
  service.resolve = undefined;
  world.at(0);
  await hanging.close();
});

test("a stop gives back what waits in line: it is due as before, and the next node tries it at once", async () => {
  const hanging = await hangingWallet();
  const stopped = await world.start();
  const params = Array.from({ length: 30 }, () => outcomeFor(`${hanging.url}/callback`));
  for (const one of params) await world.record(one, stopped);
  await hanging.arrived(SHARE);
  await until("the others are in line", async () => (await present(params)).every(({ nextAt }) => nextAt!.getTime() > NOON));
  const called = new Set(hanging.calls.map((call) => call.headers["webhook-id"]));
  const stopping = stopped.service.lanes.stop();
  hanging.back();
  await stopping;
  await stopped.stop();
  const waited = (await present(params)).filter(({ _id }) => !called.has(_id));
  expect(waited.map(({ attempts, nextAt }) => [attempts, nextAt])).toEqual(Array(30 - SHARE).fill([[], new Date(NOON)]));

  await world.sweep();
  expect((await present(params)).filter(({ state }) => state === "DELIVERED")).toHaveLength(30 - SHARE);
  await hanging.close();
});

test("what comes to its lane while the node stops is given back as well", async () => {
  const stopped = await world.start();
  const params = outcomeFor(`${world.wallet.url}/callback`);
  const { lanes } = stopped.service;
  const { deliveries } = stopped.service.collections;
  const replace = deliveries.replaceIfVersion;
  deliveries.replaceIfVersion = async (doc) => {
    const leased = await replace(doc);
    deliveries.replaceIfVersion = replace;
    await lanes.stop();
    return leased;
  };
  await world.record(params, stopped);
  await until("it has been leased and given back", async () => lanes.stopped && (await present([params]))[0]!.nextAt!.getTime() === NOON);
  await stopped.stop();
  await world.sweep();
  expect(await present([params])).toMatchObject([{ state: "DELIVERED", attempts: [{ outcome: "DELIVERED" }] }]);
});
