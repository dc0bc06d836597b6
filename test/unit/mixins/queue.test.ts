import "../../integration/fresh-data-dir.ts";
import { ServiceBroker, type Service } from "moleculer";
import { queue, type Waking } from "../../../mixins/queue.ts";
import { signal } from "./signal.ts";

async function waking(handle: (id: string) => Promise<void>, concurrency = 2) {
  const broker = new ServiceBroker({ nodeID: `queue-${process.pid}`, logger: false });
  const stopping = signal();
  const schema = { name: "woken", mixins: [queue({ concurrency, handle })], stopped: () => void setImmediate(stopping.set) };
  const service = broker.createService(schema) as unknown as Service & Waking;
  await broker.start();
  return { broker, service, stopping };
}

test("an id that waits already is handled once, at the earlier of its times", async () => {
  const seen: string[] = [];
  const last = signal();
  const { broker, service } = await waking(async (id) => void (seen.push(id), id === "last" && last.set()));
  service.wake("a", 3_600_000);
  service.wake("a", 5);
  service.wake("a", 20);
  service.wake("last", 60);
  await last.happened;
  expect(seen).toEqual(["a", "last"]);
  await broker.stop();
});

test("an id woken while it is handled is handled once more, and never twice at once", async () => {
  let running = 0;
  let most = 0;
  let rounds = 0;
  const second = signal();
  const { broker, service } = await waking(async (id) => {
    most = Math.max(most, ++running);
    if (++rounds === 1) for (let i = 0; i < 3; i++) service.wake(id);
    await new Promise(setImmediate);
    running--;
    if (rounds === 2) second.set();
  });
  service.wake("a");
  await second.happened;
  await broker.stop();
  expect({ rounds, most }).toEqual({ rounds: 2, most: 1 });
});

test("no more jobs run at once than allowed, and a failing one does not hold up the others", async () => {
  let running = 0;
  let most = 0;
  const done: string[] = [];
  const all = signal();
  const { broker, service } = await waking(async (id) => {
    most = Math.max(most, ++running);
    await new Promise(setImmediate);
    running--;
    done.push(id);
    if (done.length === 7) all.set();
    if (id === "1") throw new Error("one fails");
  });
  for (let i = 0; i < 7; i++) service.wake(String(i));
  await all.happened;
  await broker.stop();
  expect({ most, ids: done.toSorted() }).toEqual({ most: 2, ids: ["0", "1", "2", "3", "4", "5", "6"] });
});

test("stopping waits for the job that runs and drops what waits", async () => {
  const entered = signal();
  const release = signal();
  const done: string[] = [];
  const { broker, service, stopping } = await waking(async (id) => {
    entered.set();
    await release.happened;
    done.push(id);
  }, 1);
  service.wake("running");
  service.wake("queued");
  service.wake("later", 1);
  await entered.happened;
  const stopped = broker.stop();
  await stopping.happened;
  release.set();
  await stopped;
  service.wake("after the end");
  expect(done).toEqual(["running"]);
});

test("with REDIS_URL the start stops and says why, instead of losing wake-ups between nodes in silence", async () => {
  process.env["REDIS_URL"] = "redis://127.0.0.1:6379";
  jest.resetModules();
  const { queue: fresh } = await import("../../../mixins/queue.ts");
  const broker = new ServiceBroker({ nodeID: `queue-${process.pid}`, logger: false });
  expect(() => broker.createService({ name: "woken", mixins: [fresh({ concurrency: 1, handle: async () => undefined })] })).toThrow(/^REDIS_URL: /);
  delete process.env["REDIS_URL"];
});
