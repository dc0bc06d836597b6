import { HostLanes, type LaneWork } from "../../../services/notifier/host-lanes.ts";

const SHARE = 2;
const ROOM = 4;
const MINUTES = 60_000;

/** Lanes on a clock of their own, where every piece of work runs until it is told to end. */
function lanesOf() {
  const at = { now: 1_000_000 };
  const ran: string[] = [];
  const givenBack: string[] = [];
  const ends = new Map<string, () => void>();
  const failed: string[] = [];
  const lanes = new HostLanes({ share: SHARE, room: ROOM, now: () => at.now, failed: (id) => void failed.push(id) });
  const work = (id: string): LaneWork => ({
    run: () => (ran.push(id), new Promise((resolve) => ends.set(id, resolve))),
    giveBack: async () => void givenBack.push(id),
  });
  /** Who was let in. */
  const come = (host: string, ids: string[], again = false): string[] =>
    ids.filter((id) => {
      const admitted = lanes.admit(host, id, again);
      if (admitted) void lanes.enter(host, id, work(id));
      return admitted;
    });
  const end = async (id: string): Promise<void> => {
    ends.get(id)!();
    await new Promise(setImmediate);
  };
  return { lanes, at, ran, givenBack, failed, come, end, work };
}
const ids = (count: number, name = "a") => Array.from({ length: count }, (_, i) => `${name}${i}`);

test("of one host two run and four wait, the others find no room; of another host all go on", async () => {
  const { lanes, come, ran, end } = lanesOf();
  expect(come("a", ids(9))).toEqual(ids(6));
  expect([ran, lanes.length("a")]).toEqual([["a0", "a1"], 4]);
  expect(come("b", ["b0"])).toEqual(["b0"]);
  expect(ran).toEqual(["a0", "a1", "b0"]);
  await end("a1");
  expect(ran.slice(3)).toEqual(["a2"]);
});

test("places that are taken and not yet entered count, and one that is given up is free again", () => {
  const { lanes } = lanesOf();
  const admitted = ids(ROOM + 1).map((id) => lanes.admit("a", id, false));
  expect(admitted).toEqual([true, true, true, true, false]);
  lanes.leave("a");
  expect(lanes.admit("a", "next", false)).toBe(true);
});

test("an id that waits is let in again when the lane is full, and keeps its place", async () => {
  const { lanes, come, ran, end } = lanesOf();
  come("a", ids(6));
  expect(come("a", ["a3"])).toEqual(["a3"]);
  expect(lanes.length("a")).toBe(ROOM);
  await end("a0");
  await end("a1");
  expect(ran).toEqual(ids(4));
});

test("who found no room comes again in the order it came, and before anybody who comes for the first time", async () => {
  const { lanes, at, come, end } = lanesOf();
  come("a", ids(6));
  const times = ids(50).map(() => lanes.comeAgainAt("a"));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  expect(new Set(times).size).toBe(50);
  await end("a0");
  expect(come("a", ["new"])).toEqual([]);
  expect(come("a", ["old"], true)).toEqual(["old"]);
  at.now = times.at(-1)!;
  await end("a1");
  expect(come("a", ["new"])).toEqual(["new"]);
});

test("once the line has been worked off nobody waits for those that come again later", async () => {
  const { lanes, come, end } = lanesOf();
  come("a", ids(6));
  lanes.comeAgainAt("a");
  for (const id of ids(6)) await end(id);
  expect(come("a", ["new"])).toEqual(["new"]);
});

test.each([
  ["has just begun", 0, 1_000],
  ["has hung for ten seconds", 10_000, 10_000],
  ["has hung for a minute", MINUTES, MINUTES],
  ["has hung for an hour", 60 * MINUTES, 10 * MINUTES],
])("where the running one %s (%i ms) who finds no room comes again after %i ms", (_, hung, wait) => {
  const { lanes, at, come } = lanesOf();
  come("a", ids(6));
  at.now += hung;
  expect(lanes.comeAgainAt("a") - at.now).toBe(wait);
});

test("however many find no room, none is sent away for more than ten minutes", () => {
  const { lanes, at, come } = lanesOf();
  come("a", ids(6));
  at.now += MINUTES;
  expect(Math.max(...ids(1_000).map(() => lanes.comeAgainAt("a"))) - at.now).toBe(10 * MINUTES);
});

test("a stop gives back what waits and what comes later, and waits for what runs", async () => {
  const { lanes, come, ran, givenBack, end, work } = lanesOf();
  come("a", ids(4));
  lanes.admit("a", "late", false);
  let over = false;
  const stopped = lanes.stop().then(() => (over = true));
  await lanes.enter("a", "late", work("late"));
  expect([givenBack, ran]).toEqual([["a2", "a3", "late"], ["a0", "a1"]]);
  await end("a0");
  expect(over).toBe(false);
  await end("a1");
  await stopped;
  expect(ran).toEqual(["a0", "a1"]);
});

test("work that fails is reported and makes room", async () => {
  const { lanes, failed } = lanesOf();
  for (const id of ids(3)) {
    lanes.admit("a", id, false);
    void lanes.enter("a", id, { run: () => Promise.reject(new Error(id)), giveBack: async () => undefined });
  }
  await lanes.idle();
  expect(failed).toEqual(ids(3));
});
