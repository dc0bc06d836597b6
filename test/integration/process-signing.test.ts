import { statusOf } from "../../services/process/decision.ts";
import { NOON, ORIGIN, processWorld, refusal } from "./process-world.ts";

const DAY = 86_400_000;
let on: Awaited<ReturnType<typeof processWorld>>;
beforeAll(async () => {
  on = await processWorld();
});
beforeEach(() => on.calm());
afterAll(() => on.end());

const OTHER_HASH = "e".repeat(64);
type Signing = Awaited<ReturnType<typeof on.signing>>;
/** A process in each state a signer can meet it in. */
const IN: Record<string, () => Promise<Signing>> = {
  SMS_SENT: () => on.signing(),
  "past its deadline": async () => {
    const one = await on.signing();
    await one.read();
    on.world.now += DAY;
    return one;
  },
  VERIFICATION_PENDING: async () => (await on.signing()).signed(),
  COMPLETED: async () => {
    const one = await (await on.signing()).signed();
    await one.result("SUCCESS");
    return one;
  },
  FAILED: async () => {
    const one = await on.signing();
    await one.asSigner("decline", { reason: "不同意" });
    await on.settled();
    return one;
  },
  EXPIRED: async () => {
    const one = await on.signing();
    on.world.now += DAY;
    await one.expire();
    return one;
  },
};
const X = "PROCESS_EXPIRED";
const S = "PROCESS_STATE_INVALID";
const P = "PARAM_INVALID";
const HASH = "PROTOCOL_CHANGED";

/** What each call comes to: a refusal, or `ok`. The body is judged after the state, so a broken one tells which came first. */
const JUDGED: [string, object | "right", Record<string, string>][] = [
  ["open", "right", { SMS_SENT: "ok", "past its deadline": X, VERIFICATION_PENDING: "ok", COMPLETED: "ok", FAILED: S, EXPIRED: X }],
  ["open", {}, { SMS_SENT: P, "past its deadline": X, VERIFICATION_PENDING: P, COMPLETED: P, FAILED: S, EXPIRED: X }],
  ["open", { protocolHash: OTHER_HASH }, { SMS_SENT: HASH, "past its deadline": X, VERIFICATION_PENDING: HASH, COMPLETED: HASH, FAILED: S, EXPIRED: X }],
  ["signCode", {}, { SMS_SENT: "ok", "past its deadline": X, VERIFICATION_PENDING: S, COMPLETED: S, FAILED: S, EXPIRED: X }],
  ["sign", {}, { SMS_SENT: P, "past its deadline": X, VERIFICATION_PENDING: "ok", COMPLETED: "ok", FAILED: S, EXPIRED: X }],
  ["sign", { protocolHash: OTHER_HASH }, { SMS_SENT: HASH, "past its deadline": X, VERIFICATION_PENDING: "ok", COMPLETED: "ok", FAILED: S, EXPIRED: X }],
  ["decline", { reason: "不同意" }, { SMS_SENT: "ok", "past its deadline": X, VERIFICATION_PENDING: S, COMPLETED: S, FAILED: "ok", EXPIRED: X }],
  ["decline", {}, { SMS_SENT: P, "past its deadline": X, VERIFICATION_PENDING: S, COMPLETED: S, FAILED: P, EXPIRED: X }],
  ["answer", {}, { SMS_SENT: S, "past its deadline": X, VERIFICATION_PENDING: P, COMPLETED: S, FAILED: S, EXPIRED: X }],
  ["face", {}, { SMS_SENT: S, "past its deadline": X, VERIFICATION_PENDING: S, COMPLETED: S, FAILED: S, EXPIRED: X }],
];

test.each(JUDGED.flatMap(([action, said, row]) => Object.entries(row).map(([state, expected]) => [action, said, state, expected] as const)))(
  "%s saying %j in %s comes to %s",
  async (action, said, state, expected) => {
    const one = await IN[state]!();
    await on.settled();
    const before = await one.process();
    const asked = one.asSigner(action, said === "right" ? { protocolHash: one.hash } : said);
    if (expected === "ok") await asked;
    else {
      expect((await refusal(asked)).code).toBe(expected);
      expect(await one.process()).toEqual(before);
    }
  },
);

test("the display is recorded once, and opening again does not restart the reading clock", async () => {
  const one = await on.signing();
  const first = await one.open();
  on.world.now += 5_000;
  expect(await one.open()).toEqual(first);
  await on.settled();
  expect((await one.evidence()).filter((type) => type === "LINK_OPENED" || type === "READING")).toEqual(["LINK_OPENED", "READING"]);
});

test("the page is shown in every state and changes nothing", async () => {
  for (const reach of Object.values(IN)) {
    const one = await reach();
    const before = await one.process();
    const page = await on.call("page", { token: one.token });
    expect(page).toMatchObject({ processId: one.processId, status: statusOf(before), signer: { name: "张*", mobile: "138****8000" }, protocol: { protocolHash: one.hash }, page: { title: expect.any(String), button: expect.any(String) } });
    expect(page["downloadUrl"] !== null).toBe(page["status"] === "COMPLETED");
    expect(await one.process()).toEqual(before);
  }
});

describe("the reading", () => {
  test.each<[string, object, number, string[]]>([
    ["too short", {}, 7_999, ["readSeconds"]],
    ["not to the end", { scrolledToEnd: false }, 8_000, ["scrolledToEnd"]],
    ["without consent", { consent: undefined }, 8_000, ["consent"]],
    ["with a key clause missing", { keyClauses: ["scope"] }, 8_000, ["keyClauses"]],
    ["with an unknown key clause", { keyClauses: ["scope", "form", "more"] }, 8_000, ["keyClauses"]],
    ["with nothing at all", { keyClauses: null, scrolledToEnd: null, consent: null }, 0, ["readSeconds", "scrolledToEnd", "consent", "keyClauses"]],
  ])("%s is refused before the code is judged", async (_, change, after, errors) => {
    const one = await on.signing();
    await one.open();
    await one.code();
    on.world.now += after;
    expect(await refusal(one.sign({ smsCode: "000000", ...change }))).toEqual({ code: "READING_INCOMPLETE", message: expect.any(String), errors });
    expect((await one.process()).signCode!.tries).toBe(0);
  });
  test("of exactly the least time is enough, and the refusals before have not used the code up", async () => {
    const one = await on.signing();
    await one.open();
    await one.code();
    on.world.now += 7_999;
    await refusal(one.sign());
    on.world.now += 1;
    expect(await one.sign()).toMatchObject({ status: "VERIFICATION_PENDING", verification: { type: "REMITTANCE", status: "PENDING" } });
  });
  test("never begun is incomplete however long ago the link came", async () => {
    const one = await on.signing();
    await one.code();
    on.world.now += 60_000;
    expect((await refusal(one.sign())).errors).toEqual(["protocolHash"]);
  });
});

describe("the code", () => {
  const wrong = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, "0");

  test("counts its wrong tries down to none, after which the right one is refused too, until a new one comes", async () => {
    const one = await (await on.signing()).read();
    const left: unknown[] = [];
    for (let i = 0; i < 5; i++) left.push((await refusal(one.sign({ smsCode: wrong(one.digits()) }))).data!["remainingAttempts"]);
    expect(left).toEqual([4, 3, 2, 1, 0]);
    expect((await refusal(one.sign())).code).toBe("SMS_CODE_INVALID");
    on.world.now += 60_000;
    await one.code();
    expect(await one.sign()).toMatchObject({ status: "VERIFICATION_PENDING" });
  });
  test.each([[299_999, "ok"], [300_000, "SMS_CODE_INVALID"]])("%i ms after it was sent is %s", async (age, expected) => {
    const one = await on.signing();
    await one.open();
    await one.code();
    on.world.now += age;
    if (expected === "ok") expect(await one.sign()).toMatchObject({ signedAt: expect.any(String) });
    else expect((await refusal(one.sign())).code).toBe(expected);
  });
  test("typed in full width is right, and none or an empty one costs no try", async () => {
    const one = await (await on.signing()).read();
    for (const smsCode of [undefined, null, "", "  "]) expect((await refusal(one.sign({ smsCode }))).code).toBe("SMS_CODE_INVALID");
    expect((await one.process()).signCode!.tries).toBe(0);
    const wide = Array.from(one.digits(), (digit) => String.fromCodePoint(digit.codePointAt(0)! + 0xfee0)).join("");
    expect(await one.sign({ smsCode: wide })).toMatchObject({ signedAt: expect.any(String) });
  });
  test("comes five times a process, a minute apart, and a new one voids the old", async () => {
    const one = await on.signing();
    await one.open();
    const codes: string[] = [];
    for (let n = 1; n <= 5; n++) {
      expect(await one.code()).toEqual({ resendAfter: 60 });
      codes.push(one.digits());
      on.world.now += 59_001;
      expect(await refusal(one.code())).toMatchObject({ code: "RATE_LIMITED", retryAfter: 1 });
      on.world.now += 999;
    }
    expect(new Set(codes).size).toBe(5);
    expect(await refusal(one.code())).toMatchObject({ code: "RATE_LIMITED", retryAfter: 3600 });
    expect((await refusal(one.sign({ smsCode: codes[3] }))).code).toBe("SMS_CODE_INVALID");
    expect(await one.sign({ smsCode: codes[4] })).toMatchObject({ signedAt: expect.any(String) });
  });
  test("asked for twice at the same moment is one message and counts once", async () => {
    const one = await on.signing();
    await Promise.all([one.code(), one.code()]);
    expect(new Set(on.world.sms.filter((sms) => sms.kind === "SIGN_CODE").map((sms) => [sms.messageId, sms.variables["code"]].join())).size).toBe(1);
    expect((await one.process()).signCode!.sent).toBe(1);
  });
  test("that the gateway refuses changes nothing and does not start the minute", async () => {
    const one = await on.signing();
    const before = await one.process();
    on.world.smsStatus = "FAILED";
    expect((await refusal(one.code())).code).toBe("SMS_SEND_FAILED");
    expect(await one.process()).toEqual(before);
    on.world.smsStatus = "SENT";
    expect(await one.code()).toEqual({ resendAfter: 60 });
  });
  test("derived from a withdrawn key is wrong, from a key that is no longer the first it is right", async () => {
    const [one, other] = [await (await on.signing()).read(), await (await on.signing()).read()];
    const { signCode, ...rest } = await other.process();
    await on.node.collections.processes.replaceIfVersion({ ...rest, signCode: { ...signCode!, kid: "withdrawn" } });
    expect((await refusal(other.sign())).code).toBe("SMS_CODE_INVALID");
    on.node.desk.config = { ...on.config, h5TokenSecret: [{ kid: "new", key: Buffer.alloc(32, 9) }, ...on.config.h5TokenSecret] };
    expect(await one.sign()).toMatchObject({ signedAt: expect.any(String) });
  });
  test("is not asked for when SIGN_SMS_CODE is off, and the evidence says so", async () => {
    on.node.desk.config = { ...on.config, signSmsCode: false };
    const one = await on.signing();
    await one.open();
    on.world.now += 8_000;
    expect(await one.sign({ smsCode: undefined })).toMatchObject({ signedAt: expect.any(String) });
    expect((await one.process()).signature!.smsCode).toEqual({ required: false, messageId: null });
  });
  test.each([true, false])("stays as the agreement says when SIGN_SMS_CODE is changed under way (on at initiation: %s)", async (atInitiation) => {
    on.node.desk.config = { ...on.config, signSmsCode: atInitiation };
    const one = await on.signing();
    await one.open();
    on.node.desk.config = { ...on.config, signSmsCode: !atInitiation };
    expect(await on.call("page", { token: one.token })).toMatchObject({ smsCode: { required: atInitiation } });
    on.world.now += 8_000;
    const signed = await one.sign({ smsCode: undefined }).catch((error: { type: string }) => error.type);
    expect(signed).toEqual(atInitiation ? "SMS_CODE_INVALID" : expect.objectContaining({ signedAt: expect.any(String) }));
  });
});

describe("the signature", () => {
  test("given twice, at once or later, is one signature with one time", async () => {
    const one = await (await on.signing()).read();
    const together = await Promise.all([one.sign(), one.sign(), one.sign()]);
    on.world.now += 3_600_000;
    const later = await one.sign({ smsCode: "000000", consent: false });
    expect(new Set([...together, later].map((answer) => answer["signedAt"])).size).toBe(1);
    await on.settled();
    expect((await one.evidence()).filter((type) => type === "SIGNATURE")).toHaveLength(1);
    expect(on.world.started.map((start) => start.requestId)).toEqual([`${one.processId}-1`]);
  });
  test("starts the verification of the signing company at once, with the deadline of its window", async () => {
    const one = await (await on.signing()).read();
    await one.sign();
    const { expiredAt, signedAt } = await one.process();
    expect(expiredAt!.getTime()).toBe(Math.floor(signedAt!.getTime() / 1000) * 1000 + 7 * DAY);
    expect(on.world.started).toMatchObject([{ type: "REMITTANCE", attempt: 1, merchantNo: "M100002", bankCardInfo: { cardNo: "6228480012345678901" }, protocolHash: one.hash, giveUpAt: expiredAt!.toISOString().replace(".000", "") }]);
  });
  test("stands when the verification system is down", async () => {
    on.world.startStatus = "NOT_STARTED";
    const one = await (await on.signing()).read();
    expect(await one.sign()).toMatchObject({ status: "VERIFICATION_PENDING", verification: { status: "NOT_STARTED" } });
  });
  test("and a decline at the same moment: exactly one of them counts", async () => {
    const one = await (await on.signing()).read();
    const [signed, declined] = await Promise.allSettled([one.sign(), one.asSigner("decline", { reason: "不同意" })]);
    expect([signed.status, declined.status].toSorted()).toEqual(["fulfilled", "rejected"]);
    await on.settled();
    expect((await one.process()).signedAt !== null).toBe(signed.status === "fulfilled");
  });
});

describe("the link", () => {
  const page = (token: string) => on.call("page", { token });

  test.each(["", "x", "a".repeat(43), "a".repeat(129)])("%j belongs to nobody", async (token) => {
    for (const action of ["page", "open", "sign", "answer", "face"]) expect((await refusal(on.call(action, { token, origin: ORIGIN, body: {} }))).code).toBe("H5_TOKEN_INVALID");
  });
  test("whose key has been withdrawn is refused like an unknown one", async () => {
    const one = await on.signing();
    on.node.desk.config = { ...on.config, h5TokenSecret: [{ kid: "new", key: Buffer.alloc(32, 9) }] };
    expect((await refusal(page(one.token))).code).toBe("H5_TOKEN_INVALID");
    // The same kid with other bytes is another key.
    on.node.desk.config = { ...on.config, h5TokenSecret: [{ kid: on.config.h5TokenSecret[0]!.kid, key: Buffer.alloc(32, 9) }] };
    expect((await refusal(page(one.token))).code).toBe("H5_TOKEN_INVALID");
  });
  test("works while its key is the second one", async () => {
    const one = await on.signing();
    on.node.desk.config = { ...on.config, h5TokenSecret: [{ kid: "new", key: Buffer.alloc(32, 9) }, ...on.config.h5TokenSecret] };
    expect(await page(one.token)).toMatchObject({ processId: one.processId });
  });
  test.each(["COMPLETED", "FAILED", "EXPIRED"])("works until thirty days after %s and not longer", async (state) => {
    on.world.now = NOON;
    const one = await IN[state]!();
    const end = Date.parse((await one.process()).history.at(-1)!.at);
    on.world.now = end + 30 * DAY;
    expect(await page(one.token)).toMatchObject({ status: state });
    on.world.now += 1;
    expect((await refusal(page(one.token))).code).toBe("H5_TOKEN_INVALID");
    on.world.now = NOON;
  });
});
