import { ServiceBroker, type Service } from "moleculer";
import { clock } from "../../../mixins/clock.ts";
import { sweep, type Sweeping, type SweepOptions } from "../../../mixins/sweep.ts";
import { until } from "../../until.ts";
import { signal } from "./signal.ts";

const NEVER = 3_600_000;
afterEach(() => clock.use(Date.now));

async function sweeping(options: Omit<SweepOptions, "every">, every = NEVER) {
  const broker = new ServiceBroker({ nodeID: `sweep-${process.pid}`, logger: false });
  const stopping = signal();
  const schema = { name: "swept", mixins: [sweep({ every, ...options })], stopped: () => void setImmediate(stopping.set) };
  const service = broker.createService(schema) as unknown as Service & Sweeping;
  await broker.start();
  return { broker, service, stopping };
}

test("a pass handles what is due at the clock's time and says how much that was", async () => {
  clock.use(() => 42);
  const seen: unknown[] = [];
  const { broker, service } = await sweeping({
    due: async (now, limit) => (seen.push({ now, limit }), ["a", "b"]),
    handle: async (id) => void seen.push(id),
  });
  expect(await service.sweepNow()).toBe(2);
  expect(seen).toEqual([{ now: 42, limit: 100 }, "a", "b"]);
  await broker.stop();
});

test("a full batch is followed by another look at once, until one comes back short", async () => {
  const open = new Set(Array.from({ length: 250 }, (_, i) => `id-${i}`));
  let looks = 0;
  const { broker, service } = await sweeping({
    due: async (_, limit) => (looks++, [...open].slice(0, limit)),
    handle: async (id) => void open.delete(id),
  });
  expect(await service.sweepNow()).toBe(250);
  expect({ looks, left: open.size }).toEqual({ looks: 3, left: 0 });
  await broker.stop();
});

test("ids that stay due are handled once a pass and do not spin", async () => {
  const handled: string[] = [];
  const stuck = Array.from({ length: 100 }, (_, i) => `id-${i}`);
  const { broker, service } = await sweeping({ due: async () => stuck, handle: async (id) => void handled.push(id) });
  expect(await service.sweepNow()).toBe(100);
  expect(new Set(handled).size).toBe(handled.length);
  await broker.stop();
});

test.each([
  ["the look", { due: async () => Promise.reject(new Error("13800138000")), handle: async () => undefined }, 0],
  ["a job", { due: async () => ["a", "b"], handle: async (id: string) => (id === "a" ? Promise.reject(new Error("13800138000")) : undefined) }, 2],
])("a failure of %s ends in the log without its message, and the pass ends well", async (_, options, handled) => {
  const { broker, service } = await sweeping(options);
  const logged = jest.spyOn(service.logger, "error").mockImplementation(() => undefined);
  expect(await service.sweepNow()).toBe(handled);
  expect(logged).toHaveBeenCalledTimes(1);
  expect(JSON.stringify(logged.mock.calls)).not.toContain("13800138000");
  await broker.stop();
});

test("passes never overlap, and jobs run at most as many at once as allowed", async () => {
  let running = 0;
  let most = 0;
  const { broker, service } = await sweeping({
    concurrency: 3,
    due: async () => ["a", "b", "c", "d", "e"],
    handle: async () => {
      most = Math.max(most, ++running);
      await new Promise(setImmediate);
      running--;
    },
  });
  await Promise.all([service.sweepNow(), service.sweepNow()]);
  expect(most).toBe(3);
  await broker.stop();
});

test("it looks by itself again and again, and stops after the running job without starting another", async () => {
  const entered = signal();
  const release = signal();
  const handled: string[] = [];
  let looks = 0;
  const { broker, stopping } = await sweeping(
    {
      concurrency: 1,
      due: async () => (++looks < 3 ? [] : ["a", "b"]),
      handle: async (id) => {
        entered.set();
        await release.happened;
        handled.push(id);
      },
    },
    1,
  );
  await entered.happened;
  const stopped = broker.stop();
  await stopping.happened;
  release.set();
  await stopped;
  expect(handled).toEqual(["a"]);
});

describe("jobs that hang", () => {
  /** The ids from `due`, of which those that begin with "slow" end when told to. */
  async function hanging(due: string[], patience?: number) {
    const ended = signal();
    const handled: string[] = [];
    const on = await sweeping({
      due: async () => due,
      concurrency: 2,
      ...(patience !== undefined && { patience }),
      async handle(id) {
        handled.push(id);
        if (id.startsWith("slow")) await ended.happened;
      },
    });
    return { ...on, handled, ended };
  }
  const slow = (count: number): string[] => Array.from({ length: count }, (_, i) => `slow-${i}`);

  test("give their places to what else is due, and the stop waits for them", async () => {
    const { broker, service, handled, ended, stopping } = await hanging([...slow(5), "quick"], 1);
    expect(await service.sweepNow()).toBe(6);
    expect(handled).toContain("quick");
    let over = false;
    const stopped = broker.stop().then(() => (over = true));
    await stopping.happened;
    expect(over).toBe(false);
    ended.set();
    await stopped;
  });

  test.each([
    ["the default", 2, undefined],
    ["more of them than may go on behind", 2 * 16 + 2, 1],
  ])("hold up the pass by %s", async (_, started, patience) => {
    const { broker, service, handled, ended } = await hanging([...slow(60), "quick"], patience);
    const pass = service.sweepNow();
    await until("as many as may have begun", async () => handled.length >= started);
    expect(handled).not.toContain("quick");
    ended.set();
    expect(await pass).toBe(61);
    expect(handled).toContain("quick");
    await broker.stop();
  });
});
