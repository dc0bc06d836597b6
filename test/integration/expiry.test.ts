import "./settings-of-this-test.ts";
import { clock } from "../../mixins/clock.ts";
import expiry, { type ExpiryService } from "../../services/expiry/expiry.service.ts";
import type { ExpireOutcome } from "../../services/process/process.api.ts";
import { until } from "../until.ts";
import { nodeWith } from "./node-with.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const iso = (ms: number): string => new Date(NOON + ms).toISOString();

let now = NOON;
let asked: string[] = [];
let answer: (processId: string) => ExpireOutcome | Promise<ExpireOutcome>;
const process = { name: "process", actions: { expire: ({ processId }: { processId: string }) => (asked.push(processId), answer(processId)) } };
const start = () => nodeWith<ExpiryService>(expiry, {}, [process]);
let node: Awaited<ReturnType<typeof start>>;

const set = (processId: string, ms: number, on = node) => on.call("expiry.set", { processId, at: iso(ms) });
const wakeUpOf = async (processId: string) => (await node.service.collections.wakeUps.get(processId))?.dueAt.toISOString() ?? null;
const sweepAt = async (ms: number) => {
  now = NOON + ms;
  asked = [];
  await node.service.sweepNow();
  return asked.toSorted();
};

beforeAll(async () => {
  clock.use(() => now);
  node = await start();
});
beforeEach(async () => {
  now = NOON;
  asked = [];
  answer = () => ({ next: null });
  for (const wakeUp of await node.service.collections.wakeUps.find({})) await node.service.collections.wakeUps.removeIfVersion(wakeUp);
});
afterAll(async () => {
  await node.stop();
  clock.use(Date.now);
});

test("a process is asked when its time has come, not before, and only once", async () => {
  await set("A", 10_000);
  await set("B", 20_000);
  expect(await sweepAt(9_999)).toEqual([]);
  expect(await sweepAt(10_000)).toEqual(["A"]);
  expect(await sweepAt(20_000)).toEqual(["B"]);
  expect(await sweepAt(999_000)).toEqual([]);
  expect([await wakeUpOf("A"), await wakeUpOf("B")]).toEqual([null, null]);
});

test("processes whose answer takes long do not keep the others waiting", async () => {
  const slow = Array.from({ length: 20 }, (_, i) => `SLOW_${i}`);
  let finish!: () => void;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  answer = async (processId) => {
    if (processId.startsWith("SLOW")) await finished;
    return { next: null };
  };
  for (const processId of slow) await set(processId, 10_000);
  await set("QUICK", 11_000);
  expect(await sweepAt(11_000)).toEqual(["QUICK", ...slow.toSorted()]);
  expect(await wakeUpOf("QUICK")).toBeNull();
  expect(await wakeUpOf("SLOW_0")).toBe(iso(11_000 + 30_000));
  finish();
  await until("all are done", async () => (await node.service.collections.wakeUps.count({})) === 0);
});

test.each([
  ["later", 10_000, 50_000],
  ["earlier", 50_000, 10_000],
  ["to the same time", 10_000, 10_000],
])("a wake-up set again %s counts as set last", async (_, first, last) => {
  await set("A", first);
  await set("A", last);
  expect(await wakeUpOf("A")).toBe(iso(last));
});

test("wake-ups set at the same time by several nodes leave one, that of one of them", async () => {
  const other = await start();
  await Promise.all([1, 2, 3, 4].flatMap((second) => [set("A", second * 1000), set("A", second * 1000, other)]));
  await other.stop();
  expect([1, 2, 3, 4].map((second) => iso(second * 1000))).toContain(await wakeUpOf("A"));
  expect(await node.service.collections.wakeUps.count({})).toBe(1);
});

test("the process says when to come back", async () => {
  answer = () => ({ next: iso(70_000) });
  await set("A", 10_000);
  expect(await sweepAt(10_000)).toEqual(["A"]);
  expect(await wakeUpOf("A")).toBe(iso(70_000));
});

test("a process that cannot answer is asked again after a pause and does not hold up the others", async () => {
  answer = (processId) => (processId === "A" ? Promise.reject(new Error("down")) : { next: null });
  await set("A", 10_000);
  await set("B", 11_000);
  expect(await sweepAt(11_000)).toEqual(["A", "B"]);
  expect(await sweepAt(11_001)).toEqual([]);
  answer = () => ({ next: null });
  expect(await sweepAt(41_000)).toEqual(["A"]);
  expect(await wakeUpOf("A")).toBeNull();
});

test.each([
  ["null", null],
  ["a time of its own", iso(999_000)],
])("a wake-up set while the process decides is kept, though it answers %s", async (_, next) => {
  answer = async () => {
    await set("A", 60_000);
    return { next };
  };
  await set("A", 10_000);
  expect(await sweepAt(10_000)).toEqual(["A"]);
  expect(await wakeUpOf("A")).toBe(iso(60_000));
});

test("two nodes that sweep at the same time ask once", async () => {
  const other = await start();
  await set("A", 10_000);
  now = NOON + 10_000;
  await Promise.all([node.service.sweepNow(), other.service.sweepNow()]);
  await other.stop();
  expect(asked).toEqual(["A"]);
});

test("who dies while the process decides has it asked again by whoever lives", async () => {
  const dying = await start();
  dying.service.collections.wakeUps.removeIfVersion = () => Promise.reject(new Error("killed"));
  await set("A", 10_000);
  now = NOON + 10_000;
  await dying.service.sweepNow();
  await dying.stop();
  expect(asked).toEqual(["A"]);
  expect(await sweepAt(40_000)).toEqual(["A"]);
  expect(await wakeUpOf("A")).toBeNull();
});
