import { started, walletWorld, type WalletWorld } from "./wallet-world.ts";
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { callers } from "../../config/callers.ts";
import { signRequest } from "../../contract/request-signature.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";
import { payReceipts } from "../../services/sms/receipt-evidence.ts";
import { json } from "./outside-system.ts";

let on: WalletWorld;
beforeAll(async () => {
  on = await walletWorld();
});
beforeEach(() => {
  on.calm();
  on.node.desk.config = on.settings;
  on.phone.script.length = 0;
});
afterAll(() => on.end());

const PATH = "/api/internal/esign/callback/sms";
const JSON_ONLY = { "Content-Type": "application/json" };
const tokenOf = (messageId: string) => callbackToken(on.settings.callbackTokenSecret, "sms-receipt", messageId);
const receipt = (messageId: string, change: object = {}) => ({ messageId, status: "DELIVERED", at: "2026-11-24T20:00:01+08:00", ...change });
const post = (messageId: string, change: object = {}, token = tokenOf(messageId)) => on.post(`${PATH}?token=${token}`, receipt(messageId, change), JSON_ONLY);
const chain = () => (on.service("evidence") as unknown as { collections: { records: Collection<EvidenceEvent> } }).collections.records;
const receiptsOf = async (processId: string) =>
  (await chain().find({ processId, evidenceType: "SMS_RECORD" }, { sort: ["seq"] })).map(({ evidenceData }) => evidenceData!).filter(({ kind }) => kind === "RECEIPT");
const record = (messageId: string) => on.sms.collections.records.get(messageId);

test("the address a message is sent with takes its receipt, which becomes evidence once however often it comes", async () => {
  const { processId } = await started(on);
  const [message] = on.messages(processId);
  const { pathname, search } = new URL(String(message!["receiptUrl"]));
  for (let n = 0; n < 3; n++) {
    const told = await on.post(pathname + search, receipt(String(message!["messageId"]), { detail: n ? "又一次" : "已送达" }), JSON_ONLY);
    expect([told.status, told.json]).toEqual([200, { code: "SUCCESS", message: "回执处理成功", traceId: expect.any(String) }]);
  }
  expect(await receiptsOf(processId)).toEqual([{ messageId: `INV_${processId}`, kind: "RECEIPT", status: "DELIVERED", reportedAt: "2026-11-24T12:00:01Z", detail: "已送达" }]);
  expect(await record(`INV_${processId}`)).toMatchObject({ evidenceOwed: [], receipts: [{ status: "DELIVERED" }] });
});

test("many at once are one", async () => {
  const { processId } = await started(on);
  const told = await Promise.all(Array.from({ length: 8 }, () => post(`INV_${processId}`)));
  expect(told.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await receiptsOf(processId)).toHaveLength(1);
});

test.each([["DELIVERED", "FAILED"], ["FAILED", "DELIVERED"]])("after %s a %s is evidence too and an alert, but the first one stands", async (first, second) => {
  const { processId } = await started(on);
  const warned = jest.spyOn(on.sms.logger, "warn");
  for (const status of [first, second, first, second]) expect((await post(`INV_${processId}`, { status })).status).toBe(200);
  expect((await receiptsOf(processId)).map(({ status }) => status)).toEqual([first, second]);
  expect((await record(`INV_${processId}`))!.receipts![0]).toMatchObject({ status: first });
  expect(warned.mock.calls.filter(([, facts]) => (facts as { messageId?: string }).messageId === `INV_${processId}`)).toHaveLength(1);
  expect((await on.get(`/api/v1/esign/process/${processId}`)).json.data).toMatchObject({ status: "SMS_SENT" });
});

test("a receipt that comes while every answer of the gateway is lost proves that the message is out", async () => {
  const lost = (response: Parameters<(typeof on.phone.script)[number]>[0], call: Parameters<(typeof on.phone.script)[number]>[1]) => {
    void post(String(call.json["messageId"])).then(() => json({}, 500)(response, call));
  };
  on.phone.script.push(lost, lost, lost);
  const told = await on.initiate();
  expect([told.status, told.json.data]).toEqual([200, expect.objectContaining({ status: "SMS_SENT" })]);
  const { processId } = told.json.data as { processId: string };
  expect(await record(`INV_${processId}`)).toMatchObject({ status: "SENT", attempts: [{ outcome: "FAILED" }, { outcome: "FAILED" }, { outcome: "FAILED" }] });
  expect(await receiptsOf(processId)).toHaveLength(1);
});

test("a receipt after the end is evidence behind the terminal state, which stays the only one", async () => {
  const { processId } = await started(on);
  await on.post(`/api/v1/esign/process/${processId}/cancel`, { reason: "撤回" });
  await on.settled();
  expect((await post(`INV_${processId}`, { status: "FAILED", detail: "关机" })).status).toBe(200);
  const types = (await chain().find({ processId }, { sort: ["seq"] })).map(({ evidenceType }) => evidenceType);
  expect(types.filter((type) => type === "STATE")).toHaveLength(1);
  expect(types.at(-1)).toBe("SMS_RECORD");
  expect((await on.get(`/api/v1/esign/process/${processId}`)).json.data).toMatchObject({ status: "FAILED", failureCode: "CANCELLED" });
});

test("while the chain cannot be written the receipt is kept, and its evidence follows", async () => {
  const { processId } = await started(on);
  const evidence = on.service("evidence") as unknown as { ledger: () => unknown };
  const { ledger } = evidence;
  evidence.ledger = () => {
    throw new Error("away");
  };
  expect((await post(`INV_${processId}`)).status).toBe(200);
  evidence.ledger = ledger;
  expect(await receiptsOf(processId)).toEqual([]);
  on.world.now += 60_000;
  await on.sms.sweepNow();
  expect(await receiptsOf(processId)).toHaveLength(1);
  expect((await record(`INV_${processId}`))!.evidenceOwed).toEqual([]);
});

test("a node whose append came to nothing leaves nothing due when another has paid the debt meanwhile", async () => {
  const { processId } = await started(on);
  const { broker } = on.sms;
  const call = broker.call.bind(broker) as (...args: unknown[]) => Promise<unknown>;
  let appends = 0;
  const stub = jest.spyOn(broker, "call").mockImplementation((async (...args: unknown[]) => {
    const { items = [] } = (args[1] ?? {}) as { items?: { key: string }[] };
    if (args[0] !== "evidence.append" || items[0]?.key !== `SMS_RECEIPT:INV_${processId}:DELIVERED` || appends++ > 0) return call(...args);
    // This node's own append is lost; meanwhile the sweep of another pays.
    await payReceipts(on.sms, `INV_${processId}`);
    throw new Error("too late");
  }) as typeof broker.call);
  expect((await post(`INV_${processId}`)).status).toBe(200);
  stub.mockRestore();
  expect(appends).toBe(2);
  expect((await record(`INV_${processId}`))!.evidenceOwed).toEqual([]);
  expect((await record(`INV_${processId}`))!.owedAt).toBeUndefined();
  expect(await receiptsOf(processId)).toHaveLength(1);
});

test("long, broken and unprintable words of the gateway are kept cut and well formed", async () => {
  const { processId } = await started(on);
  expect((await post(`INV_${processId}`, { status: "FAILED", detail: `\ud800${"𬭎".repeat(20_000 / 2)}` })).status).toBe(200);
  const [{ detail }] = (await receiptsOf(processId)) as [{ detail: string }];
  expect(Array.from(detail)).toHaveLength(256);
  expect(detail.isWellFormed()).toBe(true);
});

describe("a right token", () => {
  test("for a message that is not known is 200 and changes nothing", async () => {
    const before = await chain().count({});
    expect((await post("INV_ESIGN_PROC_NONE")).json).toMatchObject({ code: "SUCCESS" });
    expect(await record("INV_ESIGN_PROC_NONE")).toBeNull();
    expect(await chain().count({})).toBe(before);
  });

  test.each<[string[], object]>([
    [["status"], { status: "SENT" }],
    [["status"], { status: undefined }],
    [["at"], { at: "yesterday" }],
    [["at"], { at: "2026-13-45T00:00:00Z" }],
    [["at"], { at: undefined }],
    [["detail"], { detail: 1 }],
    [["status", "at", "detail"], { status: null, at: null, detail: {} }],
  ])("with a bad %s is 400 and named", async (fields, change) => {
    const { processId } = await started(on);
    const told = await post(`INV_${processId}`, change);
    expect([told.status, told.json.errors?.map((error) => error.field)]).toEqual([400, fields]);
    expect(await receiptsOf(processId)).toEqual([]);
  });
});

describe("a wrong token is 401 and an alert, whatever the body looks like", () => {
  const bodies: [string, (messageId: string) => string][] = [
    ["a good body", (messageId) => JSON.stringify(receipt(messageId))],
    ["a bad status", (messageId) => JSON.stringify(receipt(messageId, { status: "X" }))],
    ["no message", () => JSON.stringify({ status: "DELIVERED" })],
    ["a message that is no text", () => JSON.stringify(receipt([] as never))],
    ["no JSON", () => "{"],
    ["nothing", () => ""],
  ];
  const queries: [string, (messageId: string) => string][] = [
    ["none", () => ""],
    ["an empty one", () => "?token="],
    ["two", (messageId) => `?token=${tokenOf(messageId)}&token=${tokenOf(messageId)}`],
    ["another message's", () => `?token=${tokenOf("INV_OTHER")}`],
    ["one made for something else", (messageId) => `?token=${callbackToken(on.settings.callbackTokenSecret, "verification-callback", messageId)}`],
  ];
  test.each(queries.flatMap(([token, query]) => bodies.map(([body, said]) => [token, body, query, said] as const)))("%s with %s", async (_token, _body, query, said) => {
    const alerted = jest.spyOn(on.sms.logger, "error");
    alerted.mockClear();
    const told = await on.post(PATH + query("INV_1"), said("INV_1"), JSON_ONLY);
    expect([told.status, told.json]).toEqual([401, { code: "CALLBACK_TOKEN_INVALID", message: "回调身份验证失败", traceId: expect.any(String) }]);
    expect(alerted.mock.calls).toEqual([[expect.any(String), { alert: "CALLBACK_TOKEN_INVALID" }]]);
  });
});

describe("with keys for SMS in the callers file", () => {
  const secret = randomBytes(32).toString("base64");
  const systems = { WALLET: {}, OTHER: {} };
  beforeAll(() => {
    writeFileSync(on.settings.callersFile, JSON.stringify({ ...systems, SMS: { keys: [{ keyId: "s1", signType: "HMAC-SHA256", secret }] } }));
    callers().refresh();
  });
  afterAll(() => {
    writeFileSync(on.settings.callersFile, JSON.stringify(systems));
    callers().refresh();
  });
  const signedPost = (messageId: string, key = secret) => {
    const target = `${PATH}?token=${tokenOf(messageId)}`;
    const rawBody = JSON.stringify(receipt(messageId));
    const parts = { method: "POST", target, timestamp: String(Math.floor(on.world.now / 1000)), nonce: randomBytes(12).toString("hex"), systemCode: "SMS", businessId: "", rawBody };
    const signature = signRequest({ keyId: "s1", signType: "HMAC-SHA256", secret: key }, parts);
    const headers = { ...JSON_ONLY, "X-System-Code": "SMS", "X-Timestamp": parts.timestamp, "X-Nonce": parts.nonce, "X-Key-Id": "s1", "X-Sign-Type": "HMAC-SHA256", "X-Signature": signature };
    return on.post(target, rawBody, headers);
  };

  test("a signed receipt is taken, an unsigned or wrongly signed one is 401 like a wrong token", async () => {
    const { processId } = await started(on);
    const messageId = `INV_${processId}`;
    for (const told of [await post(messageId), await signedPost(messageId, randomBytes(32).toString("base64"))]) {
      expect([told.status, told.json["code"]]).toEqual([401, "CALLBACK_TOKEN_INVALID"]);
    }
    expect(await receiptsOf(processId)).toEqual([]);
    expect((await signedPost(messageId)).status).toBe(200);
    expect(await receiptsOf(processId)).toHaveLength(1);
  });
});
