import { statusOf } from "../../services/process/decision.ts";
import type { Confirmed } from "../../services/verification-bridge/verification-bridge.api.ts";
import { processWorld, refusal } from "./process-world.ts";

const HOUR = 3_600_000;
let on: Awaited<ReturnType<typeof processWorld>>;
beforeAll(async () => {
  on = await processWorld();
});
beforeEach(() => on.calm());
afterAll(() => on.end());

const signed = async (request?: object) => (await on.signing(request ?? on.body())).signed();
const says = (outcome: Confirmed["outcome"], remainingAttempts: number | null = null) => async () => ({ outcome, remainingAttempts });

describe("the answer", () => {
  test.each<[Confirmed["outcome"], number | null, object]>([
    ["MISMATCH", 2, { code: "VERIFICATION_MISMATCH", data: { remainingAttempts: 2, status: "VERIFICATION_PENDING" } }],
    ["FAILED", 0, { code: "VERIFICATION_MISMATCH", data: { remainingAttempts: 0, status: "FAILED" } }],
    ["UNREACHABLE", null, { code: "VERIFICATION_SERVICE_ERROR" }],
  ])("that the system calls %s is passed on once, recorded with its reply, and moves no state", async (outcome, left, expected) => {
    on.world.confirm = says(outcome, left);
    const one = await signed();
    expect(await refusal(one.answer())).toMatchObject(expected);
    await on.settled();
    expect(statusOf(await one.process())).toBe("VERIFICATION_PENDING");
    expect(on.world.confirmed).toMatchObject([{ processId: one.processId, verificationId: `VER_${one.processId}`, amount: "0.12", remark: "验证码" }]);
    expect((await one.evidence()).filter((type) => type === "VERIFICATION_ANSWER")).toHaveLength(2);
  });

  test("that is right is shown, and the process waits for the result all the same", async () => {
    on.world.confirm = says("SUCCESS");
    const one = await signed();
    expect(await one.answer()).toMatchObject({ status: "VERIFICATION_PENDING", verification: { status: "PENDING" } });
    await one.result("SUCCESS");
    expect(statusOf(await one.process())).toBe("COMPLETED");
  });

  test("under way refuses a second one, and is nobody's concern any more after fifteen seconds", async () => {
    let reply!: (value: Omit<Confirmed, "answerId">) => void;
    let passedOn!: () => void;
    const reached = new Promise<void>((resolve) => {
      passedOn = resolve;
    });
    on.world.confirm = () => (passedOn(), new Promise((resolve) => (reply = resolve)));
    const one = await signed();
    const first = refusal(one.answer());
    await reached;
    expect((await refusal(one.answer())).code).toBe("PROCESS_STATE_INVALID");
    expect((await refusal(one.answer("0.34"))).code).toBe("PROCESS_STATE_INVALID");
    on.world.now += 15_000;
    const answerOfFirst = reply;
    on.world.confirm = says("MISMATCH", 1);
    expect((await refusal(one.answer("0.34"))).data).toMatchObject({ remainingAttempts: 1 });
    answerOfFirst({ outcome: "MISMATCH", remainingAttempts: 2 });
    await first;
    // The late reply to the first answer is evidence and does not give an attempt back.
    expect((await one.process()).verification).toMatchObject({ remainingAttempts: 1, answer: { outcome: "MISMATCH" } });
    expect(on.world.confirmed).toHaveLength(2);
  });

  test.each<[string, Confirmed["outcome"], number, [string, string], number]>([
    ["the same words", "MISMATCH", 59_999, ["0.12", "验证码"], 1],
    ["the same words, written differently", "MISMATCH", 1_000, ["0.12", " 验证码 "], 1],
    ["the same right words", "SUCCESS", 1_000, ["0.12", "验证码"], 1],
    ["the same words that used the attempts up", "FAILED", 1_000, ["0.12", "验证码"], 1],
    ["the same words a minute later", "MISMATCH", 60_000, ["0.12", "验证码"], 2],
    ["another amount", "MISMATCH", 1_000, ["0.13", "验证码"], 2],
    ["another remark", "MISMATCH", 1_000, ["0.12", "验证"], 2],
    ["the same words the system never replied to", "UNREACHABLE", 1_000, ["0.12", "验证码"], 2],
  ])("%s after %s, %i ms later: %j passed on %i times in all", async (_, outcome, later, [amount, remark], passed) => {
    on.world.confirm = says(outcome, outcome === "FAILED" ? 0 : 2);
    const one = await signed();
    const settle = (asked: Promise<unknown>) => asked.then((value) => ({ value }), (error: { type: string; data: object }) => ({ type: error.type, data: error.data }));
    const first = await settle(one.answer());
    await on.settled();
    on.world.now += later;
    const second = await settle(one.answer(amount, remark));
    expect(on.world.confirmed).toHaveLength(passed);
    if (passed === 1) expect(second).toEqual(first);
  });

  test("that was right is answered again when the process has gone on meanwhile", async () => {
    on.world.confirm = says("SUCCESS");
    const one = await signed();
    await one.answer();
    await one.result("SUCCESS");
    expect(await one.answer()).toMatchObject({ status: "COMPLETED", verification: { status: "SUCCESS" } });
    expect((await refusal(one.answer("0.34"))).code).toBe("PROCESS_STATE_INVALID");
    expect(on.world.confirmed).toHaveLength(1);
  });

  test("after a FAILED is out of turn, the same words or not", async () => {
    on.world.confirm = says("FAILED", 0);
    const one = await signed();
    await refusal(one.answer());
    await one.result("FAILED");
    for (const amount of ["0.12", "0.34"]) expect((await refusal(one.answer(amount))).code).toBe("PROCESS_STATE_INVALID");
  });

  test("the digest of an answer is stored encrypted, and no answer stands in the document in clear", async () => {
    const one = await signed();
    await refusal(one.answer("0.47", "独一无二"));
    const { said } = (await one.process()).verification!.answer!;
    const raw = JSON.stringify(await (on.node as unknown as { adapter: { findById(id: string): Promise<unknown> } }).adapter.findById(one.processId));
    expect([raw.includes(one.processId), raw.includes(said), raw.includes("独一无二"), raw.includes("13800138000")]).toEqual([true, false, false, false]);
  });

  test("while nothing has been started is told that it starts by itself", async () => {
    on.world.startStatus = "NOT_STARTED";
    const one = await signed();
    expect(await refusal(one.answer())).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("自动发起") });
    expect(on.world.confirmed).toEqual([]);
  });

  test("that the bridge cannot take is 502, and may be given again when it has been given up", async () => {
    on.world.confirm = () => Promise.reject(new Error("down"));
    const one = await signed();
    expect((await refusal(one.answer())).code).toBe("VERIFICATION_SERVICE_ERROR");
    on.world.confirm = says("MISMATCH", 2);
    expect((await refusal(one.answer())).code).toBe("PROCESS_STATE_INVALID");
    on.world.now += 15_000;
    expect((await refusal(one.answer())).code).toBe("VERIFICATION_MISMATCH");
  });
});

describe("the face check", () => {
  /** VERIFICATION_RULES_FILE may ask anybody's signer for a face: the texts for a person come with their own flow. */
  const person = () => {
    on.world.mode = "FACE";
    return signed();
  };
  test("is where the system put it, for as long as its link lives", async () => {
    on.world.faceUrlExpiresAt = new Date(on.world.now + HOUR).toISOString();
    const one = await person();
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/1" });
    on.world.now = Date.parse(on.world.faceUrlExpiresAt) - 1;
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/1" });
    expect(on.world.started).toHaveLength(1);
  });
  test("that has not been started says that it starts by itself", async () => {
    on.world.startStatus = "NOT_STARTED";
    expect(await refusal((await person()).asSigner("face"))).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("自动发起") });
  });
  test("is not a company's, and a person has no amount to tell", async () => {
    expect(await refusal((await signed()).asSigner("face"))).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("打款") });
    expect(await refusal((await person()).answer())).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("人脸") });
  });
  test("is over when its day is, and when it has been done", async () => {
    const late = await person();
    on.world.now = (await late.process()).expiredAt!.getTime();
    expect((await refusal(late.asSigner("face"))).code).toBe("PROCESS_EXPIRED");
    const done = await person();
    await done.result("SUCCESS");
    expect((await refusal(done.asSigner("face"))).code).toBe("PROCESS_STATE_INVALID");
  });
});

describe("a face check whose link has expired", () => {
  const expired = async () => {
    on.world.mode = "FACE";
    on.world.faceUrlExpiresAt = new Date(on.world.now + HOUR).toISOString();
    const one = await signed();
    on.world.now = Date.parse(on.world.faceUrlExpiresAt);
    on.world.faceUrlExpiresAt = new Date(on.world.now + HOUR).toISOString();
    return one;
  };
  const requestIds = () => on.world.started.map((start) => start.requestId);

  test("is replaced by a new attempt with an id of its own, and the evidence has both", async () => {
    const one = await expired();
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/2" });
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/2" });
    expect(requestIds()).toEqual([`${one.processId}-1`, `${one.processId}-2`]);
    expect(await one.process()).toMatchObject({ verification: { attempt: 2, status: "PENDING", verificationId: `VER_${one.processId}_2` } });
    expect((await one.evidence()).filter((type) => type === "VERIFICATION_REQUEST")).toHaveLength(3);
  });

  test("is replaced once by two taps at the same moment", async () => {
    const one = await expired();
    const urls = await Promise.all([one.asSigner("face"), one.asSigner("face")]);
    expect(urls).toEqual([{ faceUrl: "https://face.example.com/2" }, { faceUrl: "https://face.example.com/2" }]);
    expect(requestIds()).toHaveLength(2);
  });

  test("gives way to the new attempt's result; that of the old one is kept as an anomaly", async () => {
    const one = await expired();
    await one.asSigner("face");
    expect(await one.result("SUCCESS")).toEqual({ outcome: "ANOMALY" });
    expect(statusOf(await one.process())).toBe("VERIFICATION_PENDING");
    expect(await one.result("SUCCESS", { requestId: `${one.processId}-2`, verificationId: `VER_${one.processId}_2` })).toEqual({ outcome: "ACCEPTED" });
    expect(statusOf(await one.process())).toBe("COMPLETED");
    expect((await one.evidence()).filter((type) => type === "VERIFICATION_ANOMALY" || type === "VERIFICATION_RESULT")).toEqual(["VERIFICATION_ANOMALY", "VERIFICATION_RESULT"]);
  });

  test.each(["SUCCESS", "FAILED"] as const)("needs no new one when the system had %s and its callback was lost", async (status) => {
    const one = await expired();
    const { processId } = one;
    const result = { verificationId: `VER_${processId}`, requestId: `${processId}-1`, status, verifiedAt: "2026-11-24T12:30:00Z", failureReason: null, evidence: null, source: "QUERY" } as const;
    on.world.query = { status, result };
    expect((await refusal(one.asSigner("face"))).code).toBe("PROCESS_STATE_INVALID");
    await on.settled();
    expect(statusOf(await one.process())).toBe(status === "SUCCESS" ? "COMPLETED" : "FAILED");
    expect(requestIds()).toHaveLength(1);
  });

  test("is not replaced while the system cannot be asked what became of it", async () => {
    const one = await expired();
    on.world.query = { status: "UNREACHABLE", result: null };
    expect((await refusal(one.asSigner("face"))).code).toBe("VERIFICATION_SERVICE_ERROR");
    expect((await one.process()).verification!.attempt).toBe(1);
    on.world.query = { status: "PENDING", result: null };
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/2" });
  });

  test("whose successor the system did not take says so, until the bridge has got it through", async () => {
    const one = await expired();
    on.world.startStatus = "NOT_STARTED";
    expect(await refusal(one.asSigner("face"))).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("自动发起") });
    expect(await one.get()).toMatchObject({ status: "VERIFICATION_PENDING", verificationInfo: { status: "NOT_STARTED", verificationId: null } });
    const requestId = `${one.processId}-2`;
    await on.call("verificationStarted", { processId: one.processId, requestId, status: "PENDING", verificationId: "VER_LATE", startedAt: "2026-11-24T13:05:00Z", faceUrl: "https://face.example.com/late", faceUrlExpiresAt: on.world.faceUrlExpiresAt });
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/late" });
    expect(on.world.started).toHaveLength(2);
  });

  test("is replaced after a crash between the decision and the start", async () => {
    const one = await expired();
    const node = on.node as unknown as { performEffect: unknown };
    const perform = node.performEffect;
    node.performEffect = () => Promise.reject(new Error("the node is dying"));
    await refusal(one.asSigner("face"));
    node.performEffect = perform;
    on.world.now += 60_000;
    await on.node.sweepNow();
    await on.settled();
    expect(await one.asSigner("face")).toEqual({ faceUrl: "https://face.example.com/2" });
    expect(requestIds()).toEqual([`${one.processId}-1`, `${one.processId}-2`]);
  });

  test("is replaced fifty times at most, whatever the system calls expired", async () => {
    on.world.mode = "FACE";
    on.world.faceUrlExpiresAt = new Date(on.world.now).toISOString();
    const one = await signed();
    for (let attempt = 2; attempt <= 50; attempt++) await refusal(one.asSigner("face"));
    expect(await refusal(one.asSigner("face"))).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("次数过多") });
    expect(on.world.started).toHaveLength(50);
  });
});

describe("a result", () => {
  test.each(["SUCCESS", "FAILED"] as const)("%s is accepted once; a repeat changes nothing, a conflicting one is evidence", async (status) => {
    const one = await signed();
    expect(await one.result(status)).toEqual({ outcome: "ACCEPTED" });
    const settledAt = await one.process();
    on.world.now += 1_000;
    expect(await one.result(status)).toEqual({ outcome: "REPEATED" });
    expect(await one.process()).toEqual(settledAt);
    const other = status === "SUCCESS" ? "FAILED" : "SUCCESS";
    expect(await one.result(other)).toEqual({ outcome: status === "SUCCESS" ? "ANOMALY" : "LATE" });
    await on.settled();
    const after = await one.process();
    expect([after.status, after.updatedAt]).toEqual([settledAt.status, settledAt.updatedAt]);
    const evidence = await one.evidence();
    expect(evidence.at(-1)).toBe(status === "SUCCESS" ? "VERIFICATION_ANOMALY" : "LATE_RESULT");
    on.world.now += 5_000;
    expect(await one.result(other)).toEqual({ outcome: "REPEATED" });
    await on.settled();
    expect([await one.process(), await one.evidence()]).toEqual([after, evidence]);
    expect(on.world.events).toHaveLength(1);
  });
  test("of an earlier attempt, or before anybody asked, is kept and changes nothing", async () => {
    const one = await signed();
    expect(await one.result("SUCCESS", { requestId: `${one.processId}-0` })).toEqual({ outcome: "ANOMALY" });
    expect(statusOf(await one.process())).toBe("VERIFICATION_PENDING");
    const early = await on.signing();
    expect(await early.result("SUCCESS")).toEqual({ outcome: "ANOMALY" });
    expect(statusOf(await early.process())).toBe("SMS_SENT");
  });
  test("that comes before the start has answered counts, and both states stand in the history", async () => {
    on.world.startStatus = "NOT_STARTED";
    const one = await signed();
    expect(await one.result("SUCCESS")).toEqual({ outcome: "ACCEPTED" });
    expect((await one.process()).history.map((entry) => entry.status)).toEqual(["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING", "VERIFICATION_SUCCESS", "COMPLETED"]);
  });
  test.each(["SUCCESS", "FAILED"] as const)("%s at the same moment from callback, event and query counts once", async (status) => {
    const one = await signed();
    const outcomes = await Promise.all(["CALLBACK", "EVENT", "QUERY"].map((source) => one.result(status, { source })));
    expect(outcomes.map((one) => one.outcome).toSorted()).toEqual(["ACCEPTED", "REPEATED", "REPEATED"]);
    await on.settled();
    expect(on.world.events).toHaveLength(1);
  });
  test("SUCCESS after EXPIRED stays evidence, the end stays the end", async () => {
    const one = await signed();
    on.world.now = (await one.process()).expiredAt!.getTime();
    await one.expire();
    expect(await one.result("SUCCESS")).toEqual({ outcome: "LATE" });
    await on.settled();
    expect([statusOf(await one.process()), (await one.evidence()).at(-1)]).toEqual(["EXPIRED", "LATE_RESULT"]);
  });
});

describe("the deadline of the verification", () => {
  const due = async () => {
    const one = await signed();
    const end = (await one.process()).expiredAt!.getTime();
    return { one, end, at: (ms: number) => void (on.world.now = end + ms) };
  };
  const iso = (ms: number) => new Date(ms).toISOString();

  test("is a millisecond away: nobody is asked, the wake-up is set again", async () => {
    const { one, end, at } = await due();
    at(-1);
    const before = on.world.queries;
    expect(await one.expire()).toEqual({ next: iso(end) });
    expect(on.world.queries).toBe(before);
  });
  test("has come: the system is asked, and its success completes", async () => {
    const { one, at } = await due();
    at(0);
    on.world.query = { status: "SUCCESS", result: { verificationId: `VER_${one.processId}`, requestId: `${one.processId}-1`, status: "SUCCESS", verifiedAt: "2026-11-24T12:00:00Z", failureReason: null, evidence: null, source: "QUERY" } };
    expect(await one.expire()).toEqual({ next: null });
    expect(statusOf(await one.process())).toBe("COMPLETED");
  });
  test.each(["PENDING", "UNKNOWN", "NOT_STARTED"] as const)("has come and the system says %s: it expires, with one event", async (status) => {
    const { one, at } = await due();
    at(0);
    on.world.query = { status, result: null };
    expect(await one.expire()).toEqual({ next: null });
    expect(await one.expire()).toEqual({ next: null });
    expect(on.world.events).toMatchObject([{ payload: { processStatus: "EXPIRED", failureCode: "VERIFICATION_TIMEOUT" } }]);
  });
  test("has come and the system is unreachable: it is asked each minute until the grace is over", async () => {
    const { one, end, at } = await due();
    on.world.query = { status: "UNREACHABLE", result: null };
    at(0);
    expect(await one.expire()).toEqual({ next: iso(end + 60_000) });
    expect((await refusal(one.answer())).code).toBe("PROCESS_EXPIRED");
    at(HOUR - 30_000);
    expect(await one.expire()).toEqual({ next: iso(end + HOUR) });
    at(HOUR);
    expect(await one.expire()).toEqual({ next: null });
    expect(statusOf(await one.process())).toBe("EXPIRED");
  });
  test.each<[Confirmed["outcome"], boolean]>([["SUCCESS", true], ["FAILED", true], ["UNREACHABLE", true], ["MISMATCH", false]])("has come after an answer called %s just before it: held for a minute: %s", async (outcome, held) => {
    const { one, end, at } = await due();
    at(-1);
    on.world.confirm = says(outcome);
    await one.answer().catch(() => undefined);
    at(59_999);
    expect(await one.expire()).toEqual({ next: held ? iso(end + 60_000) : null });
    at(60_000);
    await one.expire();
    expect(statusOf(await one.process())).toBe("EXPIRED");
  });
  test("and a result in the same moment have exactly one winner", async () => {
    for (const first of ["result", "expire"]) {
      on.world.events.length = 0;
      const { one, at } = await due();
      at(0);
      const calls = [() => one.result("SUCCESS"), () => one.expire()];
      await Promise.all((first === "result" ? calls : calls.toReversed()).map((call) => call()));
      await on.settled();
      const path = (await one.process()).history.map((entry) => entry.status);
      expect(Number(path.includes("EXPIRED")) + Number(path.includes("COMPLETED"))).toBe(1);
      expect(on.world.events).toHaveLength(1);
    }
  });
  test("is found by the expiry service's own sweep", async () => {
    const { one, at } = await due();
    at(0);
    await on.expiry.sweepNow();
    await on.settled();
    expect(statusOf(await one.process())).toBe("EXPIRED");
  });
});

test("a wake-up for a process that is not there, or that has ended, wants no other", async () => {
  expect(await on.call("expire", { processId: "nobody" })).toEqual({ next: null });
  const one = await signed();
  await one.result("FAILED");
  expect(await one.expire()).toEqual({ next: null });
});
