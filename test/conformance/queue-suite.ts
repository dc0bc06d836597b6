import { signal } from "../unit/mixins/signal.ts";
import { untilQueueIs, wakingNode, type WakingNode, type WakingOptions } from "./queue-node.ts";

/** What every kind of queue promises to the service that has it. `redisUrl` is asked when the tests run. */
export function queueSuite(kind: string, redisUrl: () => string | undefined): void {
  describe(`wake-ups ${kind}`, () => {
    const nodes: WakingNode[] = [];
    let names = 0;

    async function waking(handle: WakingOptions["handle"], concurrency = 2): Promise<WakingNode> {
      const node = await wakingNode({ name: `suite-${++names}`, redisUrl: redisUrl(), concurrency, handle });
      nodes.push(node);
      if (redisUrl()) await untilQueueIs(node, "UP");
      return node;
    }

    afterEach(() => Promise.all(nodes.splice(0).map((node) => node.stop())));

    test("an id that is woken is handled", async () => {
      const handled = signal();
      const seen: string[] = [];
      const { service } = await waking(async (id) => void (seen.push(id), handled.set()));
      service.wake("a");
      await handled.happened;
      expect(seen).toEqual(["a"]);
    });

    test("an id that waits already is handled once, at the earlier of its times", async () => {
      const seen: string[] = [];
      const last = signal();
      const { service } = await waking(async (id) => void (seen.push(id), id === "last" && last.set()), 1);
      service.wake("a", 3_600_000);
      service.wake("a", 5);
      service.wake("a", 20);
      service.wake("last", 60);
      await last.happened;
      expect(seen).toEqual(["a", "last"]);
    });

    test("an id woken again while it waits for its turn is handled once, and ids take their turns in order", async () => {
      const release = signal();
      const first = signal();
      const last = signal();
      const seen: string[] = [];
      const { service } = await waking(async (id) => {
        seen.push(id);
        if (id === "first") first.set();
        if (id === "last") last.set();
        await release.happened;
      }, 1);
      service.wake("first");
      await first.happened;
      for (const id of ["a", "b", "a", "b", "c", "a", "last"]) service.wake(id);
      release.set();
      await last.happened;
      expect(seen).toEqual(["first", "a", "b", "c", "last"]);
    });

    test("an id woken while it is handled is handled once more, and never twice at once", async () => {
      let running = 0;
      let most = 0;
      const rounds: string[] = [];
      const again = signal();
      const last = signal();
      const { service } = await waking(async (id) => {
        if (id === "last") return last.set();
        most = Math.max(most, ++running);
        rounds.push(id);
        if (rounds.length === 1) for (let i = 0; i < 3; i++) service.wake(id);
        await new Promise(setImmediate);
        running--;
        if (rounds.length === 2) again.set();
      });
      service.wake("a");
      await again.happened;
      service.wake("last");
      await last.happened;
      expect({ rounds, most }).toEqual({ rounds: ["a", "a"], most: 1 });
    });

    test("an id can be woken again and again after it was handled", async () => {
      let handled = signal();
      const { service } = await waking(async () => handled.set());
      for (let round = 0; round < 5; round++) {
        handled = signal();
        service.wake("a");
        await handled.happened;
      }
    });

    test("no more jobs run at once than allowed, and a failing one does not hold up the others and can be woken again", async () => {
      let running = 0;
      let most = 0;
      const done: string[] = [];
      const all = signal();
      const failedAgain = signal();
      const two = signal();
      const { service } = await waking(async (id) => {
        most = Math.max(most, ++running);
        if (running === 2) two.set();
        // The first one waits for the second, so that there are two at once.
        await two.happened;
        await new Promise(setImmediate);
        running--;
        done.push(id);
        if (done.length === 7) all.set();
        if (done.length === 8) failedAgain.set();
        if (id === "1") throw new Error("one fails");
      });
      for (let i = 0; i < 7; i++) service.wake(String(i));
      await all.happened;
      expect({ most, ids: done.toSorted() }).toEqual({ most: 2, ids: ["0", "1", "2", "3", "4", "5", "6"] });
      service.wake("1");
      await failedAgain.happened;
    });

    test("stopping waits for the job that runs, takes nothing new, and a wake-up after it is harmless", async () => {
      const entered = signal();
      const release = signal();
      const done: string[] = [];
      const node = await waking(async (id) => {
        entered.set();
        await release.happened;
        done.push(id);
      }, 1);
      node.service.wake("running");
      await entered.happened;
      node.service.wake("queued");
      node.service.wake("later", 1);
      const stopped = node.stop();
      await node.stopping.happened;
      node.service.wake("while it stops");
      release.set();
      await stopped;
      node.service.wake("after the end");
      node.service.wake("long after the end", 1);
      expect(done).toEqual(["running"]);
      nodes.length = 0;
    });

    test("a queue that works says so, and raises no alert", async () => {
      const handled = signal();
      const node = await waking(async () => handled.set());
      node.service.wake("a");
      await handled.happened;
      expect(await node.health()).toBe(redisUrl() ? "UP" : "OFF");
      expect(node.alerts).toEqual([]);
    });
  });
}
