import { createHash } from "node:crypto";
import type { AdminKey } from "../../config/admin-keys.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { AdminSession } from "../../services/gateway/admin-session.model.ts";
import { startGateway, type Gateway } from "./gateway-harness.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const ANN: AdminKey = { name: "ann", sha256: sha256("anns"), roles: ["operator", "auditor"] };
const BOB: AdminKey = { name: "bob", sha256: sha256("bobs"), roles: ["author"] };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let now = Date.parse("2026-11-29T08:00:00Z");
let gateway: Gateway;
const collectionOf = (one: Gateway) => (one.service as unknown as { collections: { adminSessions: Collection<AdminSession> } }).collections.adminSessions;
const call = (token: string, method = "GET", path = "session", one = gateway) => one.call(method, `/api/admin/v1/${path}`, { Authorization: `Bearer ${token}`, "Content-Type": "application/json" }, method === "POST" ? '{"reason":"复查"}' : undefined);
interface View {
  token: string;
  name: string;
  roles: string[];
  expiresAt: string | null;
  endsAt: string | null;
}
const opened = async (key = "anns") => (await call(key, "POST")).json.data as View;
/** Another gateway on the same database. */
const beside = (adminKeys: AdminKey[]) => startGateway({ adminKeys, config: { dataDir: gateway.dataDir } });
const statusOf = async (token: string, one = gateway) => (await call(token, "GET", "processes", one)).status;

beforeAll(async () => {
  clock.use(() => now);
  gateway = await startGateway({ adminKeys: [ANN, BOB], config: { trustedProxies: ["127.0.0.1/32"] } });
});
afterAll(async () => {
  await gateway.stop();
  clock.use(Date.now);
});

test("a key opens a session that says who it is and when it ends, and whose token is stored nowhere", async () => {
  const view = await opened();
  expect(view).toEqual({ token: expect.stringMatching(/^ses_[A-Za-z0-9_-]{43}$/), name: "ann", roles: ["operator", "auditor"], expiresAt: "2026-11-29T08:30:00Z", endsAt: "2026-11-29T16:00:00Z" });
  expect((await call(view.token)).json.data).toEqual({ ...view, token: undefined });
  const stored = await collectionOf(gateway).find({ goneAt: { $gt: new Date(0) } });
  expect(JSON.stringify(stored)).not.toContain(view.token.slice(4));
  expect(stored.map((session) => session._id)).toContain(sha256(view.token));
  expect(gateway.logged.join("")).not.toContain(view.token);
});

test("two sessions of one key are two: closing one leaves the other open", async () => {
  const [one, other] = [await opened(), await opened()];
  expect((await call(one.token, "DELETE")).json).toMatchObject({ code: "SUCCESS", message: "已退出" });
  expect([await statusOf(one.token), await statusOf(other.token)]).toEqual([401, 200]);
});

test("a session does what its key may do, under its name, and no more", async () => {
  const { token } = await opened("bobs");
  expect((await call(token, "POST", "processes/P1/retry")).json).toMatchObject({ code: "ADMIN_FORBIDDEN" });
  const { token: operator } = await opened();
  await call(operator, "POST", "processes/P1/retry");
  expect(gateway.taken.at(-1)).toMatchObject({ action: "process.retry", params: { operator: { name: "ann" } } });
});

test("a session makes no session, so that its token is not good for longer than its day", async () => {
  const { token } = await opened();
  const told = await call(token, "POST");
  expect([told.status, told.json["code"], told.json["data"]]).toEqual([403, "ADMIN_FORBIDDEN", undefined]);
});

test("it ends when nobody has used it for half an hour; each use begins the half hour anew", async () => {
  const { token } = await opened();
  now += 29 * MINUTE;
  expect(((await call(token)).json.data as View).expiresAt).toBe(new Date(now + 30 * MINUTE).toISOString().replace(".000Z", "Z"));
  now += 29 * MINUTE;
  expect(await statusOf(token)).toBe(200);
  now += 30 * MINUTE;
  expect(await statusOf(token)).toBe(401);
  now -= MINUTE;
});

test("it ends after eight hours however much it is used", async () => {
  const { token } = await opened();
  const until = now + 8 * HOUR;
  for (; now < until; now += 20 * MINUTE) expect(await statusOf(token)).toBe(200);
  now = until;
  expect(await statusOf(token)).toBe(401);
});

test("uses within a minute write nothing", async () => {
  const { token } = await opened();
  const before = (await collectionOf(gateway).get(sha256(token)))!.version;
  now += MINUTE - 1;
  await Promise.all([statusOf(token), statusOf(token)]);
  expect((await collectionOf(gateway).get(sha256(token)))!.version).toBe(before);
});

test("two calls at the moment when a use is noted both go through", async () => {
  const { token } = await opened();
  now += 5 * MINUTE;
  expect(await Promise.all([statusOf(token), statusOf(token), statusOf(token)])).toEqual([200, 200, 200]);
});

test("every gateway knows it, and none once it is closed; a key that is gone or another one under its name ends it, another role changes it", async () => {
  const { token } = await opened();
  const same = await beside([ANN, BOB]);
  const without = await beside([BOB]);
  const renewed = await beside([{ ...ANN, sha256: sha256("another token of ann") }]);
  const demoted = await beside([{ ...ANN, roles: ["auditor"] }]);
  expect(await Promise.all([same, without, renewed, demoted].map((one) => statusOf(token, one)))).toEqual([200, 401, 401, 200]);
  expect(((await call(token, "GET", "session", demoted)).json.data as View).roles).toEqual(["auditor"]);
  expect((await call(token, "POST", "processes/P1/retry", demoted)).status).toBe(403);
  await call(token, "DELETE", "session", same);
  expect(await statusOf(token)).toBe(401);
  for (const one of [same, without, renewed, demoted]) await one.stop();
});

test("closing with a key ends nothing and says so", async () => {
  const { token } = await opened();
  expect((await call("anns", "DELETE")).json).toMatchObject({ code: "SUCCESS", message: expect.stringContaining("没有会话") });
  expect(await statusOf(token)).toBe(200);
});

test("the sweep forgets what has ended, and nothing else", async () => {
  const old = await opened();
  now += 31 * MINUTE;
  const young = await opened();
  await gateway.service.sweepNow();
  expect([await collectionOf(gateway).get(sha256(old.token)), await collectionOf(gateway).get(sha256(young.token))]).toEqual([null, expect.objectContaining({ name: "ann" })]);
});

describe("who guesses", () => {
  const from = (address: string, token: string, method = "POST") => gateway.call(method, "/api/admin/v1/session", { Authorization: `Bearer ${token}`, "X-Forwarded-For": address });

  test("wrong keys at the login are slowed down like anywhere else, a right one then too", async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 11; n++) statuses.push((await from("198.51.100.7", `wrong${n}`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429]);
    expect((await from("198.51.100.7", "anns")).status).toBe(429);
    expect((await from("198.51.100.8", "anns")).status).toBe(200);
  });

  test("pages left open over their session's end do not keep their address from the login", async () => {
    const ended = `ses_${"A".repeat(43)}`;
    for (let n = 0; n < 20; n++) expect((await from("198.51.100.9", ended, "GET")).status).toBe(401);
    expect((await from("198.51.100.9", "anns")).status).toBe(200);
  });

  test("yet looking for sessions is bounded too", async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 125; n++) statuses.add((await from("198.51.100.10", `ses_${"B".repeat(43)}`, "GET")).status);
    expect([...statuses]).toEqual([401, 429]);
  });

  test.each(["ses_", `ses_${"A".repeat(42)}`, `ses_${"A".repeat(44)}`, `SES_${"A".repeat(43)}`])("what only begins like a session's token (%s) is a wrong key", async (token) => {
    expect((await from("198.51.100.11", token, "GET")).json).toMatchObject({ code: "ADMIN_UNAUTHORIZED" });
  });
});

test("login, look and logout are in the audit by name", async () => {
  // Later than what the tests before have left.
  now += 1_000;
  const { token } = await opened("bobs");
  now += 1_000;
  await call(token);
  now += 1_000;
  await call(token, "DELETE");
  now += 1_000;
  const { items } = (await call("anns", "GET", "audit?limit=4")).json.data as { items: { action: string; name: string; outcome: string }[] };
  expect(items.map(({ action, name }) => `${name} ${action}`)).toEqual(["ann audit.list", "bob session.close", "bob session.show", "bob session.open"]);
});
