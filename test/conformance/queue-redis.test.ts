import "../integration/fresh-data-dir.ts";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import { signal } from "../unit/mixins/signal.ts";
import { until } from "../until.ts";
import { queueSuite } from "./queue-suite.ts";
import { untilQueueIs, wakingNode, type WakingNode, type WakingOptions } from "./queue-node.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startRedis } from "../../scripts/servers/start.ts";
import { describeWithOwn } from "../servers/available.ts";

/** Redis writes down what it was told, and starts with it again. */
const MEMORY = "appendonlydir";

describeWithOwn(["redis"], "the queue in Redis", () => {
  let server: ServerProcess;
  let names = 0;
  const nodes: WakingNode[] = [];
  const unheard: unknown[] = [];
  const note = (reason: unknown): void => void unheard.push(reason);

  beforeAll(async () => {
    process.on("unhandledRejection", note);
    server = await startRedis();
  }, 60_000);
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map((node) => node.stop()));
    expect(unheard).toEqual([]);
  });
  afterAll(async () => {
    await server.stop();
    process.off("unhandledRejection", note);
  });

  async function waking(options: Omit<WakingOptions, "redisUrl" | "name"> & { name?: string }, up = true): Promise<WakingNode> {
    const node = await wakingNode({ name: `redis-${++names}`, redisUrl: server.url, ...options });
    nodes.push(node);
    if (up) await untilQueueIs(node, "UP");
    return node;
  }

  async function asking<T>(ask: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(server.url);
    try {
      return await ask(redis);
    } finally {
      redis.disconnect();
    }
  }

  queueSuite("through Redis", () => server.url);

  describe("wake-ups through a Redis that several nodes share", () => {
    test("two nodes share the work, and each id is handled by one of them", async () => {
      const name = `shared-${++names}`;
      const both = [signal(), signal()];
      const all = signal();
      const seen: string[][] = [[], []];
      const ids = Array.from({ length: 60 }, (_, i) => `EVT_${i}`);
      // Each node keeps its first job until the other has one as well, so neither can take everything.
      const handleOn = (at: 0 | 1) => async (id: string) => {
        seen[at]!.push(id);
        both[at]!.set();
        await both[1 - at]!.happened;
        if (seen.flat().length >= ids.length) all.set();
      };
      const one = await waking({ name, concurrency: 1, handle: handleOn(0) });
      await waking({ name, concurrency: 1, handle: handleOn(1) });
      for (const id of ids) one.service.wake(id);
      await all.happened;
      expect(seen.flat().toSorted()).toEqual(ids.toSorted());
      expect(seen.every((part) => part.length > 0)).toBe(true);
    });

    test("an id that another node wakes while it is handled is handled once more afterwards, and not beside it", async () => {
      const name = `shared-${++names}`;
      const entered = signal();
      const release = signal();
      const again = signal();
      let running = 0;
      let most = 0;
      let rounds = 0;
      const handle = async (id: string) => {
        if (id !== "a") return;
        most = Math.max(most, ++running);
        if (++rounds === 1) {
          entered.set();
          await release.happened;
        } else again.set();
        running--;
      };
      const one = await waking({ name, handle });
      const other = await waking({ name, handle });
      one.service.wake("a");
      await entered.happened;
      other.service.wake("a");
      one.service.wake("a");
      // Their marks are in Redis as soon as a later command of the same connections is answered.
      await Promise.all([one.health(), other.health()]);
      release.set();
      await again.happened;
      expect({ rounds, most }).toEqual({ rounds: 2, most: 1 });
    });

    test("of a thousand changes that three nodes wake each other for, the last of each id is seen, and never by two at once", async () => {
      const name = `shared-${++names}`;
      const changed = new Map<string, number>();
      const seen = new Map<string, number>();
      const running = new Set<string>();
      let overlaps = 0;
      // It looks first and is busy then, as a job that a change can overtake.
      const handle = async (id: string) => {
        if (running.has(id)) overlaps++;
        running.add(id);
        const version = changed.get(id)!;
        await asking((redis) => redis.ping());
        seen.set(id, version);
        running.delete(id);
      };
      const three = [await waking({ name, handle }), await waking({ name, handle }), await waking({ name, handle })];
      for (let i = 0; i < 1_000; i++) {
        const id = `EVT_${(i * 7) % 5}`;
        changed.set(id, (changed.get(id) ?? 0) + 1);
        three[i % 3]!.service.wake(id);
        if (i % 10 === 0) await three[i % 3]!.health();
      }
      await until("the last change of each id is seen", async () => [...changed].every(([id, version]) => seen.get(id) === version));
      expect(overlaps).toBe(0);
    });

    test("Redis learns ids and nothing else, and keeps nothing of what was handled", async () => {
      const entered = signal();
      const release = signal();
      const done = signal();
      const name = `kept-${++names}`;
      const { service } = await waking({ name, handle: async (id) => {
        if (id === "last") return done.set();
        entered.set();
        await release.happened;
      } });
      service.wake("EVT_1");
      await entered.happened;
      const prefix = `{esign}:${name}:`;
      const job = await asking((redis) => redis.hgetall(`${prefix}EVT_1`));
      expect(job).toMatchObject({ name: "wake", data: "{}" });
      release.set();
      service.wake("last");
      await done.happened;
      await Promise.all(nodes.splice(0).map((node) => node.stop()));
      const left = await asking((redis) => redis.keys(`${prefix}*`));
      expect(left.filter((key) => key !== `${prefix}id` && key !== `${prefix}stalled-check`)).toEqual([]);
    });
  });

  describe("wake-ups through a Redis in trouble", () => {
    test("whatever FLUSHALL took, before and during a job, the next wake-ups work, also of the same ids", async () => {
      const entered = signal();
      const release = signal();
      const seen: string[] = [];
      let handled = signal();
      const node = await waking({ concurrency: 1, due: () => ["second"], handle: async (id) => {
        seen.push(id);
        if (seen.length === 1) {
          entered.set();
          await release.happened;
        }
        handled.set();
      } });
      node.service.wake("first");
      await entered.happened;
      node.service.wake("second");
      await node.health();
      await asking((redis) => redis.flushall());
      release.set();
      await handled.happened;
      expect(await node.service.sweepNow()).toBe(1);
      expect(seen).toEqual(["first", "second"]);
      for (const id of ["first", "second", "third"]) {
        handled = signal();
        node.service.wake(id);
        await handled.happened;
        expect(seen.at(-1)).toBe(id);
      }
    });

    test.each([
      ["with all it knew", false],
      ["empty", true],
    ])("killed between wake and run: the sweep finds it, each node goes on by itself, one alert is raised, and when it is back %s it is shared again", async (_how, empty) => {
      const entered = signal();
      const release = signal();
      const seen: string[] = [];
      let handled = signal();
      let onSeen = (): unknown => undefined;
      const node = await waking({ concurrency: 1, due: () => ["second"], handle: async (id) => {
        seen.push(id);
        onSeen();
        if (id === "first") {
          entered.set();
          await release.happened;
        }
        handled.set();
      } });
      node.service.wake("first");
      await entered.happened;
      node.service.wake("second");
      await node.health();
      await server.kill();
      await untilQueueIs(node, "DOWN");
      release.set();
      await handled.happened;
      expect(await node.service.sweepNow()).toBe(1);
      for (const id of ["third", "second", "third"]) {
        handled = signal();
        node.service.wake(id);
        await handled.happened;
      }
      expect(seen).toEqual(["first", "second", "third", "second", "third"]);
      expect(node.alerts).toEqual(["QUEUE_DOWN"]);

      if (empty) rmSync(join(server.dataDir, MEMORY), { recursive: true });
      const again = signal();
      seen.length = 0;
      onSeen = () => ["second", "fourth"].every((id) => seen.includes(id)) && again.set();
      await server.restart();
      await untilQueueIs(node, "UP");
      for (const id of ["second", "fourth"]) node.service.wake(id);
      await again.happened;
      expect(node.alerts).toEqual(["QUEUE_DOWN"]);
    });

    test("stopped in the middle and silent: waking keeps nobody waiting, the ids are handled all the same, and health says so", async () => {
      const wanted = new Set(Array.from({ length: 40 }, (_, i) => `EVT_${i}`));
      let all = signal();
      const node = await waking({ handle: async (id) => void (wanted.delete(id) && wanted.size === 0 && all.set()) });
      server.pause();
      for (const id of [...wanted]) node.service.wake(id);
      await all.happened;
      expect(await node.health()).toBe("DOWN");
      expect(node.alerts).toEqual(["QUEUE_DOWN"]);
      server.resume();
      await untilQueueIs(node, "UP");
      all = signal();
      wanted.add("EVT_later");
      node.service.wake("EVT_later");
      await all.happened;
    });

    test("a node starts, works and stops without it, and its running job is waited for", async () => {
      await server.kill();
      const entered = signal();
      const release = signal();
      const done: string[] = [];
      const node = await waking({ handle: async (id) => {
        entered.set();
        await release.happened;
        done.push(id);
      } }, false);
      node.service.wake("a");
      await entered.happened;
      const stopped = node.stop();
      await node.stopping.happened;
      release.set();
      await stopped;
      expect(done).toEqual(["a"]);
      await server.restart();
    });

    test("a node whose Redis dies in a job stops like any other", async () => {
      const entered = signal();
      const release = signal();
      const done: string[] = [];
      const node = await waking({ handle: async (id) => {
        entered.set();
        await release.happened;
        done.push(id);
      } });
      node.service.wake("a");
      await entered.happened;
      await server.kill();
      const stopped = node.stop();
      await node.stopping.happened;
      release.set();
      await stopped;
      expect(done).toEqual(["a"]);
      await server.restart();
    });
  });
});
