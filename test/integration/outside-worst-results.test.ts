import { tokenFor } from "./bridge-node.ts";
import { hangUp, json, type Reply } from "./outside-system.ts";
import { outsideWorld, resultOf, type OutsideWorld } from "./outside-world.ts";
import { refusal } from "./process-world.ts";

let on: OutsideWorld;
beforeAll(async () => {
  on = await outsideWorld();
});
beforeEach(() => on.calmAll());
afterAll(() => on.end());

const alertsOf = (spy: jest.SpyInstance): unknown[] => spy.mock.calls.map(([, facts]) => (facts as { alert?: string } | undefined)?.alert).filter(Boolean);
const listening = () => ({
  process: jest.spyOn(on.node.logger, "warn").mockClear().mockImplementation(() => undefined),
  bridge: jest.spyOn(on.bridge.logger, "error").mockClear().mockImplementation(() => undefined),
});
const RESULTS = /^(VERIFICATION_RESULT|VERIFICATION_ANOMALY|LATE_RESULT)$/;
/** What the chain holds of results, oldest first. */
const results = async (one: { evidence(): Promise<string[]> }) => (await one.evidence()).filter((type) => RESULTS.test(type));
const told = async (processId: string, events: string[]) => {
  await on.sweep();
  expect(await on.seen(processId)).toMatchObject({ remittances: { moved: 1 }, callbacks: { posts: events.length, ids: events.length }, events });
};

describe("a result that comes", () => {
  test("before the start's answer counts, and the start's answer changes nothing any more", async () => {
    on.verification.script.push((response, call) => {
      const reply = on.verification.act(call);
      void on.callback(String(call.json["processId"])).then(() => reply(response, call));
    });
    const one = await on.signed();
    await on.reaches(one.processId, "COMPLETED");
    const path = (await one.process()).history.map((entry) => entry.status);
    expect(path).toEqual(["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING", "VERIFICATION_SUCCESS", "COMPLETED"]);
    expect(await results(one)).toHaveLength(1);
    await told(one.processId, ["COMPLETED"]);
  });

  test("by callback and by bus event both, at once, counts once", async () => {
    const one = await on.signed();
    await Promise.all([on.callback(one.processId), on.event(one.processId), on.callback(one.processId), on.event(one.processId)]);
    await on.reaches(one.processId, "COMPLETED");
    expect(await results(one)).toEqual(["VERIFICATION_RESULT"]);
    await told(one.processId, ["COMPLETED"]);
  });

  test("by bus event alone counts like a callback", async () => {
    const one = await on.signed();
    await on.event(one.processId);
    await on.reaches(one.processId, "COMPLETED");
    await told(one.processId, ["COMPLETED"]);
  });

  test.each<[string, string, "FAILED" | "SUCCESS", "FAILED" | "COMPLETED", string, string]>([
    ["FAILED, then SUCCESS", "SUCCESS", "FAILED", "FAILED", "LATE_RESULT", "RESULT_LATE"],
    ["SUCCESS, then FAILED", "FAILED", "SUCCESS", "COMPLETED", "VERIFICATION_ANOMALY", "RESULT_ANOMALY"],
  ])("%s: the first one stands, the second is evidence and an alert", async (_, second, first, state, evidence, alert) => {
    const one = await on.signed();
    const heard = listening();
    await on.callback(one.processId, { status: first });
    await on.reaches(one.processId, state);
    for (const times of [1, 2, 3]) {
      await on.callback(one.processId, { status: second });
      expect([times, await results(one), await on.stateOf(one.processId)]).toEqual([times, ["VERIFICATION_RESULT", evidence], state]);
    }
    expect(alertsOf(heard.process)).toEqual([alert]);
    await told(one.processId, [state]);
  });

  test.each(["callback", "event"] as const)("after EXPIRED as a SUCCESS by %s stays evidence and an alert, and the end stays the end", async (way) => {
    const one = await on.signed();
    const heard = listening();
    on.world.now = (await one.process()).expiredAt!.getTime();
    await on.sweep();
    expect(await on.stateOf(one.processId)).toBe("EXPIRED");
    await on[way](one.processId);
    expect([await results(one), await on.stateOf(one.processId)]).toEqual([["LATE_RESULT"], "EXPIRED"]);
    expect(alertsOf(heard.process)).toEqual(["RESULT_LATE"]);
    expect(await on.reads(one.processId)).toMatchObject({ status: "EXPIRED" });
    await told(one.processId, ["FAILED"]);
  });

  test("a hundred times at once is one result, and every sender is told so", async () => {
    const one = await on.signed();
    await Promise.all(Array.from({ length: 100 }, () => on.callback(one.processId)));
    await on.reaches(one.processId, "COMPLETED");
    expect(await results(one)).toEqual(["VERIFICATION_RESULT"]);
    // Taken over, started, the result, the debt struck off: not a write for each of the hundred.
    expect((await on.bridge.collections.attempts.get(`${one.processId}-1`))!.version).toBeLessThan(8);
    await told(one.processId, ["COMPLETED"]);
  });

  test("a hundred times at once, half of them SUCCESS and half FAILED, has one winner and one that is noted", async () => {
    const one = await on.signed();
    await Promise.all(Array.from({ length: 100 }, (_, i) => on.callback(one.processId, { status: i % 2 ? "SUCCESS" : "FAILED" })));
    await on.reaches(one.processId, "FAILED");
    expect(await results(one)).toEqual(["VERIFICATION_RESULT", "LATE_RESULT"]);
    await told(one.processId, ["FAILED"]);
  });
});

describe("a face check whose link has expired and that was begun anew", () => {
  const at = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}/, "");
  const person = () => ({ payeeInfo: { ...on.body().payeeInfo!, merchantType: "INDIVIDUAL" as const } });

  /** The signer has come back to the expired link, and a second attempt is open. */
  async function secondAttempt() {
    on.verification.face.expiresAt = at(on.world.now + 1_800_000);
    const one = await on.signed(person());
    await on.reaches(one.processId, "VERIFICATION_PENDING");
    on.world.now += 1_800_000;
    on.verification.face.expiresAt = at(on.world.now + 1_800_000);
    await one.asSigner("face");
    await on.settled();
    expect((await one.process()).verification).toMatchObject({ attempt: 2, verificationId: `VER-${one.processId}-2` });
    return one;
  }

  test.each(["SUCCESS", "FAILED"])("takes a %s of the earlier attempt as an anomaly and waits on", async (status) => {
    const one = await secondAttempt();
    const heard = listening();
    await on.callback(one.processId, { status });
    await on.callback(one.processId, { status });
    expect([await on.stateOf(one.processId), await results(one)]).toEqual(["VERIFICATION_PENDING", ["VERIFICATION_ANOMALY"]]);
    expect(alertsOf(heard.process)).toEqual(["RESULT_ANOMALY"]);
    await on.callback(one.processId, { verificationId: `VER-${one.processId}-2` });
    await on.reaches(one.processId, "COMPLETED");
    await on.sweep();
    expect((await one.process()).verificationId).toBe(`VER-${one.processId}-2`);
    expect(await on.seen(one.processId)).toMatchObject({ remittances: { posts: 2, moved: 2 }, callbacks: { posts: 1 }, events: ["COMPLETED"] });
  });

  test("takes a result of the earlier attempt that comes after the end as an anomaly too", async () => {
    const one = await secondAttempt();
    await on.callback(one.processId, { verificationId: `VER-${one.processId}-2`, status: "FAILED" });
    await on.reaches(one.processId, "FAILED");
    await on.callback(one.processId);
    expect([await on.stateOf(one.processId), await results(one)]).toEqual(["FAILED", ["VERIFICATION_RESULT", "VERIFICATION_ANOMALY"]]);
    await on.sweep();
    expect(await on.seen(one.processId)).toMatchObject({ callbacks: { posts: 1 }, events: ["FAILED"] });
  });
});

describe("a callback", () => {
  test.each<[string, (processId: string, other: string) => Promise<unknown>]>([
    ["with the token of another process", (processId, other) => on.callback(processId, {}, tokenFor(other))],
    ["without a token", (processId) => on.callback(processId, {}, null)],
    ["with a token cut short", (processId) => on.callback(processId, {}, tokenFor(processId).slice(0, -2))],
    ["with a token for an SMS receipt's", (processId) => on.callback(processId, {}, tokenFor(`sms-receipt:${processId}`))],
    ["for a process nobody knows, with its right token", () => on.callback("ESIGN_PROC_NOBODY")],
    ["for a process that has not signed yet", async () => on.callback((await on.initiated()).processId)],
  ])("%s is 401 and an alert, and changes nothing", async (_, send) => {
    const [one, other] = [await on.signed(), await on.signed()];
    const before = await one.process();
    const heard = listening();
    expect((await refusal(send(one.processId, other.processId))).code).toBe("CALLBACK_TOKEN_INVALID");
    expect(alertsOf(heard.bridge)).toEqual(["CALLBACK_TOKEN_INVALID"]);
    expect(await one.process()).toEqual(before);
    await on.callback(one.processId);
    await on.reaches(one.processId, "COMPLETED");
  });

  test.each<[string, string, (other: string) => object]>([
    ["another verificationId", "verificationId", () => ({ verificationId: "VER-SOMETHING" })],
    ["the verificationId of another process", "verificationId", (other) => ({ verificationId: `VER-${other}-1` })],
    ["a status nobody knows", "status", () => ({ status: "OK" })],
    ["rubbish for a time", "verifiedAt", () => ({ verifiedAt: "rubbish 5" })],
    ["evidence of half a character", "evidence", () => ({ evidence: { remittanceRemark: "\ud800" } })],
    ["evidence named by half a character", "evidence", () => ({ evidence: { "\udc00": "x" } })],
    ["evidence of an infinite amount", "evidence", () => ({ evidence: { amount: Infinity } })],
    ["evidence without a bottom", "evidence", () => ({ evidence: JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) as object })],
    ["evidence of a megabyte", "evidence", () => ({ evidence: { photo: "x".repeat(1_000_000) } })],
    ["half a character for a reason", "failureReason", () => ({ failureReason: "\ud800" })],
  ])("with the right token and %s is 400 naming the field, and the right one still counts", async (_, field, change) => {
    const [one, other] = [await on.signed(), await on.signed()];
    expect(await refusal(on.callback(one.processId, change(other.processId)))).toMatchObject({ code: "PARAM_INVALID", errors: [field] });
    await on.event(one.processId, change(other.processId));
    expect(await on.stateOf(one.processId)).toBe("VERIFICATION_PENDING");
    await on.callback(one.processId);
    await on.reaches(one.processId, "COMPLETED");
    await told(one.processId, ["COMPLETED"]);
  });

  test("whose time lies in the future counts: what it says is kept beside when it came", async () => {
    const one = await on.signed();
    await on.callback(one.processId, { verifiedAt: "2031-01-01T00:00:00Z" });
    await on.reaches(one.processId, "COMPLETED");
    expect((await one.process()).verification!.verifiedAt).toBe("2031-01-01T00:00:00Z");
  });
});

describe("a query that is answered", () => {
  const found = (change: object): Reply => (response, call) => json({ code: "SUCCESS", data: { ...resultOf("", {}), verificationId: call.path.split("/").at(-1), ...change } })(response, call);

  test.each<[string, Reply]>([
    ["by a word nobody knows", found({ status: "DONE" })],
    ["SUCCESS without a time", found({ verifiedAt: null })],
    ["SUCCESS at a time that is rubbish", found({ verifiedAt: "rubbish 5" })],
    ["SUCCESS of another verification", found({ verificationId: "VER-OTHER" })],
    ["SUCCESS under a code of failure", (response, call) => json({ code: "INTERNAL_ERROR", data: { ...resultOf(""), verificationId: call.path.split("/").at(-1) } })(response, call)],
    ["SUCCESS with a megabyte of evidence", found({ evidence: { photo: "x".repeat(1_000_000) } })],
    ["404, as if it had never been", json({ code: "NOT_FOUND" }, 404)],
    ["by a page", (response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>SUCCESS</p>")],
    ["by hanging up", hangUp],
  ])("%s is none: it is asked again, and the truth completes it", async (_, reply) => {
    const one = await on.signed();
    on.verification.script.push(reply);
    await on.later(30_000);
    expect(await on.reads(one.processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "PENDING" });
    on.verification.settle(`${one.processId}-1`, "SUCCESS");
    await on.later(60_000);
    await on.reaches(one.processId, "COMPLETED");
    expect((await one.process()).verificationId).toBe(`VER-${one.processId}-1`);
    await told(one.processId, ["COMPLETED"]);
  });

  test.each<[string, object]>([
    ["evidence of half a character", { evidence: { remark: "\ud800" } }],
    ["evidence without a bottom", { evidence: JSON.parse(`${'{"a":'.repeat(50)}1${"}".repeat(50)}`) as object }],
    ["a reason of half a character and a novel's length", { failureReason: `\ud800${"长".repeat(5_000)}` }],
  ])("SUCCESS with %s completes all the same", async (_, change) => {
    const one = await on.signed();
    on.verification.script.push(found(change));
    await on.later(30_000);
    await on.reaches(one.processId, "COMPLETED");
    await told(one.processId, ["COMPLETED"]);
  });
});

test("a lost start that is found under the id of somebody else's verification is not taken for it", async () => {
  const other = await on.signed();
  const heard = listening();
  on.verification.script.push(hangUp, ...Array.from({ length: 20 }, () => json({ code: "SUCCESS", data: { verificationId: `VER-${other.processId}-1`, status: "PENDING" } })));
  const one = await on.signed();
  await on.reaches(one.processId, "VERIFICATION_PENDING");
  expect(await on.reads(one.processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "NOT_STARTED" });
  expect(alertsOf(heard.bridge)).toContain("VERIFICATION_ID_CONFLICT");
  on.well(on.verification);
  await on.later(6_000);
  await on.pending(one.processId);
  await on.callback(one.processId);
  await on.reaches(one.processId, "COMPLETED");
  expect(await on.stateOf(other.processId)).toBe("VERIFICATION_PENDING");
  await told(one.processId, ["COMPLETED"]);
});

describe("an answer of the signer", () => {
  const answers = (body: object, status = 200): Reply => json(body, status);

  test.each<[string, Reply, string, unknown]>([
    ["wrong, with attempts left that are no number", answers({ code: "VERIFICATION_MISMATCH", data: { status: "PENDING", remainingAttempts: "x" } }), "VERIFICATION_MISMATCH", null],
    ["wrong, with less than no attempts left", answers({ code: "VERIFICATION_MISMATCH", data: { status: "PENDING", remainingAttempts: -1 } }), "VERIFICATION_MISMATCH", null],
    ["wrong, with half an attempt left", answers({ code: "VERIFICATION_MISMATCH", data: { status: "PENDING", remainingAttempts: 1.5 } }), "VERIFICATION_MISMATCH", null],
    ["right, and pending", answers({ code: "SUCCESS", data: { status: "PENDING" } }), "VERIFICATION_SERVICE_ERROR", undefined],
    ["right, in a refusal", answers({ code: "SUCCESS", data: { status: "SUCCESS" } }, 400), "VERIFICATION_SERVICE_ERROR", undefined],
    ["by a code nobody knows", answers({ code: "WHO_KNOWS", data: { status: "SUCCESS" } }), "VERIFICATION_SERVICE_ERROR", undefined],
    ["by a failing system", answers({ code: "INTERNAL_ERROR" }, 500), "VERIFICATION_SERVICE_ERROR", undefined],
    ["by a page", (response) => void response.writeHead(200).end("<p>SUCCESS</p>"), "VERIFICATION_SERVICE_ERROR", undefined],
    ["by the way to another place", (response) => void response.writeHead(307, { location: "/elsewhere" }).end(), "VERIFICATION_SERVICE_ERROR", undefined],
    ["by hanging up", hangUp, "VERIFICATION_SERVICE_ERROR", undefined],
  ])("judged %s is passed on once and moves nothing", async (_, reply, code, left) => {
    const one = await on.signed();
    on.verification.script.push(reply);
    const refused = await refusal(one.answer());
    expect(refused.code).toBe(code);
    if (left !== undefined) expect(refused.data).toMatchObject({ remainingAttempts: left });
    for (const wait of [2_000, 10_000, 60_000]) await on.later(wait);
    expect(on.verification.calls.filter((call) => call.path.includes(one.processId) && call.path.endsWith("/confirm"))).toHaveLength(1);
    expect(await on.reads(one.processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "PENDING" });
  });
});
