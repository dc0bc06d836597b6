import { rateLimit } from "../../../mixins/rate-limit.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
let now: number;
beforeEach(() => {
  now = NOON;
});
const told = (limit: ReturnType<typeof rateLimit>, key: string) =>
  limit.count(key).then(
    () => "passes",
    (error: { type: string; data: { retryAfter: number } }) => [error.type, error.data.retryAfter],
  );

test.each([
  [0, 60],
  [1, 60],
  [30_000, 30],
  [59_001, 1],
  [59_999, 1],
])("%i ms into the minute the third of two is told to wait %i s, and then passes", async (into, wait) => {
  const limit = rateLimit({ count: 2, perMs: 60_000 }, () => now);
  now += into;
  expect([await told(limit, "A"), await told(limit, "A"), await told(limit, "A")]).toEqual(["passes", "passes", ["RATE_LIMITED", wait]]);
  now += wait * 1_000;
  expect(await told(limit, "A")).toBe("passes");
});

test("of many at once exactly as many pass as may, each key for itself", async () => {
  const limit = rateLimit({ count: 7, perMs: 500 }, () => now);
  const all = await Promise.all(Array.from({ length: 50 }, (_, n) => told(limit, n % 2 ? "A" : "B")));
  expect(all.filter((one) => one === "passes")).toHaveLength(14);
});

test("what is forgotten has not been counted", async () => {
  const limit = rateLimit({ count: 1, perMs: 60_000 }, () => now);
  await limit.count("A");
  await limit.forget("A");
  expect([await told(limit, "A"), await told(limit, "A")]).toEqual(["passes", ["RATE_LIMITED", 60]]);
});

test("no rate is no limit", async () => {
  const limit = rateLimit(null, () => now);
  expect(await Promise.all(Array.from({ length: 1_000 }, () => told(limit, "A")))).toEqual(Array(1_000).fill("passes"));
});

describe("a limit that changes while it counts", () => {
  let rate: { count: number; perMs: number } | null;
  const limit = () => rateLimit(() => rate, () => now);

  test("another number is held against what has been counted", async () => {
    rate = { count: 2, perMs: 60_000 };
    const one = limit();
    expect([await told(one, "A"), await told(one, "A"), await told(one, "A")]).toEqual(["passes", "passes", ["RATE_LIMITED", 60]]);
    rate = { count: 5, perMs: 60_000 };
    expect([await told(one, "A"), await told(one, "A"), await told(one, "A")]).toEqual(["passes", "passes", ["RATE_LIMITED", 60]]);
    rate = { count: 1, perMs: 60_000 };
    expect([await told(one, "A"), await told(one, "B"), await told(one, "B")]).toEqual([["RATE_LIMITED", 60], "passes", ["RATE_LIMITED", 60]]);
  });

  test("another time begins to count anew, and none lets everybody pass", async () => {
    rate = { count: 1, perMs: 60_000 };
    const one = limit();
    expect([await told(one, "A"), await told(one, "A")]).toEqual(["passes", ["RATE_LIMITED", 60]]);
    rate = { count: 1, perMs: 3_600_000 };
    expect([await told(one, "A"), await told(one, "A")]).toEqual(["passes", ["RATE_LIMITED", 3_600 * (1 - (NOON % 3_600_000) / 3_600_000)]]);
    rate = null;
    expect([await told(one, "A"), await told(one, "A")]).toEqual(["passes", "passes"]);
  });
});
