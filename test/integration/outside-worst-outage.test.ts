import { hangUp, json, type Reply } from "./outside-system.ts";
import { outsideWorld, type OutsideWorld } from "./outside-world.ts";
import { refusal } from "./process-world.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

let on: OutsideWorld;
beforeAll(async () => {
  on = await outsideWorld();
});
beforeEach(() => on.calmAll());
afterAll(() => on.end());

/** The clock moves by the hour, and whatever is due in between is done. */
async function pass(ms: number, step = HOUR): Promise<void> {
  for (let passed = 0; passed < ms; passed += step) await on.later(step);
}
const lost: Reply = (response, call) => (on.verification.act(call), hangUp(response, call));

describe("the verification system is away", () => {
  test.each<[string, number, Reply[], number]>([
    ["for five hours from the signature on", 5 * HOUR, [], 2],
    ["for three days from the signature on", 3 * DAY, [], 2],
    ["for three days, having moved the money without an answer", 3 * DAY, [lost], 1],
  ])("%s: the signing completes after it is back, and the money moved once", async (_, away, first, posts) => {
    on.verification.script.push(...first);
    on.ill(on.verification, hangUp);
    const { processId, token, asSigner } = await on.signed();
    await on.reaches(processId, "VERIFICATION_PENDING");
    const waiting = { status: "VERIFICATION_PENDING", verification: "NOT_STARTED" };
    expect(await on.reads(processId)).toEqual(waiting);
    await pass(away, away / 5);
    expect(await on.reads(processId)).toEqual(waiting);
    // What the signer is told meanwhile: it begins by itself, and no money is on its way yet.
    expect(await on.page(token)).toMatchObject({ status: "VERIFICATION_PENDING", verification: { type: "REMITTANCE", status: "NOT_STARTED" } });
    expect(await refusal(asSigner("answer", { amount: "0.12", remark: "验证码" }))).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("自动发起") });
    expect(await on.seen(processId)).toMatchObject({ callbacks: { posts: 0 }, events: [] });

    on.well(on.verification);
    // The waits have grown to ten minutes by now, and not further.
    await on.later(10 * MINUTE);
    await on.pending(processId);
    await on.callback(processId);
    await on.reaches(processId, "COMPLETED");
    await on.sweep();
    expect(await on.seen(processId)).toMatchObject({ remittances: { posts, moved: 1 }, callbacks: { posts: 1 }, events: ["COMPLETED"] });
  });

  test("for hours after the start: the result that nobody brought is asked for when it is back", async () => {
    const { processId } = await on.signed();
    await on.reaches(processId, "VERIFICATION_PENDING");
    on.verification.settle(`${processId}-1`, "SUCCESS");
    on.ill(on.verification, hangUp);
    await pass(5 * HOUR);
    expect(await on.reads(processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "PENDING" });
    on.well(on.verification);
    await on.later(HOUR);
    await on.reaches(processId, "COMPLETED");
    await on.sweep();
    expect(await on.seen(processId)).toMatchObject({ remittances: { posts: 1, moved: 1 }, callbacks: { posts: 1 }, events: ["COMPLETED"] });
  });
});

describe("at the moment of expiry the verification system is away", () => {
  /** A pending verification whose end is this moment; the system does not answer. */
  async function due(verified: boolean) {
    const one = await on.signed();
    await on.reaches(one.processId, "VERIFICATION_PENDING");
    if (verified) on.verification.settle(`${one.processId}-1`, "SUCCESS");
    const end = (await one.process()).expiredAt!.getTime();
    // Everything but the deadline is silent: the bridge's own queries are not what is tested here.
    for (const { _id } of await on.bridge.collections.attempts.find({ processId: one.processId })) await on.quiet(_id);
    on.world.now = end;
    on.ill(on.verification, json({ code: "DOWN" }, 503));
    await on.expiry.sweepNow();
    return { one, queries: () => on.verification.calls.filter((call) => call.method === "GET" && call.path.includes(one.processId)).length };
  }

  test("and comes back within the hour: it is asked each minute, and the success of before the deadline completes", async () => {
    const { one, queries } = await due(true);
    const asked = [queries()];
    for (let minute = 1; minute <= 3; minute++) {
      on.world.now += MINUTE - 1;
      await on.expiry.sweepNow();
      asked.push(queries());
      on.world.now += 1;
      await on.expiry.sweepNow();
      asked.push(queries());
    }
    expect(asked).toEqual([1, 1, 2, 2, 3, 3, 4]);
    expect(await on.reads(one.processId)).toEqual({ status: "VERIFICATION_PENDING", verification: "PENDING" });
    // The deadline holds for the signer all the same.
    expect((await refusal(one.answer())).code).toBe("PROCESS_EXPIRED");
    on.well(on.verification);
    on.world.now += MINUTE;
    await on.expiry.sweepNow();
    await on.reaches(one.processId, "COMPLETED");
    await on.sweep();
    expect(await on.seen(one.processId)).toMatchObject({ remittances: { moved: 1 }, callbacks: { posts: 1 }, events: ["COMPLETED"] });
  });

  test("and stays away: it expires when the grace is over, with one event, and a success found later is evidence only", async () => {
    const { one, queries } = await due(true);
    for (let minute = 1; minute < 60; minute++) {
      on.world.now += MINUTE;
      await on.expiry.sweepNow();
    }
    expect([queries(), await on.stateOf(one.processId)]).toEqual([60, "VERIFICATION_PENDING"]);
    on.world.now += MINUTE;
    await on.expiry.sweepNow();
    await on.reaches(one.processId, "EXPIRED");
    on.well(on.verification);
    await on.callback(one.processId);
    await on.sweep();
    expect(await on.stateOf(one.processId)).toBe("EXPIRED");
    expect(await one.evidence()).toContain("LATE_RESULT");
    expect(await on.seen(one.processId)).toMatchObject({ remittances: { moved: 1 }, callbacks: { posts: 1 }, events: ["FAILED"] });
  });

  test("and had never taken the start: it expires after the grace, and no money moves any more", async () => {
    on.ill(on.verification, hangUp);
    const one = await on.signed();
    await on.reaches(one.processId, "VERIFICATION_PENDING");
    on.world.now = (await one.process()).expiredAt!.getTime();
    await on.expiry.sweepNow();
    expect(await on.stateOf(one.processId)).toBe("VERIFICATION_PENDING");
    for (let minute = 1; minute <= 60; minute++) {
      on.world.now += MINUTE;
      await on.expiry.sweepNow();
    }
    await on.reaches(one.processId, "EXPIRED");
    on.well(on.verification);
    await on.sweep();
    await pass(DAY, 6 * HOUR);
    expect(await on.seen(one.processId)).toMatchObject({ remittances: { moved: 0 }, callbacks: { posts: 1 }, events: ["FAILED"] });
  });
});
