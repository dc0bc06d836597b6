import { operatorWorld, type OperatorWorld } from "./operator-world.ts";
import { until } from "../until.ts";

let on: OperatorWorld;
beforeAll(async () => {
  on = await operatorWorld();
});
afterEach(() => {
  on.well();
  on.world.whileSending = null;
});
afterAll(() => on.end());

interface Shown {
  processId: string;
  status: string;
  why: string[];
  waitsFor: string;
  timeline: { at: string; status: string; command: string }[];
  owed: { name: string; attempt: number; dueAt: string; lastError: string | null }[];
  verificationStart: { tries: number; status: string } | null;
}
const listed = async (query: string) => (await on.get(`processes?${query}`)).json.data as { items: Shown[]; next: string | null };
const shown = async (processId: string) => (await on.get(`processes/${processId}`)).json.data as Shown;
const stuckIds = async () => (await listed("stuck=true&limit=100")).items.map((one) => one.processId);
const REASON = { reason: "客户来电，短信网关已恢复" };

/** A process whose invitation does not go out. */
async function hanging(): Promise<string> {
  on.world.whileSending = () => Promise.reject(new Error("the SMS service is down"));
  const { processId } = await on.initiate(on.request());
  await on.settled();
  return processId;
}

describe("a process whose invitation fails", () => {
  test("is in the list of those that hang, and says which effect failed how often, with what, and when it is tried again", async () => {
    const processId = await hanging();
    expect(await stuckIds()).toContain(processId);
    const process = await shown(processId);
    expect(process).toMatchObject({ status: "INIT", owed: [{ name: "invite", attempt: 1, lastError: "Error" }] });
    expect(process.timeline).toEqual([{ at: expect.stringMatching(/^2026-11-24T12:00:00Z$/), status: "INIT", command: "initiate" }]);
    expect(process.why).toEqual([expect.stringMatching(/^发送签约短信（invite）已失败 1 次，最近的错误 Error，下次重试 .+Z$/)]);
  });

  test("is retried at once on an operator's word, who stands in the chain before what was done", async () => {
    const processId = await hanging();
    on.world.whileSending = null;
    const told = await on.post(`processes/${processId}/retry`, REASON);
    expect(told.status).toBe(200);
    expect(told.json).toMatchObject({ code: "SUCCESS", message: "已立即重试", data: { processId, status: "SMS_SENT", owed: [], why: [] } });
    const [incident, ...more] = await on.incidents(processId);
    expect(more).toEqual([]);
    expect(incident).toMatchObject({ evidenceType: "INCIDENT", evidenceData: { by: "OPERATOR", action: "RETRY", name: "ann", via: "ADMIN_API", ...REASON, owed: [{ name: "invite", attempt: 1, lastError: "Error" }] } });
    const signing = (await on.broker.call("evidence.outline", { processId })) as { type: string; seq: number }[];
    expect(signing.map(({ type }) => type)).toEqual(["REQUEST", "PROTOCOL", "INCIDENT", "SMS_RECORD"]);
    expect(await stuckIds()).not.toContain(processId);
  });

  test("that goes on failing has the operator in the chain all the same, once for each retry", async () => {
    const processId = await hanging();
    for (const round of [1, 2]) {
      const told = await on.post(`processes/${processId}/retry`, REASON);
      expect(told.json.data).toMatchObject({ status: "INIT", owed: [{ name: "invite", attempt: 1 + round }] });
    }
    expect(await on.incidents(processId)).toHaveLength(2);
    expect(on.world.sms.filter((one) => one.processId === processId)).not.toHaveLength(0);
  });

  test("that is retried twice at once is invited once under one message id", async () => {
    const processId = await hanging();
    on.world.whileSending = null;
    const before = on.world.sms.length;
    const answers = await Promise.all([1, 2, 3].map(() => on.post(`processes/${processId}/retry`, REASON)));
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
    await on.settled();
    expect(new Set(on.world.sms.slice(before).map((one) => one.messageId))).toEqual(new Set([`INV_${processId}`]));
    expect(on.world.sms.slice(before)).toHaveLength(1);
    expect((await shown(processId)).status).toBe("SMS_SENT");
  });
});

test("a healthy process is not in the list, waits for its signer, and a retry of it changes nothing, not even the chain", async () => {
  const signing = await on.signing(on.request());
  expect(await stuckIds()).not.toContain(signing.processId);
  const before = await signing.process();
  const told = await on.post(`processes/${signing.processId}/retry`, REASON);
  expect(told.json).toMatchObject({ code: "SUCCESS", message: "没有需要重试的事项，未作更改", data: { why: [], waitsFor: expect.stringMatching(/^签署人打开短信链接（截止 .+Z）$/) } });
  expect(await signing.process()).toEqual(before);
  expect(await on.incidents(signing.processId)).toEqual([]);
});

test("a deadline that nobody has handled for a minute is in the list and says so; one of half a minute is not", async () => {
  const signing = await on.signing(on.request());
  const end = (await signing.process()).expiredAt!.getTime();
  const back = on.world.now;
  on.world.now = end + 59_000;
  expect(await stuckIds()).not.toContain(signing.processId);
  on.world.now = end + 60_000;
  expect(await stuckIds()).toContain(signing.processId);
  expect((await shown(signing.processId)).why).toEqual([`期限 ${new Date(end).toISOString().replace(".000", "")} 已过而流程未结束：到期扫描尚未处理`]);
  await signing.expire();
  expect(await stuckIds()).not.toContain(signing.processId);
  on.world.now = back;
});

test("a verification that the system does not take is in the list; after a retry it has been started, and its money moved once", async () => {
  on.ill();
  const signing = await on.signing(on.request());
  await signing.signed();
  const { processId } = signing;
  const hanging = await shown(processId);
  expect(hanging).toMatchObject({ status: "VERIFICATION_PENDING", owed: [], verificationStart: { status: "NOT_STARTED", tries: 1 } });
  expect(hanging.why).toEqual([expect.stringMatching(/^身份认证尚未发起：认证系统 1 次未受理，下次尝试 .+Z，最迟 .+Z$/)]);
  expect(await stuckIds()).toContain(processId);

  on.well();
  await on.post(`processes/${processId}/retry`, REASON);
  await on.post(`processes/${processId}/retry`, REASON);
  await until("the verification is PENDING", async () => (await signing.process()).verification!.status === "PENDING");
  expect(on.verification.attempts.filter((one) => one.requestId === `${processId}-1`)).toHaveLength(1);
  expect(await stuckIds()).not.toContain(processId);
  expect((await on.incidents(processId))[0]).toMatchObject({ evidenceData: { action: "RETRY", name: "ann" } });
});

test("the pages of those that hang hold every one of them, whatever the reason, and come to an end", async () => {
  const ids = [await hanging(), await hanging(), await hanging()];
  const seen: string[] = [];
  let next: string | null = "";
  for (let pages = 0; next !== null; pages++) {
    const page: { items: Shown[]; next: string | null } = await listed(`stuck=true&limit=2&after=${next}`);
    expect(page.items.length).toBeLessThanOrEqual(2);
    expect(pages).toBeLessThan(50);
    seen.push(...page.items.map((one) => one.processId));
    next = page.next;
  }
  // Those of earlier tests may still move on and come up twice; these stand still.
  expect(seen.filter((id) => ids.includes(id)).toSorted()).toEqual(ids.toSorted());
});

describe("the list of all", () => {
  test("comes in pages without a gap or a double, the youngest day first", async () => {
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: { items: Shown[]; next: string | null } = await listed(`limit=3&after=${next}`);
      seen.push(...page.items.map((one) => one.processId));
      next = page.next;
    }
    expect(seen).toEqual((await on.node.collections.processes.find({}, { sort: ["-_id"] })).map((one) => one._id));
  });

  test.each([
    ["its own id", (one: Awaited<ReturnType<typeof sample>>) => one.processId],
    ["the wallet's request id", (one: Awaited<ReturnType<typeof sample>>) => one.requestId],
    ["the payer's merchant number", (one: Awaited<ReturnType<typeof sample>>) => one.payerMerchantNo],
    ["the payee's merchant number", (one: Awaited<ReturnType<typeof sample>>) => one.payeeMerchantNo],
  ])("finds a process by %s", async (_, term) => {
    const one = await sample();
    const found = await listed(`q=${encodeURIComponent(term(one))}`);
    expect(found).toMatchObject({ items: [{ processId: one.processId }], next: null });
    expect((await listed("q=NOBODY")).items).toEqual([]);
  });

  test("pages through the processes of one merchant without a gap or a double", async () => {
    const { processId, payerMerchantNo } = await sample();
    const ids = [processId];
    for (const _ of [1, 2, 3]) ids.push((await on.initiate({ ...on.request(), payerInfo: { ...on.request().payerInfo, merchantNo: payerMerchantNo } })).processId);
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: { items: Shown[]; next: string | null } = await listed(`q=${payerMerchantNo}&limit=2&after=${next}`);
      seen.push(...page.items.map((one) => one.processId));
      next = page.next;
    }
    expect(seen).toEqual(ids.toSorted().toReversed());
  });

  let number = 0;
  async function sample() {
    const n = ++number;
    const body = on.request();
    const request = { ...body, payerInfo: { ...body.payerInfo, merchantNo: `MPAYER${n}` }, payeeInfo: { ...body.payeeInfo!, merchantNo: `MPAYEE${n}` } };
    const { processId } = await on.initiate(request);
    return { processId, requestId: request.requestId, payerMerchantNo: `MPAYER${n}`, payeeMerchantNo: `MPAYEE${n}` };
  }
});

test("what an operator sees is masked, whichever way it is asked for", async () => {
  const signing = await on.signing(on.request());
  await signing.signed();
  const text = [await on.get("processes?limit=100"), await on.get(`processes/${signing.processId}`)].map((one) => one.bytes.toString()).join();
  for (const secret of ["13800138000", "110101199001011234", "6228480012345678901", "张三", signing.token, "203.0.113.9"]) expect(text).not.toContain(secret);
  expect(text).toContain("138****8000");
});

test.each([
  ["processes?limit=0", "limit"],
  ["processes?limit=101", "limit"],
  ["processes?limit=abc", "limit"],
  ["processes?limit=-1", "limit"],
  ["processes?after=%25", "after"],
  ["processes?after=bm8gY3Vyc29yIQ", "after"],
  ["processes?stuck=true&after=bm8", "after"],
  ...["0~abc~x", "1~999999999999999999~x", "0~0x10~x", "2~abc~x"].map((cursor) => [`processes?stuck=true&after=${Buffer.from(cursor).toString("base64url")}`, "after"]),
  ["processes?stuck=yes", "stuck"],
  ["processes?stuck=true&stuck=true", "stuck"],
  ["deliveries?state=PARKED&state=PENDING", "state"],
  ["processes?stuck=true&q=M1", "q"],
  [`processes?q=${"x".repeat(129)}`, "q"],
])("%s is 400 and names %s", async (path, field) => {
  const told = await on.get(path);
  expect(told.status).toBe(400);
  expect(told.json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field }] });
});

test.each(["ESIGN_PROC_NONE", "%00", "a%2Fb", "x".repeat(300), "__proto__"])("an unknown process %s is 404, to see and to retry", async (id) => {
  expect((await on.get(`processes/${id}`)).json).toMatchObject({ code: "PROCESS_NOT_FOUND" });
  expect((await on.post(`processes/${id}/retry`, REASON)).json).toMatchObject({ code: "PROCESS_NOT_FOUND" });
});

