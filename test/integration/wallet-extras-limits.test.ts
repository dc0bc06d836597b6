import { started, walletWorld, type WalletWorld } from "./wallet-world.ts";
import { rateLimit } from "../../mixins/rate-limit.ts";
import type { Rate } from "../../config/parsers.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";
import smsSchema from "../../services/sms/sms.service.ts";
import { json } from "./outside-system.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;
const MOBILE_LIMIT: Rate = { count: 3, perMs: DAY };
const H5_RATE: Rate = { count: 5, perMs: MINUTE };
let on: WalletWorld;
let tail = 0;
beforeAll(async () => {
  on = await walletWorld({ smsMobileLimit: MOBILE_LIMIT, h5Rate: H5_RATE });
});
beforeEach(() => {
  on.calm();
  on.node.desk.config = on.settings;
  on.phone.script.length = 0;
  on.node.desk.walletRate = rateLimit(null, () => on.world.now);
  // A full minute of its own for each test.
  on.world.now = (Math.floor(on.world.now / MINUTE) + 1) * MINUTE;
});
afterAll(() => on.end());

/** A request whose signer has a mobile that no other test uses, unless one is named. */
function request(mobile = `139${String(++tail).padStart(8, "0")}`, change: Partial<InitiateRequest> = {}) {
  const body = on.body(change);
  return { ...body, payeeInfo: { ...body.payeeInfo!, contactInfo: { ...body.payeeInfo!.contactInfo!, mobile } } };
}
const newMobile = () => `138${String(++tail).padStart(8, "0")}`;
const limited = (told: { status: number; json: Record<string, unknown>; headers: Record<string, unknown> }) => [told.status, told.json["code"], Number(told.headers["retry-after"])];
const processes = () => on.node.collections.processes.count({});

describe("WALLET_RATE", () => {
  beforeEach(() => {
    on.node.desk.walletRate = rateLimit({ count: 2, perMs: MINUTE }, () => on.world.now);
  });

  test("over it an initiation is 429 before anything is stored, and with the same requestId it succeeds when its time has come", async () => {
    for (let n = 0; n < 2; n++) expect((await on.initiate(request())).status).toBe(200);
    on.world.now += 20_500;
    const [before, sent] = [await processes(), on.phone.calls.length];
    const body = request();
    const refused = await on.initiate(body);
    expect(limited(refused)).toEqual([429, "RATE_LIMITED", 40]);
    expect([await processes(), on.phone.calls.length]).toEqual([before, sent]);
    on.world.now += 40_000;
    expect((await on.initiate(body)).status).toBe(200);
  });

  test("fields and key are judged before it and use nothing of it up", async () => {
    const body = request();
    await on.initiate(body);
    for (let n = 0; n < 5; n++) expect((await on.initiate({ ...body, scene: "X" })).status).toBe(400);
    for (let n = 0; n < 5; n++) expect((await on.initiate(body)).status).toBe(409);
    expect((await on.initiate(request())).status).toBe(200);
    expect((await on.initiate(request())).status).toBe(429);
    expect((await on.initiate({ ...request(), scene: "X" })).status).toBe(400);
    expect((await on.initiate(body)).status).toBe(409);
  });

  test("both paths of an initiation share it, and each system has its own", async () => {
    const headers = { "X-System-Code": "OTHER", "X-Business-Id": "B", "Content-Type": "application/json" };
    expect((await on.initiate(request())).status).toBe(200);
    expect((await on.post("/api/v1/notification/sms/send", request())).status).toBe(200);
    expect((await on.post("/api/v1/notification/sms/send", request())).status).toBe(429);
    expect((await on.post("/api/v1/esign/process/initiate", request(), headers)).status).toBe(200);
  });

  test("resends in turn count, those out of turn, queries, cancels and the feed do not", async () => {
    const { processId } = await started(on, request());
    for (let n = 0; n < 3; n++) expect((await on.resend(processId)).status).toBe(429);
    expect((await on.initiate(request())).status).toBe(200);
    on.world.now += MINUTE;
    expect((await on.resend(processId)).status).toBe(200);
    expect((await on.initiate(request())).status).toBe(200);
    expect((await on.initiate(request())).status).toBe(429);
    expect((await on.get(`/api/v1/esign/process/${processId}`)).status).toBe(200);
    expect((await on.get("/api/v1/esign/events")).status).toBe(200);
    expect((await on.post(`/api/v1/esign/process/${processId}/cancel`, { reason: "撤回" })).status).toBe(200);
  });

  test("of ten at once at its edge exactly as many pass as may", async () => {
    const told = await Promise.all(Array.from({ length: 10 }, () => on.initiate(request())));
    expect(told.map(({ status }) => status).toSorted()).toEqual([200, 200, ...Array(8).fill(429)]);
  });
});

describe("SMS_MOBILE_LIMIT", () => {
  test("counts over all processes; over it an initiation is 429 before anything is stored and succeeds when the oldest has aged", async () => {
    const mobile = newMobile();
    for (let n = 0; n < 3; n++) {
      expect((await on.initiate(request(mobile))).status).toBe(200);
      on.world.now += 10_000;
    }
    const [before, sent] = [await processes(), on.phone.calls.length];
    const body = request(mobile);
    const refused = await on.initiate(body);
    expect(limited(refused)).toEqual([429, "RATE_LIMITED", DAY / 1_000 - 30]);
    expect(JSON.stringify(refused.json)).not.toContain(mobile);
    expect([await processes(), on.phone.calls.length]).toEqual([before, sent]);
    expect((await on.initiate(request())).status).toBe(200);
    on.world.now += (DAY / 1_000 - 31) * 1_000;
    expect((await on.initiate(body)).status).toBe(429);
    on.world.now += 1_000;
    expect((await on.initiate(body)).status).toBe(200);
    expect((await on.initiate(request(mobile))).status).toBe(429);
  });

  test("codes and resends count, and over it they are 429 without effect", async () => {
    const { processId, token } = await started(on, request(newMobile()));
    on.world.now += MINUTE;
    expect((await on.signer(token, "sign-code")).status).toBe(200);
    expect((await on.resend(processId)).status).toBe(200);
    on.world.now += MINUTE;
    const before = await on.node.collections.processes.get(processId);
    for (const told of [await on.signer(token, "sign-code"), await on.resend(processId)]) expect(limited(told)).toEqual([429, "RATE_LIMITED", DAY / 1_000 - 120]);
    expect(await on.node.collections.processes.get(processId)).toEqual(before);
    expect(on.ids(processId)).toEqual([`INV_${processId}`, `CODE_${processId}_1`, `INV_${processId}_2`]);
  });

  test("is remembered over a restart", async () => {
    const mobile = newMobile();
    for (let n = 0; n < 3; n++) await on.initiate(request(mobile));
    await on.broker.destroyService(on.sms as never);
    on.broker.createService({ ...smsSchema, settings: { ...smsSchema.settings, url: `${on.phone.url}/sms`, timeoutMs: 500, mobileLimit: MOBILE_LIMIT } } as never);
    await on.broker.waitForServices("sms", 4_000);
    expect((await on.initiate(request(mobile))).status).toBe(429);
  });

  test("of ten at once at its edge exactly as many pass as may", async () => {
    const mobile = newMobile();
    await on.initiate(request(mobile));
    const told = await Promise.all(Array.from({ length: 10 }, () => on.initiate(request(mobile))));
    expect(told.map(({ status }) => status).toSorted()).toEqual([200, 200, ...Array(8).fill(429)]);
  });

  test("of one request sent three times at once one place is used", async () => {
    const mobile = newMobile();
    const body = request(mobile);
    const told = await Promise.all(Array.from({ length: 3 }, () => on.initiate(body)));
    expect(told.map(({ status }) => status).toSorted()).toEqual([200, 409, 409]);
    for (let n = 0; n < 2; n++) expect((await on.initiate(request(mobile))).status).toBe(200);
    expect((await on.initiate(request(mobile))).status).toBe(429);
  });

  test("messages that failed for certain do not count, nor do refused initiations", async () => {
    const mobile = newMobile();
    on.phone.script.push(json({ code: "PARAM_INVALID" }, 400));
    expect((await on.initiate(request(mobile))).status).toBe(502);
    expect((await on.initiate(request(mobile, { fundPurpose: "\u{e123}" }))).status).toBe(400);
    for (let n = 0; n < 3; n++) expect((await on.initiate(request(mobile))).status).toBe(200);
    expect((await on.initiate(request(mobile))).status).toBe(429);
  });
});

describe("H5_RATE", () => {
  const ask = (token: string | null) => on.get("/h5/api/process", token === null ? {} : { authorization: `Bearer ${token}` });

  test("over it a link's calls are 429 and change nothing, other links go on, and so does it when its time has come", async () => {
    const [one, other] = [await started(on, request()), await started(on, request())];
    for (let n = 0; n < 5; n++) expect((await ask(one.token)).status).toBe(200);
    on.world.now += 45_000;
    const before = await on.node.collections.processes.get(one.processId);
    expect(limited(await ask(one.token))).toEqual([429, "RATE_LIMITED", 15]);
    expect(limited(await on.signer(one.token, "decline", { reason: "不同意" }))).toEqual([429, "RATE_LIMITED", 15]);
    expect(await on.node.collections.processes.get(one.processId)).toEqual(before);
    expect((await ask(other.token)).status).toBe(200);
    on.world.now += 15_000;
    expect((await ask(one.token)).status).toBe(200);
  });

  test("every call counts, refused ones too", async () => {
    const { token } = await started(on, request());
    for (const [path, status] of [["open", 400], ["sign", 400], ["verification/face", 409], ["verification/remittance", 409], ["sign-code", 200]] as const) {
      expect((await on.signer(token, path)).status).toBe(status);
    }
    expect((await ask(token)).status).toBe(429);
  });

  test("links that do not exist are counted by address, which keeps nobody with a link out", async () => {
    const { token } = await started(on, request());
    const made = Array.from({ length: 4 }, (_, n) => `${"x".repeat(42)}${n}`);
    for (const guess of [...made, null]) expect((await ask(guess)).status).toBe(401);
    on.world.now += 30_000;
    for (const guess of ["another", null]) expect(limited(await ask(guess))).toEqual([429, "RATE_LIMITED", 30]);
    expect(limited(await on.signer("another", "open"))).toEqual([429, "RATE_LIMITED", 30]);
    expect((await ask(token)).status).toBe(200);
    on.world.now += 30_000;
    expect((await ask("another")).status).toBe(401);
  });

  test("of ten at once at its edge exactly as many pass as may", async () => {
    const { token } = await started(on, request());
    const told = await Promise.all(Array.from({ length: 10 }, () => ask(token)));
    expect(told.map(({ status }) => status).toSorted()).toEqual([...Array(5).fill(200), ...Array(5).fill(429)]);
  });
});
