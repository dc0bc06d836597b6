import { started, walletWorld, type WalletWorld } from "./wallet-world.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";
import { WALLET } from "./gateway-harness.ts";
import { hangUp, json } from "./outside-system.ts";

const DAY = 86_400_000;
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

const evidence = (processId: string) =>
  (on.service("evidence") as unknown as { collections: { records: Collection<EvidenceEvent> } }).collections.records.find({ processId, evidenceType: "SMS_RECORD" }, { sort: ["seq"] });

/** A process in the state where its signature is made and its verification is waited for. */
async function signedProcess() {
  const one = await started(on);
  const { agreement } = (await on.node.collections.processes.get(one.processId))!;
  await on.signer(one.token, "open", { protocolHash: agreement.protocolHash });
  await on.signer(one.token, "sign-code");
  on.world.now += 60_000;
  const smsCode = /\d{6}/.exec(String(on.messages(one.processId).at(-1)!["content"]))![0];
  const told = await on.signer(one.token, "sign", { protocolHash: agreement.protocolHash, smsCode, keyClauses: ["scope", "form"], scrolledToEnd: true, consent: true });
  expect(told.json).toMatchObject({ data: { status: "VERIFICATION_PENDING" } });
  return one;
}

test("the same link goes out under a new message id, answered like an initiation, and every invitation is in evidence", async () => {
  const { processId, link } = await started(on);
  on.world.now += 60_000;
  const told = await on.resend(processId);
  expect([told.status, told.json.data]).toEqual([200, { processId, status: "SMS_SENT", h5PageUrl: link, expiredAt: expect.any(String) }]);
  expect(on.ids(processId)).toEqual([`INV_${processId}`, `INV_${processId}_2`]);
  for (const message of on.messages(processId)) expect(message["content"]).toContain(`阅读并签署： ${link} 逾期失效`);
  expect((await evidence(processId)).map(({ evidenceData }) => evidenceData)).toEqual(
    [`INV_${processId}`, `INV_${processId}_2`].map((messageId) => expect.objectContaining({ messageId, kind: "INVITATION", status: "SENT", content: expect.not.stringContaining(link) })),
  );
});

test("who has signed is asked to go on with the verification and not to sign again", async () => {
  const { processId, link } = await signedProcess();
  expect((await on.resend(processId)).status).toBe(200);
  const { content, templateCode } = on.messages(processId).at(-1)!;
  expect(templateCode).toBe("CONTINUE_VERIFICATION");
  expect(content).toContain(`完成身份认证： ${link} 请勿转发`);
  expect(content).not.toMatch(/阅读并签署|逾期失效/);
});

test("a process of before there was such a text is reminded with the invitation", async () => {
  const { processId, link } = await signedProcess();
  const process = (await on.node.collections.processes.get(processId))!;
  const { smsContinue: _none, ...templates } = process.agreement.templates;
  await on.node.collections.processes.replaceIfVersion({ ...process, agreement: { ...process.agreement, templates } });
  expect((await on.resend(processId)).status).toBe(200);
  expect(on.messages(processId).at(-1)).toMatchObject({ templateCode: "RB_BATCH_ENTERPRISE", content: expect.stringContaining(link) });
});

test("within 60 s of the last one it is 429, and after the seconds it names it works, three times in all", async () => {
  const { processId } = await started(on);
  for (const n of [2, 3, 4]) {
    on.world.now += 1_500;
    const soon = await on.resend(processId);
    expect([soon.status, soon.json["code"]]).toEqual([429, "RATE_LIMITED"]);
    const wait = Number(soon.headers["retry-after"]);
    expect(wait).toBe(59);
    on.world.now += wait * 1_000;
    expect((await on.resend(processId)).status).toBe(200);
    expect(on.ids(processId).at(-1)).toBe(`INV_${processId}_${n}`);
  }
  on.world.now += 60_000;
  const over = await on.resend(processId);
  expect([over.status, over.json["message"]]).toEqual([429, expect.stringContaining("重发次数已用完")]);
  on.world.now += Number(over.headers["retry-after"]) * 1_000;
  expect((await on.resend(processId)).status).toBe(410);
  expect(on.ids(processId)).toHaveLength(4);
});

test("two at once are one SMS, and the other is told how long to wait", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  const told = await Promise.all([on.resend(processId), on.resend(processId), on.resend(processId)]);
  expect(told.map(({ status }) => status).toSorted()).toEqual([200, 429, 429]);
  expect(on.phone.calls.filter(({ json }) => json["messageId"] === `INV_${processId}_2`)).toHaveLength(1);
  const wait = Math.max(...told.map(({ headers }) => Number(headers["retry-after"] ?? 0)));
  on.world.now += wait * 1_000;
  expect((await on.resend(processId)).status).toBe(200);
});

test("a gateway that refuses is 502 and costs neither the process, nor a resend, nor the 60 s; the next try has the same id", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  for (let failing = 0; failing < 4; failing++) {
    on.phone.script.push(json({ code: "PARAM_INVALID" }, 400));
    const told = await on.resend(processId);
    expect([told.status, told.json["code"]]).toEqual([502, "SMS_SEND_FAILED"]);
  }
  expect((await on.get(`/api/v1/esign/process/${processId}`)).json.data).toMatchObject({ status: "SMS_SENT", failureCode: null });
  expect((await on.resend(processId)).status).toBe(200);
  expect(on.ids(processId)).toEqual([`INV_${processId}`, `INV_${processId}_2`]);
  expect((await evidence(processId)).map(({ evidenceData }) => evidenceData!["status"])).toEqual(["SENT", "FAILED", "FAILED", "FAILED", "FAILED", "SENT"]);
});

test("a node that dies between store and send leaves the resend owed, and it goes out once after the restart", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  const settle = jest.spyOn(on.node.actor, "settle").mockResolvedValue();
  expect((await on.resend(processId)).status).toBe(200);
  expect(on.ids(processId)).toEqual([`INV_${processId}`]);
  expect((await on.resend(processId)).status).toBe(429);
  settle.mockRestore();
  on.world.now += 60_000;
  await on.node.sweepNow();
  await on.settled();
  expect(on.ids(processId)).toEqual([`INV_${processId}`, `INV_${processId}_2`]);
  expect((await on.node.collections.processes.get(processId))!.resends).toEqual({ sent: 1, lastAt: on.world.now, pending: null });
});

test("one that dies after the sending finds on its return that the message is out", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  const strike = jest.spyOn(on.service("process") as never as { strikeOff(): Promise<unknown> }, "strikeOff").mockRejectedValue(new Error("killed"));
  expect((await on.resend(processId)).status).toBe(200);
  await on.settled();
  strike.mockRestore();
  on.world.now += 60_000;
  await on.node.sweepNow();
  await on.settled();
  expect(on.phone.calls.filter(({ json: said }) => said["messageId"] === `INV_${processId}_2`)).toHaveLength(1);
  expect((await on.node.collections.processes.get(processId))!.resends).toMatchObject({ sent: 1, pending: null });
  expect(await evidence(processId)).toHaveLength(2);
});

test("a process that ends while its resend is owed takes it along", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  const settle = jest.spyOn(on.node.actor, "settle").mockResolvedValue();
  await on.resend(processId);
  await on.post(`/api/v1/esign/process/${processId}/cancel`, { reason: "撤回" });
  settle.mockRestore();
  on.world.now += 60_000;
  await on.node.sweepNow();
  await on.settled();
  expect(on.ids(processId)).toEqual([`INV_${processId}`]);
});

test("a reminder that is late for a verification that has succeeded is not sent", async () => {
  const { processId } = await signedProcess();
  const settle = jest.spyOn(on.node.actor, "settle").mockResolvedValue();
  await on.resend(processId);
  const result = { verificationId: `VER_${processId}`, requestId: `${processId}-1`, status: "SUCCESS", verifiedAt: "2026-11-24T12:00:00Z", failureReason: null, evidence: null, source: "CALLBACK" };
  await on.call("verified", { processId, ...result });
  settle.mockRestore();
  on.world.now += 120_000;
  await on.node.sweepNow();
  await on.settled();
  expect((await on.get(`/api/v1/esign/process/${processId}`)).json.data).toMatchObject({ status: "COMPLETED" });
  expect(on.ids(processId).filter((id) => id.startsWith("INV"))).toEqual([`INV_${processId}`]);
});

test("a message service that is away makes it 502, and the signing goes on behind it", async () => {
  const { processId, token } = await started(on);
  on.world.now += 60_000;
  const { once } = on.sms;
  on.sms.once = () => Promise.reject(new Error("away"));
  expect((await on.resend(processId)).json["code"]).toBe("SMS_SEND_FAILED");
  on.sms.once = once;
  expect((await on.signer(token, "decline", { reason: "不同意" })).status).toBe(200);
  await on.settled();
  expect((await on.node.collections.processes.get(processId))!.owed).toEqual([]);
});

test("a gateway whose answers are lost is tried three times with one id", async () => {
  const { processId } = await started(on);
  on.world.now += 60_000;
  on.phone.script.push(hangUp, hangUp);
  expect((await on.resend(processId)).status).toBe(200);
  expect(on.phone.calls.filter(({ json: said }) => said["messageId"] === `INV_${processId}_2`)).toHaveLength(3);
});

describe("out of turn", () => {
  test.each<[string, () => Promise<string>, number, string]>([
    ["after the deadline, unswept", async () => { const { processId } = await started(on); on.world.now += DAY; return processId; }, 410, "PROCESS_EXPIRED"],
    ["after EXPIRED", async () => { const { processId } = await started(on); on.world.now += DAY; await on.call("expire", { processId }); return processId; }, 410, "PROCESS_EXPIRED"],
    ["after FAILED", async () => { const { processId } = await started(on); await on.post(`/api/v1/esign/process/${processId}/cancel`, { reason: "撤回" }); return processId; }, 409, "PROCESS_STATE_INVALID"],
    ["of an unknown process", async () => "ESIGN_PROC_NONE", 404, "PROCESS_NOT_FOUND"],
  ])("%s it is refused and nothing is sent", async (_, reach, status, code) => {
    const processId = await reach();
    const before = on.phone.calls.length;
    const told = await on.resend(processId);
    expect([told.status, told.json["code"]]).toEqual([status, code]);
    expect(on.phone.calls).toHaveLength(before);
  });

  test("another system's process is not found, and without a business id nothing is looked at", async () => {
    const { processId } = await started(on);
    on.world.now += 60_000;
    expect((await on.resend(processId, { ...WALLET, "X-System-Code": "OTHER" })).status).toBe(404);
    const { "X-Business-Id": _none, ...headers } = WALLET;
    expect((await on.resend(processId, headers)).json.errors).toEqual([expect.objectContaining({ field: "X-Business-Id" })]);
    expect(on.ids(processId)).toHaveLength(1);
  });
});
