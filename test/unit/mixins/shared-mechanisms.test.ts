import { amend } from "../../../mixins/amend.ts";
import { callbackToken, callbackTokenMatches } from "../../../mixins/callback-token.ts";
import { clock } from "../../../mixins/clock.ts";
import type { Collection, Doc } from "../../../mixins/collection-types.ts";
import { faultOf } from "../../../mixins/fault.ts";
import { recentHealth } from "../../../mixins/recent-health.ts";
import { singleFlight } from "../../../mixins/single-flight.ts";
import { failure } from "../../../contract/errors.ts";
import { signal } from "./signal.ts";

afterEach(() => clock.use(Date.now));

const old = { kid: "old", key: Buffer.alloc(32, 1) };
const fresh = { kid: "new", key: Buffer.alloc(32, 2) };

test.each([
  ["the same purpose and subject", "verification-callback", "P1", (token: string) => token, true],
  ["another subject", "verification-callback", "P2", (token: string) => token, false],
  ["another purpose", "sms-receipt", "P1", (token: string) => token, false],
  ["an unknown kid", "verification-callback", "P1", (token: string) => token.replace("old.", "other."), false],
  ["no kid", "verification-callback", "P1", (token: string) => token.slice(4), false],
  ["a changed character", "verification-callback", "P1", (token: string) => token.replace(/.$/, (last) => (last === "A" ? "Q" : "A")), false],
  ["nothing", "verification-callback", "P1", () => "", false],
] as const)("a token of a key that has been rotated out of the first place, for %s, holds: %#", (_, purpose, subject, change, holds) => {
  const token = callbackToken([old], "verification-callback", "P1");
  expect(callbackTokenMatches([fresh, old], purpose, subject, change(token))).toBe(holds);
});

test("an outside system is DOWN after three lost calls in a row and UP after one answer or five minutes", () => {
  let now = 0;
  clock.use(() => now);
  const health = recentHealth();
  const after = (...outcomes: string[]) => (outcomes.forEach((outcome) => health.note(outcome)), health.state());
  expect(health.state()).toBe("UP");
  expect(after("FAILED", "FAILED")).toBe("UP");
  expect(after("FAILED")).toBe("DOWN");
  expect(after("REFUSED")).toBe("UP");
  expect(after("FAILED", "FAILED", "FAILED")).toBe("DOWN");
  now += 5 * 60_000 + 1;
  expect(health.state()).toBe("UP");
});

test("work under one key runs once at a time, and again afterwards, also when it failed", async () => {
  const once = singleFlight<number>();
  const release = signal();
  let runs = 0;
  const work = async () => (await release.happened, ++runs);
  const both = [once("a", work), once("a", work)];
  release.set();
  expect(await Promise.all(both)).toEqual([1, 1]);
  await expect(once("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await once("a", work)).toBe(2);
});

interface Counter extends Doc {
  count: number;
}
/** Only what `amend` uses: a document that others change `races` times just before it is replaced. */
function contested(races: number): Collection<Counter> {
  let stored: Counter = { _id: "a", version: 1, count: 0 };
  const write = (next: Counter): Counter => (stored = { ...next, version: stored.version! + 1 });
  return {
    get: async (id: string) => (id === "a" ? { ...stored } : null),
    replaceIfVersion: async (doc: Counter) => {
      if (races-- > 0) write({ ...stored, count: stored.count + 100 });
      return doc.version === stored.version ? write(doc) : null;
    },
  } as unknown as Collection<Counter>;
}

test("a lost race is decided again on what the winner wrote", async () => {
  const amended = await amend(contested(2), "a", (present) => ({ ...present, count: present.count + 1 }));
  expect(amended).toMatchObject({ written: true, doc: { count: 201 } });
});

test("amending says when there was nothing to do, nothing to find, or no end of racing", async () => {
  expect(await amend(contested(0), "a", () => null)).toMatchObject({ written: false, doc: { count: 0 } });
  expect(await amend(contested(0), "b", (present) => present)).toBeNull();
  await expect(amend(contested(1e9), "a", (present) => present)).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
});

test.each([
  ["an error of the catalogue", failure("PARAM_INVALID", { message: "13800138000" }), { name: "MoleculerError", code: "PARAM_INVALID" }],
  ["a system error", Object.assign(new Error("token=abc 13800138000"), { code: "ECONNREFUSED" }), { name: "Error", code: "ECONNREFUSED" }],
  ["a message that looks like a frame", new Error("at 13800138000"), { name: "Error", code: null }],
  ["something that is no error", "13800138000", { name: "string", code: null }],
  ["nothing", null, { name: "object", code: null }],
])("a fault tells what and where of %s, and not what it said", (_, error, expected) => {
  const fault = faultOf(error);
  expect(fault).toMatchObject(expected);
  expect(JSON.stringify(fault)).not.toContain("13800138000");
});
