import { attemptOf, bridgeWorld, NOON, resultBody, tokenFor } from "./bridge-node.ts";
import type { Confirmed, ConfirmParams, QueryAnswer, Started, StartParams } from "../../services/verification-bridge/verification-bridge.api.ts";
import { hangUp, json, silent, type Reply } from "./outside-system.ts";
import { VERIFIED_AT } from "./verification-stand-in.ts";

let world: Awaited<ReturnType<typeof bridgeWorld>>;
beforeAll(async () => {
  world = await bridgeWorld();
});
afterEach(() => world.calm());
afterAll(() => world.end(world.node));

async function started(more: Partial<StartParams> = {}) {
  const params = attemptOf(more);
  const { verificationId } = await world.node.call<Started>("verification-bridge.start", params);
  return { processId: params.processId, requestId: params.requestId, verificationId: verificationId! };
}
const callback = (body: unknown, token: string | null, node = world.node) => node.call<void>("verification-bridge.callback", { token, body });
const toldOf = (processId: string) => world.told.verified.filter((told) => told.processId === processId);
const answer = (attempt: { processId: string; verificationId: string }, amount: string, answerId = `A-${++answers}`): ConfirmParams => ({ ...attempt, answerId, amount, remark: "验证码" });
const confirm = (params: ConfirmParams, node = world.node) => node.call<Confirmed>("verification-bridge.confirm", params);
const confirmsOf = (verificationId: string) => world.system.calls.filter((call) => call.path.endsWith(`/${verificationId}/confirm`));
let answers = 0;

describe("callback", () => {
  test("a result reaches the process with its evidence, and a repeat changes nothing", async () => {
    const { processId, requestId, verificationId } = await started();
    const body = resultBody(processId, verificationId);
    await callback(body, tokenFor(processId));
    await callback(body, tokenFor(processId));
    await Promise.all([callback(body, tokenFor(processId)), callback(body, tokenFor(processId))]);
    expect(toldOf(processId)).toEqual([
      { processId, requestId, verificationId, status: "SUCCESS", verifiedAt: "2026-01-01T11:59:00Z", failureReason: null, evidence: { remittanceAmount: "0.12" }, source: "CALLBACK" },
    ]);
  });

  test.each([
    ["no token", () => null],
    ["an empty token", () => ""],
    ["a token of another process", () => tokenFor("ESIGN_PROC_OTHER")],
    ["a token without its last character", (right: string) => right.slice(0, -1)],
  ])("%s is refused and alerted, and the body is not looked at", async (_, tokenFrom) => {
    const { processId, requestId, verificationId } = await started();
    const logged = jest.spyOn(world.node.service.logger, "error").mockClear().mockImplementation(() => undefined);
    for (const body of [resultBody(processId, verificationId), { processId, status: "nonsense" }]) {
      await expect(callback(body, tokenFrom(tokenFor(processId)))).rejects.toMatchObject({ type: "CALLBACK_TOKEN_INVALID", code: 401 });
    }
    expect(logged.mock.calls.map(([, facts]) => facts)).toEqual(Array(2).fill(expect.objectContaining({ alert: "CALLBACK_TOKEN_INVALID" })));
    expect(await world.record(requestId, () => true)).toMatchObject({ status: "PENDING", result: null });
    expect(toldOf(processId)).toEqual([]);
  });

  test.each([
    ["a process nobody knows", { processId: "ESIGN_PROC_NONE" }, "ESIGN_PROC_NONE"],
    ["no process", {}, "x"],
    ["a process that is no text", { processId: 1 }, "1"],
    ["no body", null, "x"],
  ])("a callback for %s is refused like a wrong token", async (_, body, subject) => {
    await expect(callback(body, tokenFor(subject))).rejects.toMatchObject({ type: "CALLBACK_TOKEN_INVALID" });
  });

  test.each([
    ["verificationId", { verificationId: undefined }],
    ["verificationId", { verificationId: "x".repeat(65) }],
    ["verificationId", { verificationId: "VER-UNKNOWN" }],
    ["status", { status: "PENDING" }],
    ["status", { status: undefined }],
    ["verifiedAt", { verifiedAt: undefined }],
    ["verifiedAt", { verifiedAt: "2026-01-01" }],
    ["verifiedAt", { verifiedAt: "2026-13-01T00:00:00Z" }],
    ["failureReason", { failureReason: 7 }],
    ["evidence", { evidence: [] }],
    ["evidence", { evidence: { remittanceAmount: [{ of: JSON.parse("1e999") as number }] } }],
  ])("with the right token a wrong %s is named: %p", async (field, wrong) => {
    const { processId, verificationId } = await started();
    const refused = callback(resultBody(processId, verificationId, wrong), tokenFor(processId));
    await expect(refused).rejects.toMatchObject({ type: "PARAM_INVALID", code: 400, data: { errors: [expect.objectContaining({ field })] } });
    expect(toldOf(processId)).toEqual([]);
  });

  test("a verification of another process is 400, also while the own one has no id yet", async () => {
    const other = await started();
    const params = attemptOf();
    world.system.script.push(...Array.from({ length: 3 }, () => json({}, 503)));
    await world.node.call("verification-bridge.start", params);
    await expect(callback(resultBody(params.processId, other.verificationId), tokenFor(params.processId))).rejects.toMatchObject({ type: "PARAM_INVALID" });
    expect(toldOf(params.processId)).toEqual([]);
  });

  test("a callback that beats the start's answer counts, and the start still answers", async () => {
    const params = attemptOf();
    world.system.script.push((response, call) => {
      void callback(resultBody(params.processId, `VER-${params.requestId}`), tokenFor(params.processId)).then(() =>
        json({ code: "SUCCESS", data: { verificationId: `VER-${params.requestId}`, status: "PENDING" } })(response, call),
      );
    });
    expect(await world.node.call<Started>("verification-bridge.start", params)).toMatchObject({ status: "PENDING", verificationId: `VER-${params.requestId}` });
    expect(toldOf(params.processId)).toHaveLength(1);
    expect(await world.record(params.requestId, () => true)).toMatchObject({ status: "SUCCESS", owesResult: false, owesStarted: false });
  });

  test("a callback counts although every try to start came to nothing, and nothing is started again", async () => {
    const params = attemptOf();
    const verificationId = `VER-${params.requestId}`;
    const called: Reply = (response, call) => void callback(resultBody(params.processId, verificationId), tokenFor(params.processId)).then(() => hangUp(response, call));
    world.system.script.push(called, hangUp, hangUp);
    expect(await world.node.call<Started>("verification-bridge.start", params)).toMatchObject({ status: "PENDING", verificationId });
    const record = await world.record(params.requestId, () => true);
    expect([record.status, record.dueAt]).toEqual(["SUCCESS", undefined]);
  });

  test("a conflicting result is passed on and the first one stays", async () => {
    const { processId, requestId, verificationId } = await started();
    await callback(resultBody(processId, verificationId, { status: "FAILED", failureReason: "户名不符" }), tokenFor(processId));
    await callback(resultBody(processId, verificationId), tokenFor(processId));
    expect(toldOf(processId).map((told) => told.status)).toEqual(["FAILED", "SUCCESS"]);
    expect(await world.record(requestId, () => true)).toMatchObject({ status: "FAILED", result: { status: "FAILED", failureReason: "户名不符" } });
  });

  test("a conflicting result the process cannot be told is the caller's to repeat", async () => {
    const { processId, verificationId } = await started();
    await callback(resultBody(processId, verificationId), tokenFor(processId));
    world.told.failing = true;
    await expect(callback(resultBody(processId, verificationId, { status: "FAILED" }), tokenFor(processId))).rejects.toThrow();
  });

  test("a result of an earlier attempt is passed on under that attempt's request id", async () => {
    const first = await started({ type: "FACE", bankCardInfo: null });
    const second = await started({ processId: first.processId, attempt: 2, type: "FACE", bankCardInfo: null });
    await callback(resultBody(first.processId, first.verificationId), tokenFor(first.processId));
    expect(toldOf(first.processId)).toEqual([expect.objectContaining({ requestId: first.requestId })]);
    expect(await world.record(second.requestId, () => true)).toMatchObject({ status: "PENDING" });
  });

  test("a result that could not be handed on is acknowledged and told by the sweep", async () => {
    const { processId, verificationId } = await started();
    world.told.failing = true;
    await callback(resultBody(processId, verificationId), tokenFor(processId));
    world.told.failing = false;
    world.at(5_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toHaveLength(1);
    world.at(3_600_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toHaveLength(1);
  });

  test("who dies between storing and telling has the process told by whoever lives", async () => {
    const { processId, verificationId } = await started();
    const dying = await world.start();
    const { attempts } = dying.service.collections;
    const replace = attempts.replaceIfVersion;
    let writes = 0;
    attempts.replaceIfVersion = (record) => (++writes === 1 ? replace(record) : Promise.reject(new Error("killed")));
    world.told.failing = true;
    await expect(callback(resultBody(processId, verificationId), tokenFor(processId), dying)).rejects.toThrow("killed");
    await dying.stop();
    world.told.failing = false;
    world.at(15_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toEqual([expect.objectContaining({ verificationId, status: "SUCCESS" })]);
  });

  test("the bus event has the same effect with the token in its body, and a wrong one has none", async () => {
    const { processId, verificationId } = await started();
    const event = resultBody(processId, verificationId);
    await world.node.broker.emit("verification.completed", { ...event, callbackToken: "wrong" });
    await world.node.broker.emit("verification.completed", null);
    expect(toldOf(processId)).toEqual([]);
    const told = world.told.results(world.told.verified.length + 1);
    await world.node.broker.emit("verification.completed", { ...event, callbackToken: tokenFor(processId) });
    await told;
    expect(toldOf(processId)).toEqual([expect.objectContaining({ source: "EVENT", status: "SUCCESS" })]);
  });
});

describe("confirm", () => {
  test("a right answer is passed on once and its result is asked for at once", async () => {
    const attempt = await started();
    const told = world.told.results(world.told.verified.length + 1);
    const params = answer(attempt, "0.12");
    expect(await confirm(params)).toEqual({ answerId: params.answerId, outcome: "SUCCESS", remainingAttempts: null });
    await told;
    expect(toldOf(attempt.processId)).toEqual([expect.objectContaining({ status: "SUCCESS", source: "QUERY", verifiedAt: VERIFIED_AT })]);
    expect(confirmsOf(attempt.verificationId).map((call) => call.json)).toEqual([{ answerId: params.answerId, amount: "0.12", remark: "验证码" }]);
  });

  test("wrong answers count down, the last one fails, and that failure is asked for too", async () => {
    const attempt = await started();
    const told = world.told.results(world.told.verified.length + 1);
    const outcomes = [];
    for (let i = 0; i < 3; i++) outcomes.push(await confirm(answer(attempt, "9.99")));
    expect(outcomes.map(({ outcome, remainingAttempts }) => [outcome, remainingAttempts])).toEqual([["MISMATCH", 2], ["MISMATCH", 1], ["FAILED", 0]]);
    await told;
    expect(toldOf(attempt.processId)).toEqual([expect.objectContaining({ status: "FAILED", failureReason: "金额不符" })]);
  });

  test.each([
    ["at the same time", async (params: ConfirmParams) => Promise.all([confirm(params), confirm(params)])],
    ["one after the other", async (params: ConfirmParams) => [await confirm(params), await confirm(params)]],
    ["on two nodes", async (params: ConfirmParams) => {
      const other = await world.start();
      const outcomes = [await confirm(params), await confirm(params, other)];
      await other.stop();
      return outcomes;
    }],
  ])("the same answer given twice %s is sent once and has one outcome", async (_, twice) => {
    const attempt = await started();
    const [first, second] = await twice(answer(attempt, "9.99"));
    expect(second).toEqual(first);
    expect(first).toMatchObject({ outcome: "MISMATCH", remainingAttempts: 2 });
    expect(confirmsOf(attempt.verificationId)).toHaveLength(1);
  });

  test.each<[string, () => Reply]>([
    ["a system that hangs up", () => hangUp],
    ["a silent system", () => silent],
    ["a broken system", () => json({ code: "INTERNAL_ERROR" }, 500)],
    ["an answer that is none", () => json({ code: "SUCCESS", data: { status: "WHO KNOWS" } })],
  ])("%s makes the answer UNREACHABLE, and it is never sent again", async (_, reply) => {
    const attempt = await started();
    const params = answer(attempt, "0.12");
    world.system.script.push(reply());
    const unreachable = { answerId: params.answerId, outcome: "UNREACHABLE", remainingAttempts: null };
    expect(await confirm(params)).toEqual(unreachable);
    expect(await confirm(params)).toEqual(unreachable);
    expect(confirmsOf(attempt.verificationId)).toHaveLength(1);
  });

  test("an answer that arrived although nothing came back is found out by asking", async () => {
    const attempt = await started();
    const told = world.told.results(world.told.verified.length + 1);
    world.system.script.push(world.system.actThenHangUp);
    expect(await confirm(answer(attempt, "0.12"))).toMatchObject({ outcome: "UNREACHABLE" });
    await told;
    expect(toldOf(attempt.processId)).toEqual([expect.objectContaining({ status: "SUCCESS", source: "QUERY" })]);
  });

  test("an answer whose sender died before the outcome is not sent by the next one", async () => {
    const attempt = await started();
    const params = answer(attempt, "0.12");
    const dying = await world.start();
    dying.service.driver.confirm = () => Promise.reject(new Error("killed"));
    await expect(confirm(params, dying)).rejects.toThrow("killed");
    await dying.stop();
    expect(await confirm(params)).toMatchObject({ outcome: "UNREACHABLE" });
    expect(confirmsOf(attempt.verificationId)).toEqual([]);
  });

  test.each([
    ["another process", { processId: "ESIGN_PROC_OTHER" }],
    ["an unknown verification", { verificationId: "VER-NONE" }],
  ])("an answer for %s is refused and not sent", async (_, wrong) => {
    const attempt = await started();
    const before = world.system.calls.length;
    await expect(confirm(answer({ ...attempt, ...wrong }, "0.12"))).rejects.toMatchObject({ type: "PROCESS_STATE_INVALID" });
    expect(world.system.calls.length).toBe(before);
  });
});

describe("active query", () => {
  const dueOf = async (requestId: string) => ((await world.record(requestId, () => true)).dueAt!.getTime() - NOON) / 1000;

  test("when the callback stays away the system is asked after 30 s, then after twice as long each time", async () => {
    const { processId, requestId } = await started();
    const due = [await dueOf(requestId)];
    for (let i = 0; i < 3; i++) {
      world.at(due.at(-1)! * 1000);
      await world.node.service.sweepNow();
      due.push(await dueOf(requestId));
    }
    expect(due).toEqual([30, 90, 210, 450]);
    expect(toldOf(processId)).toEqual([]);
    world.system.settle(requestId, "SUCCESS");
    world.at(450_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toEqual([expect.objectContaining({ status: "SUCCESS", source: "QUERY", evidence: { remittanceAmount: "0.12" } })]);
  });

  test("a system that cannot be asked is asked again, and a result without a time is none", async () => {
    const { processId, requestId, verificationId } = await started();
    world.system.script.push(hangUp, json({ code: "SUCCESS", data: { verificationId, status: "SUCCESS" } }));
    world.at(30_000);
    await world.node.service.sweepNow();
    world.at(90_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toEqual([]);
    expect(await dueOf(requestId)).toBe(210);
  });

  test("long after the window nobody asks any more, and a callback still counts", async () => {
    const { processId, requestId, verificationId } = await started({ giveUpAt: new Date(NOON + 60_000).toISOString() });
    world.at(60_000 + 3_600_001);
    await world.node.service.sweepNow();
    expect((await world.record(requestId, () => true)).dueAt).toBeUndefined();
    await callback(resultBody(processId, verificationId), tokenFor(processId));
    expect(toldOf(processId)).toHaveLength(1);
  });

  test("a node that gives up on an attempt lets a result be told that came while it slept", async () => {
    const { processId, requestId, verificationId } = await started({ giveUpAt: new Date(NOON + 60_000).toISOString() });
    world.at(60_000 + 3_600_001);
    const { attempts } = world.node.service.collections;
    const { get } = attempts;
    world.told.failing = true;
    // The sweep's lease is its first look; its second one is that which gives up.
    let looks = 0;
    attempts.get = async (id) => {
      if (++looks === 2) {
        attempts.get = get;
        await callback(resultBody(processId, verificationId), tokenFor(processId));
      }
      return get(id);
    };
    await world.node.service.sweepNow();
    attempts.get = get;
    expect(looks).toBe(2);
    world.told.failing = false;
    world.at(2 * 3_600_000);
    await world.node.service.sweepNow();
    expect((await world.record(requestId, (record) => !record.owesResult)).result).toMatchObject({ status: "SUCCESS" });
    expect(toldOf(processId)).toHaveLength(1);
  });

  test("two nodes that sweep at the same time ask once", async () => {
    const { verificationId } = await started();
    const other = await world.start();
    world.at(30_000);
    await Promise.all([world.node.service.sweepNow(), other.service.sweepNow()]);
    await other.stop();
    expect(world.system.calls.filter((call) => call.path === `/api/v1/verification/${verificationId}`)).toHaveLength(1);
  });

  test("the query for an expiry answers the result, and the process is told even when the asker forgets it", async () => {
    const { processId, requestId } = await started();
    const query = () => world.node.call<QueryAnswer>("verification-bridge.query", { processId });
    expect(await query()).toEqual({ status: "PENDING", result: null });
    world.system.settle(requestId, "SUCCESS");
    const found = await query();
    expect(found).toMatchObject({ status: "SUCCESS", result: { requestId, status: "SUCCESS", source: "QUERY" } });
    expect(toldOf(processId)).toEqual([]);
    world.system.script.push(hangUp);
    expect(await query()).toEqual(found);
    world.system.script.length = 0;
    world.at(60_000);
    await world.node.service.sweepNow();
    expect(toldOf(processId)).toHaveLength(1);
  });
});
