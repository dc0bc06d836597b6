import { attemptOf, bridgeWorld, NOON, tokenFor } from "./bridge-node.ts";
import type { QueryAnswer, Started } from "../../services/verification-bridge/verification-bridge.api.ts";
import { hangUp, json, type Reply } from "./outside-system.ts";

let world: Awaited<ReturnType<typeof bridgeWorld>>;
const startOn = (params: object, node = world.node) => node.call<Started>("verification-bridge.start", params);
const recordOf = (requestId: string) => world.node.service.collections.attempts.get(requestId);

beforeAll(async () => {
  world = await bridgeWorld();
});
afterEach(() => world.calm());
afterAll(() => world.end(world.node));

test("a remittance is started with what the system needs and no more", async () => {
  const params = attemptOf();
  expect(await startOn(params)).toEqual({
    requestId: params.requestId,
    status: "PENDING",
    verificationId: `VER-${params.requestId}`,
    startedAt: "2026-01-01T12:00:00Z",
    faceUrl: null,
    faceUrlExpiresAt: null,
  });
  const [post] = world.system.posts(params.requestId);
  const { requestId, processId, merchantNo, merchantName, bankCardInfo, protocolHash } = params;
  expect(post!.path).toBe("/api/v1/verification/remittance");
  expect(post!.json).toEqual({
    ...{ requestId, processId, merchantNo, merchantName, bankCardInfo, protocolHash },
    callbackUrl: expect.stringMatching(/\/api\/internal\/esign\/callback\/verification$/) as string,
    callbackToken: tokenFor(processId),
  });
});

test("a face check is started with name and ID and answers where to go", async () => {
  const params = attemptOf({ type: "FACE", bankCardInfo: null });
  expect(await startOn(params)).toMatchObject({ status: "PENDING", faceUrl: "https://face.example.com/1", faceUrlExpiresAt: "2026-01-01T09:00:00Z" });
  const [post] = world.system.posts(params.requestId);
  expect(post!.path).toBe("/api/v1/verification/face");
  expect(Object.keys(post!.json).toSorted()).toEqual(["callbackToken", "callbackUrl", "idCardNo", "name", "processId", "protocolHash", "requestId", "returnUrl"]);
  expect(post!.json["returnUrl"]).toMatch(/\/h5\/sign\?return=face$/);
});

test("a start said twice, at once or later, moves money once", async () => {
  const params = attemptOf();
  const both = await Promise.all([startOn(params), startOn(params)]);
  expect(both[1]).toEqual(both[0]);
  expect(await startOn(params)).toEqual(both[0]);
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test("a start whose answer was lost is looked up before anything is posted again", async () => {
  const params = attemptOf();
  world.system.script.push(world.system.actThenHangUp);
  expect(await startOn(params)).toMatchObject({ status: "PENDING", verificationId: `VER-${params.requestId}` });
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test.each([
  ["whose answer was lost", () => world.system.actThenHangUp],
  ["that is answered without a link", () => json({ code: "SUCCESS", data: { verificationId: "VER-X", status: "PENDING" } })],
])("a face check %s is said again for its link, which a query does not name", async (_, reply) => {
  const params = attemptOf({ type: "FACE", bankCardInfo: null });
  world.system.script.push(reply());
  expect(await startOn(params)).toMatchObject({ status: "PENDING", verificationId: `VER-${params.requestId}`, faceUrl: "https://face.example.com/1" });
  expect(world.system.posts(params.requestId)).toHaveLength(2);
  expect(world.system.attempts.filter(({ requestId }) => requestId === params.requestId)).toHaveLength(1);
});

test("a face check whose lost start has ended meanwhile needs no link and is not said again", async () => {
  const params = attemptOf({ type: "FACE", bankCardInfo: null });
  world.system.script.push((response, call) => {
    world.system.actThenHangUp(response, call);
    world.system.settle(params.requestId, "SUCCESS");
  });
  expect(await startOn(params)).toMatchObject({ status: "PENDING", verificationId: `VER-${params.requestId}` });
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test("a start that never arrived is posted again under the same request id", async () => {
  const params = attemptOf();
  world.system.script.push(hangUp);
  expect(await startOn(params)).toMatchObject({ status: "PENDING" });
  expect(world.system.posts(params.requestId)).toHaveLength(2);
});

test("while the system does not say whether the first post arrived, nothing is posted", async () => {
  const params = attemptOf();
  world.system.script.push(world.system.actThenHangUp, hangUp, hangUp);
  expect(await startOn(params)).toMatchObject({ status: "NOT_STARTED", verificationId: null, startedAt: null });
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test("a start that came to nothing is tried again after 5 s, then 10 s, and the process hears when it got through", async () => {
  const params = attemptOf();
  const down: Reply[] = Array.from({ length: 3 }, () => json({}, 503));
  world.system.script.push(...down);
  expect(await startOn(params)).toMatchObject({ status: "NOT_STARTED" });
  expect((await recordOf(params.requestId))!.dueAt!.getTime()).toBe(NOON + 5_000);

  world.at(4_999);
  const before = world.system.calls.length;
  await world.node.service.sweepNow();
  expect(world.system.calls.length).toBe(before);

  world.at(5_000);
  world.system.script.push(...down);
  await world.node.service.sweepNow();
  expect((await recordOf(params.requestId))!.dueAt!.getTime()).toBe(NOON + 15_000);

  world.at(15_000);
  await world.node.service.sweepNow();
  await world.record(params.requestId, (record) => record.status === "PENDING" && !record.owesStarted);
  expect(world.told.started).toContainEqual(expect.objectContaining({ processId: params.processId, requestId: params.requestId, verificationId: `VER-${params.requestId}`, status: "PENDING" }));
  expect(world.system.attempts.filter((attempt) => attempt.requestId === params.requestId)).toHaveLength(1);
});

test("a late start that the process could not be told of is told later and not started again", async () => {
  const params = attemptOf();
  world.system.script.push(...Array.from({ length: 3 }, () => json({}, 503)));
  await startOn(params);
  world.told.failing = true;
  world.at(5_000);
  await world.node.service.sweepNow();
  await world.record(params.requestId, (record) => record.owesStarted && record.tries === 1);
  const posts = world.system.posts(params.requestId).length;
  world.told.failing = false;
  world.at(60_000);
  await world.node.service.sweepNow();
  expect(world.told.started.filter((told) => told.requestId === params.requestId)).toHaveLength(1);
  expect(world.system.posts(params.requestId)).toHaveLength(posts);
});

test("a start that the system refuses stays ours to repeat, and nothing is repeated at once", async () => {
  const params = attemptOf();
  world.system.script.push(json({ code: "PARAM_INVALID" }, 400));
  expect(await startOn(params)).toMatchObject({ status: "NOT_STARTED" });
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test("who dies right after taking the attempt over has it started by the sweep, asked about first", async () => {
  const params = attemptOf();
  const dying = await world.start();
  dying.service.driver.start = () => Promise.reject(new Error("killed"));
  await expect(startOn(params, dying)).rejects.toThrow("killed");
  await dying.stop();
  world.at(15_000);
  const calls = world.system.calls.length;
  await world.node.service.sweepNow();
  const [asked] = world.system.calls.slice(calls);
  expect(asked).toMatchObject({ method: "GET", path: `/api/v1/verification?requestId=${params.requestId}` });
  expect(world.system.posts(params.requestId)).toHaveLength(1);
});

test("when the window is over nothing is started any more", async () => {
  const params = attemptOf({ giveUpAt: new Date(NOON + 4_000).toISOString() });
  world.system.script.push(...Array.from({ length: 3 }, () => json({}, 503)));
  await startOn(params);
  const posts = world.system.posts(params.requestId).length;
  world.at(5_000);
  await world.node.service.sweepNow();
  expect(world.system.posts(params.requestId)).toHaveLength(posts);
  expect((await recordOf(params.requestId))!.dueAt).toBeUndefined();
});

test("a start found to have ended already is answered, and the process hears the result", async () => {
  const params = attemptOf();
  world.system.script.push((response, call) => {
    world.system.actThenHangUp(response, call);
    world.system.settle(params.requestId, "SUCCESS");
  });
  const results = world.told.results(world.told.verified.length + 1);
  expect(await startOn(params)).toMatchObject({ status: "PENDING", verificationId: `VER-${params.requestId}` });
  await results;
  expect(world.told.verified.at(-1)).toMatchObject({ processId: params.processId, status: "SUCCESS", source: "QUERY" });
});

test("the query for an expiry names what is known of a start", async () => {
  const query = (processId: string) => world.node.call<QueryAnswer>("verification-bridge.query", { processId });
  const params = attemptOf();
  expect(await query(params.processId)).toEqual({ status: "UNKNOWN", result: null });
  world.system.script.push(...Array.from({ length: 3 }, () => json({}, 503)));
  await startOn(params);
  expect(await query(params.processId)).toEqual({ status: "NOT_STARTED", result: null });
  world.system.script.push(hangUp);
  expect(await query(params.processId)).toEqual({ status: "UNREACHABLE", result: null });
});

test.each([
  ["RELATION_BINDING", "ENTERPRISE", "REMITTANCE"],
  ["RELATION_BINDING", "INDIVIDUAL", "FACE"],
  ["POOLING_AUTH", "INDIVIDUAL", "REMITTANCE"],
])("%s of %s gets %s", async (processType, merchantType, type) => {
  expect(await world.node.call("verification-bridge.mode", { processType, merchantType })).toEqual({ type });
});
