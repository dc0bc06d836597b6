import { NOON, processWorld, refusal } from "./process-world.ts";

let on: Awaited<ReturnType<typeof processWorld>>;
beforeAll(async () => {
  on = await processWorld();
});
beforeEach(() => on.calm());
afterAll(() => on.end());

test("the client's own example is invited and answered with its link and deadline", async () => {
  on.world.now = NOON + 789;
  const answer = await on.initiate();
  expect(answer).toEqual({
    processId: expect.stringMatching(/^ESIGN_PROC_20261124[0-9A-Z]{1,13}$/),
    status: "SMS_SENT",
    h5PageUrl: expect.stringMatching(/^http:\/\/localhost:3000\/h5\/sign\?token=[\w-]{43}$/),
    expiredAt: "2026-11-25T12:00:00Z",
  });
  expect(on.world.sms.map(({ messageId, kind, mobile, variables }) => [messageId, kind, mobile, variables["link"]])).toEqual([[`INV_${answer.processId}`, "INVITATION", "13800138000", answer.h5PageUrl]]);
});

test("fifty at once under one key make one process and one invitation, the others are told which", async () => {
  const request = on.body();
  const answers = await Promise.allSettled(Array.from({ length: 50 }, () => on.initiate(request)));
  const won = answers.filter((one) => one.status === "fulfilled");
  const lost = answers.filter((one) => one.status === "rejected").map((one) => one.reason as { type: string; data: { data: { processId: string; h5PageUrl: string }; errors?: unknown } });
  expect([won.length, lost.length]).toEqual([1, 49]);
  const { processId, h5PageUrl } = won[0]!.value;
  for (const one of lost) expect([one.type, one.data.data.processId, one.data.data.h5PageUrl, one.data.errors]).toEqual(["REQUEST_DUPLICATED", processId, h5PageUrl, undefined]);
  expect(on.world.sms.map((one) => one.messageId)).toEqual([`INV_${processId}`]);
  expect(await on.node.collections.processes.count({ systemCode: "WALLET", businessType: "TIANCAI_SPLIT_ACCOUNT", requestId: request.requestId })).toBe(1);
});

describe("a repeat", () => {
  test("that says the same has no errors, whatever its key order, white space and unknown fields", async () => {
    const request = on.body();
    const first = await on.initiate(request);
    const again = await refusal(on.initiate({ unknown: 1, ...Object.fromEntries(Object.entries(request).toReversed()) }));
    expect(again).toEqual({ code: "REQUEST_DUPLICATED", message: "重复请求，返回已存在的签约流程", data: first });
  });
  test("that differs names exactly the fields, the header among them", async () => {
    const request = on.body();
    await on.initiate(request);
    const differing = { ...request, fundPurpose: "货款", payeeInfo: { ...request.payeeInfo!, contactInfo: { ...request.payeeInfo!.contactInfo!, mobile: "13900139000" } } };
    expect((await refusal(on.initiate(differing, { businessId: "BIZ-2" }))).errors).toEqual(["payeeInfo.contactInfo.mobile", "fundPurpose", "X-Business-Id"]);
  });
  test("with a wrong field is told of the field, not of the key", async () => {
    const request = on.body();
    await on.initiate(request);
    expect(await refusal(on.initiate({ ...request, fundPurpose: "" }))).toMatchObject({ code: "PARAM_INVALID", errors: ["fundPurpose"] });
  });
  test("by another system is no repeat", async () => {
    const request = on.body();
    const first = await on.initiate(request);
    expect((await on.initiate(request, { systemCode: "OTHER" })).processId).not.toBe(first.processId);
  });
});

test.each<[string, (request: ReturnType<typeof on.body>) => object, string[]]>([
  ["a wrong field", (request) => ({ ...request, fundPurpose: "\u0000" }), ["fundPurpose"]],
  ["an unknown flow", (request) => ({ ...request, processType: "POOLING_AUTH" }), ["scene"]],
  ["a character the font lacks", (request) => ({ ...request, payeeInfo: { ...request.payeeInfo!, merchantName: "门店\u{e123}" } }), ["payeeInfo.merchantName"]],
])("%s refuses the request, sends nothing and does not use its key up", async (_, spoil, errors) => {
  const request = on.body();
  expect(await refusal(on.initiate(spoil(request)))).toMatchObject({ code: "PARAM_INVALID", errors });
  expect(on.world.sms).toEqual([]);
  expect(await on.initiate(request)).toMatchObject({ status: "SMS_SENT" });
});

test.each([
  ["WALLET", "https://anything.example.com/x", true],
  ["WALLET", "http://127.0.0.1:8080/x", true],
  ["WALLET", "http://10.0.0.1/x", false],
  ["WALLET", "http://[::1]:1/", true],
  ["WALLET", "ftp://wallet.example.com/", false],
  ["WALLET", "https://user:pass@wallet.example.com/", false],
  ["WALLET", "https://wallet.example.com/#", false],
  ["WALLET", "/callback", false],
  ["STRICT", "https://wallet.example.com/x", true],
  ["STRICT", "https://wallet.example.com.evil.example/", false],
  ["NOBODY", "https://wallet.example.com/x", false],
])("for %s the callbackUrl %s is accepted: %s", async (systemCode, callbackUrl, accepted) => {
  const asked = on.initiate(on.body({ callbackUrl }), { systemCode });
  if (accepted) expect((await asked).status).toBe("SMS_SENT");
  else expect(await refusal(asked)).toMatchObject({ code: "PARAM_INVALID", errors: ["callbackUrl"] });
});

test("a failing SMS gateway ends the process at once, tells the wallet, and the key stays used", async () => {
  on.world.smsStatus = "FAILED";
  const request = on.body();
  const { code, data } = await refusal(on.initiate(request));
  expect([code, data]).toEqual(["SMS_SEND_FAILED", { processId: expect.any(String), status: "FAILED" }]);
  await on.settled();
  expect(on.world.events).toMatchObject([{ type: "SIGNING_PROCESS_FAILED", payload: { processId: data!["processId"], failureCode: "SMS_SEND_FAILED", processStatus: "FAILED", protocolId: null } }]);
  on.world.smsStatus = "SENT";
  expect(await refusal(on.initiate(request))).toMatchObject({ code: "REQUEST_DUPLICATED", data: { processId: data!["processId"], status: "FAILED", expiredAt: null } });
});

test("another system's process is not there, neither to be read nor to be cancelled", async () => {
  const { processId } = await on.initiate();
  for (const call of [on.call("get", { systemCode: "OTHER", processId }), on.call("cancel", { systemCode: "OTHER", processId, reason: "x" }), on.call("get", { systemCode: "WALLET", processId: "ESIGN_PROC_NOBODY" })]) {
    expect((await refusal(call)).code).toBe("PROCESS_NOT_FOUND");
  }
});

test("a rival that is stored and cannot be read yet is no fault of ours: the same request may come again", async () => {
  const { processes } = on.node.collections;
  const request = on.body();
  await on.initiate(request);
  const find = jest.spyOn(processes, "findOne").mockResolvedValue(null);
  expect((await refusal(on.initiate(request))).code).toBe("SERVICE_UNAVAILABLE");
  find.mockRestore();
  expect((await refusal(on.initiate(request))).code).toBe("REQUEST_DUPLICATED");
});

test("a cancel that is faster than the invitation is what the initiation answers", async () => {
  on.world.whileSending = ({ processId }) => on.call("cancel", { systemCode: "WALLET", processId, reason: "撤回" });
  const refused = await refusal(on.initiate());
  expect(refused).toMatchObject({ code: "PROCESS_STATE_INVALID", message: "发起方已取消签约", data: { status: "FAILED", expiredAt: null } });
});

test("a cancel before the signature ends the process, again it is the same, and the signer can do nothing more", async () => {
  const one = await on.signing();
  const cancel = () => on.call("cancel", { systemCode: "WALLET", processId: one.processId, reason: "撤回" });
  const first = await cancel();
  expect(first).toMatchObject({ status: "FAILED", failureCode: "CANCELLED", expiredAt: null });
  expect(await cancel()).toEqual(first);
  expect((await refusal(one.asSigner("decline", { reason: "不同意" }))).code).toBe("PROCESS_STATE_INVALID");
  await on.settled();
  expect(on.world.events.map((event) => event.payload.failureCode)).toEqual(["CANCELLED"]);
});

test("the query shows each state what it knows, and mints a link only when the process is completed", async () => {
  const one = await on.signing();
  const seen: unknown[] = [];
  const look = async () => {
    const { status, protocolInfo, verificationInfo, expiredAt, completedAt } = (await one.get()) as Record<string, Record<string, unknown> | null>;
    seen.push([status, protocolInfo?.["downloadUrl"] ?? (protocolInfo && "no link"), verificationInfo?.["status"] ?? null, expiredAt !== null, completedAt !== null]);
  };
  await look();
  on.world.startStatus = "NOT_STARTED";
  await one.signed();
  await look();
  await on.call("verificationStarted", { processId: one.processId, requestId: `${one.processId}-1`, status: "PENDING", verificationId: `VER_${one.processId}`, startedAt: "2026-11-24T12:00:00Z", faceUrl: null, faceUrlExpiresAt: null });
  await look();
  await one.result("SUCCESS");
  await look();
  const [first, second] = await Promise.all([one.get(), one.get()]);
  expect((first["protocolInfo"] as { downloadUrl: string }).downloadUrl).not.toBe((second["protocolInfo"] as { downloadUrl: string }).downloadUrl);
  expect(seen).toEqual([
    ["SMS_SENT", null, null, true, false],
    ["VERIFICATION_PENDING", "no link", "NOT_STARTED", true, false],
    ["VERIFICATION_PENDING", "no link", "PENDING", true, false],
    ["COMPLETED", expect.stringContaining(".pdf"), "SUCCESS", false, true],
  ]);
  expect(await one.evidence()).toEqual(["REQUEST", "PROTOCOL", "SMS_RECORD", "LINK_OPENED", "READING", "SMS_RECORD", "SIGNATURE", "VERIFICATION_REQUEST", "VERIFICATION_RESULT", "PROTOCOL_SEALED", "STATE"]);
});

test("a database that goes away while the invitation fails holds it up no longer than it is away", async () => {
  const { processes } = on.node.collections;
  const get = processes.get.bind(processes);
  let invited!: string;
  on.world.whileSending = ({ processId }) => {
    invited = processId;
    processes.get = () => Promise.reject(new Error("away"));
    return Promise.reject(new Error("down"));
  };
  await on.initiate().catch(() => null);
  await on.node.actor.idle();
  processes.get = get;
  on.world.whileSending = null;
  // At the same moment: no lease has run out.
  await on.node.sweepNow();
  await on.node.actor.idle();
  expect(await get(invited)).toMatchObject({ status: 1, owed: [] });
});
