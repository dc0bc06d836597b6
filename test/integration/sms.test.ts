import { config } from "./settings-of-this-test.ts";
import { ensureOutboundKey } from "../../config/development-outbound.ts";
import { clock } from "../../mixins/clock.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import sms, { type SmsService } from "../../services/sms/sms.service.ts";
import type { SendSmsParams, SmsOutcome } from "../../services/sms/sms.api.ts";
import { nodeWith } from "./node-with.ts";
import { hangUp, json, outsideSystem, silent, type OutsideSystem, type Reply } from "./outside-system.ts";

const link = "https://e-sign.example.com/h5/sign?token=secretToken";
let gateway: OutsideSystem;
let rendered = 0;
const template = { name: "template", actions: { render: ({ variables }: { variables: { link: string } }) => ({ text: `第${++rendered}版：请打开 ${variables.link} 签署` }) } };
const start = () => nodeWith<SmsService>(sms, { url: `${gateway.url}/sms`, timeoutMs: 1_500 }, [template]);
type Node = Awaited<ReturnType<typeof start>>;
let node: Node;
let number = 0;

const message = (): SendSmsParams => ({
  messageId: `MSG-${++number}`,
  processId: "ESIGN_PROC_1",
  kind: "INVITATION",
  mobile: "13800138000",
  template: { kind: "SMS", code: "BATCH_PAYMENT_ENTERPRISE", version: 1, sha256: "00", name: "签约邀请" },
  variables: { link },
});
const send = (params: SendSmsParams, on: Node = node) => on.call<SmsOutcome>("sms.send", params);
const sentOf = (params: SendSmsParams) => gateway.calls.filter((call) => call.json["messageId"] === params.messageId);
const ok = json({ code: "SUCCESS", data: { smsId: "S1" } });

beforeAll(async () => {
  ensureOutboundKey(config);
  gateway = await outsideSystem(ok);
  node = await start();
});
afterEach(() => {
  gateway.script.length = 0;
  clock.use(Date.now);
});
afterAll(async () => {
  await node.stop();
  await gateway.close();
});

test("a message goes out once with the text, the idempotency key and a receipt address of its own", async () => {
  const params = message();
  const outcome = await send(params);
  expect(outcome).toMatchObject({ messageId: params.messageId, status: "SENT", smsId: "S1", attempts: 1, failure: null });
  expect(outcome.contentForEvidence).not.toContain("secretToken");
  const [call, ...more] = sentOf(params);
  expect(more).toEqual([]);
  const token = callbackToken(config.callbackTokenSecret, "sms-receipt", params.messageId);
  expect(call!.json).toEqual({
    messageId: params.messageId,
    mobile: "13800138000",
    templateCode: "BATCH_PAYMENT_ENTERPRISE",
    content: expect.stringContaining(link) as string,
    receiptUrl: `${config.publicBaseUrl}/api/internal/esign/callback/sms?token=${token}`,
  });
});

test.each<[string, Reply[], Partial<SmsOutcome>]>([
  ["a gateway that hangs up twice gets the same message a third time", [hangUp, hangUp, ok], { status: "SENT", attempts: 3 }],
  ["a gateway that stays broken has three tries and then the message has failed", [json({}, 500), json({}, 503), json({}, 502)], { status: "FAILED", attempts: 3, failure: "短信网关处理失败（HTTP 502）" }],
  ["a refusal is final at once", [json({ code: "PARAM_INVALID" }, 400)], { status: "FAILED", attempts: 1, failure: "短信网关拒绝发送（HTTP 400）" }],
  ["a gateway that is silent once is tried again", [silent, ok], { status: "SENT", attempts: 2 }],
])("%s", async (_, replies, expected) => {
  const params = message();
  gateway.script.push(...replies);
  expect(await send(params)).toMatchObject(expected);
  const contents = sentOf(params).map((call) => call.raw);
  expect(contents).toHaveLength(expected.attempts!);
  expect(new Set(contents).size).toBe(1);
});

test("twice at the same time is one message with one outcome", async () => {
  const params = message();
  const outcomes = await Promise.all([send(params), send(params), send(params)]);
  expect(new Set(outcomes.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
  expect(sentOf(params)).toHaveLength(1);
});

test("a message that was sent is not sent again, also after a restart", async () => {
  const params = message();
  const first = await send(params);
  const restarted = await start();
  expect(await send(params, restarted)).toEqual(first);
  expect(sentOf(params)).toHaveLength(1);
  await restarted.stop();
});

test("a message that failed is tried again under the same id with the first text", async () => {
  const params = message();
  gateway.script.push(json({}, 400));
  expect(await send(params)).toMatchObject({ status: "FAILED" });
  expect(await send(params)).toMatchObject({ status: "SENT", attempts: 2, failure: null });
  expect(new Set(sentOf(params).map((call) => call.json["content"])).size).toBe(1);
});

test("who dies between sending and recording sends the same bytes once more and the gateway knows the id", async () => {
  const params = message();
  const dying = await start();
  dying.service.collections.records.replaceIfVersion = () => Promise.reject(new Error("killed"));
  await expect(send(params, dying)).rejects.toThrow("killed");
  await dying.stop();
  expect(await send(params)).toMatchObject({ status: "SENT", attempts: 1 });
  expect(new Set(sentOf(params).map((call) => call.raw)).size).toBe(1);
  expect(sentOf(params)).toHaveLength(2);
});

test("two nodes that race send one text and both report it sent", async () => {
  const params = message();
  const other = await start();
  const outcomes = await Promise.all([send(params), send(params, other)]);
  await other.stop();
  expect(outcomes.map((outcome) => outcome.status)).toEqual(["SENT", "SENT"]);
  expect(new Set(sentOf(params).map((call) => call.json["content"])).size).toBe(1);
});

test("a slower node that is refused does not undo the sending of another", async () => {
  const params = message();
  const slow = await start();
  const held = new Promise<() => void>((resolve) => gateway.script.push((response, call) => resolve(() => json({}, 400)(response, call))));
  const late = send(params, slow);
  const release = await held;
  expect(await send(params)).toMatchObject({ status: "SENT", attempts: 1 });
  release();
  expect(await late).toMatchObject({ status: "SENT", smsId: "S1", attempts: 1, failure: null });
  await slow.stop();
});

test("a template that is missing is the caller's to know, and nothing is recorded", async () => {
  const params = message();
  const without = await nodeWith<SmsService>(sms, { url: gateway.url }, []);
  await expect(send(params, without)).rejects.toMatchObject({ type: "SERVICE_NOT_FOUND" });
  expect(await without.service.collections.records.get(params.messageId)).toBeNull();
  await without.stop();
});

test("health is DOWN after three lost tries and UP with the next answer", async () => {
  const fresh = await start();
  expect(await fresh.call("sms.health", {})).toBe("UP");
  gateway.script.push(hangUp, hangUp, hangUp);
  await send(message(), fresh);
  expect(await fresh.call("sms.health", {})).toBe("DOWN");
  await send(message(), fresh);
  expect(await fresh.call("sms.health", {})).toBe("UP");
  await fresh.stop();
});
