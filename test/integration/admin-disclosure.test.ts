import { createHash } from "node:crypto";
import { unzipSync } from "fflate";
import { join } from "node:path";
import { config } from "./settings-of-this-test.ts";
import { ensureSealKey } from "../../config/development-seal.ts";
import { verifyBundle } from "../../cli/verify/verify-bundle.ts";
import { readRoots } from "../../cli/verify/trust.ts";
import { operatorWorld, type OperatorWorld } from "./operator-world.ts";

let on: OperatorWorld;
beforeAll(async () => {
  await ensureSealKey(config);
  on = await operatorWorld();
});
afterEach(() => {
  jest.restoreAllMocks();
  on.calm();
});
afterAll(() => on.end());

const REASON = "签署人来电，核对登记信息";
const MOBILE = "13800138000";
const SECRETS = [MOBILE, "110101199001011234", "6228480012345678901", "张三"];
const reveal = (id: string, field: unknown, token = "the-token-of-otto", reason: unknown = REASON) => on.post(`processes/${id}/reveal`, { field, reason }, token);
const take = (id: string, kind: unknown, token = "the-token-of-eve", reason: unknown = REASON) => on.post(`processes/${id}/documents`, { kind, reason }, token);
const custody = async (id: string) => (await on.chain.find({ processId: id }, { sort: ["seq"] })).filter((event) => event.evidenceType === "CUSTODY").map((event) => event.evidenceData);
const audits = (target: string) => on.audits.find({ target }, { sort: ["-at"] });
const bytesOf = (told: Awaited<ReturnType<typeof take>>) => Buffer.from((told.json.data as { base64: string }).base64, "base64");
const sha256 = (bytes: Buffer | string) => createHash("sha256").update(bytes).digest("hex");
/** What the offline verifier finds wrong with a bundle. */
const faultsOf = (bundle: Buffer) => verifyBundle(bundle, { roots: readRoots(join(config.dataDir, "keys", "seal-root.pem")), callers: [] }).problems;
/** Each name has thirty an hour. */
const later = () => void (on.world.now += 3_600_000);

async function completed() {
  const signing = await on.signing(on.request());
  await signing.signed();
  await signing.result("SUCCESS");
  return signing;
}
/** A process whose agreement could not be frozen. */
async function unfrozen(): Promise<string> {
  jest.spyOn(on.chain, "insertInOrder").mockRejectedValue(new Error("the disk is full"));
  const { processId } = await on.initiate(on.request());
  await on.settled();
  jest.restoreAllMocks();
  return processId;
}

describe("what an operator may see without a reason", () => {
  interface Detail {
    evidence: { seq: number; type: string; at: string; hash: string; summary: string }[];
    chain: { ok: boolean; head: string; length: number } | null;
    documents: { kind: string; available: boolean; sha256: string | null }[];
    templates: { kind: string; code: string; version: number; sha256: string; approvedBy: string | null }[];
  }
  const shown = async (id: string) => (await on.get(`processes/${id}`)).json.data as Detail;

  test("a completed signing is told event by event, its chain holds, its texts are pinned, and every document is there", async () => {
    const { processId, hash } = await completed();
    const detail = await shown(processId);
    expect(detail.evidence.map(({ type }) => type)).toEqual(["REQUEST", "PROTOCOL", "SMS_RECORD", "LINK_OPENED", "READING", "SMS_RECORD", "SIGNATURE", "VERIFICATION_REQUEST", "VERIFICATION_RESULT", "PROTOCOL_SEALED", "STATE", "CALLBACK"].slice(0, detail.evidence.length));
    expect(detail.evidence.length).toBeGreaterThan(10);
    expect(detail.evidence.map(({ seq }) => seq)).toEqual(detail.evidence.map((_, at) => at + 1));
    expect(detail.evidence.map(({ summary }) => summary)).toEqual(expect.arrayContaining(["签约短信已发送", "签署人签署，阅读 10 秒，验证码已核对", "身份认证通过", "流程终结：COMPLETED"]));
    expect(detail.chain).toEqual({ ok: true, head: detail.evidence.at(-1)!.hash, length: detail.evidence.length });
    expect(detail.documents).toEqual([
      { kind: "AGREEMENT", available: true, sha256: hash },
      { kind: "SEALED_PDF", available: true, sha256: sha256(on.world.pdf) },
      { kind: "BUNDLE", available: true, sha256: null },
    ]);
    expect(detail.templates.map(({ kind }) => kind)).toEqual(["PROTOCOL", "H5", "SMS", "SMS", "SMS"]);
    for (const pinned of detail.templates) expect(pinned).toMatchObject({ code: expect.stringMatching(/^[A-Z0-9_]+$/), version: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });

  test("none of it holds anything personal, whatever has happened to the process", async () => {
    const signing = await completed();
    const declined = await on.signing(on.request());
    await declined.open();
    await declined.asSigner("decline", { reason: `我是张三，${MOBILE}，不签` });
    await on.settled();
    for (const { processId, token } of [signing, declined]) {
      const text = (await on.get(`processes/${processId}`)).bytes.toString();
      for (const secret of [...SECRETS, token, "203.0.113.9", "不签"]) expect(text).not.toContain(secret);
    }
    expect((await shown(declined.processId)).evidence.map(({ summary }) => summary)).toContain("签署人拒绝签署");
  });

  test.each<[string, (row: { evidenceData: Record<string, unknown> | null; at: string }) => object]>([
    ["contents", ({ evidenceData }) => ({ evidenceData: { ...evidenceData, type: "FACE" } })],
    ["time", () => ({ at: "2020-01-01T00:00:00Z" })],
  ])("a stored event with another %s makes the chain one that does not hold, and no bundle of it is to be had", async (_, change) => {
    const { processId } = await completed();
    const rows = await on.chain.find({ processId }, { sort: ["seq"] });
    const find = on.chain.find.bind(on.chain);
    jest.spyOn(on.chain, "find").mockImplementation(async (query, options) => (await find(query, options)).map((row) => (row._id === rows[7]!._id ? { ...row, ...change(row) } : row)));
    const detail = await shown(processId);
    expect(detail.chain).toMatchObject({ ok: false, length: rows.length });
    expect(detail.documents.find(({ kind }) => kind === "BUNDLE")).toMatchObject({ available: false });
  });

  test("the signer shown masked is the one whose fields are revealed, also where the other party has a contact of its own", async () => {
    const body = on.request();
    const payer = { ...body.payerInfo, contactInfo: { name: "李四", mobile: "13912345678" }, bankCardInfo: { cardNo: "6222020200112233445", accountName: "总部", bankCode: "ICBC" } };
    const { processId } = await on.initiate({ ...body, processType: "OPEN_PAYMENT", payerInfo: payer });
    expect((await on.get(`processes/${processId}`)).json.data).toMatchObject({
      payeeInfo: { contactInfo: { mobile: "138****8000" } },
      signer: { side: "payer", merchantType: "ENTERPRISE", name: "李*", mobile: "139****5678", idCardNo: null, bankCard: { cardNo: "622202*********3445", accountName: "总部", bankCode: "ICBC" } },
    });
    expect((await reveal(processId, "signer.mobile")).json.data).toEqual({ field: "signer.mobile", value: "13912345678" });
    expect((await reveal(processId, "bankCard.cardNo")).json.data).toEqual({ field: "bankCard.cardNo", value: "6222020200112233445" });
  });

  test("evidence that cannot be reached hides nothing else", async () => {
    const { processId } = await completed();
    jest.spyOn(on.chain, "find").mockRejectedValue(new Error("down"));
    const told = await on.get(`processes/${processId}`);
    expect(told.json).toMatchObject({ code: "SUCCESS", data: { status: "COMPLETED", chain: null, evidence: [] } });
  });
});

describe("one field in full", () => {
  test.each([
    ["signer.name", "张三"],
    ["signer.mobile", MOBILE],
    ["signer.idCardNo", "110101199001011234"],
    ["bankCard.cardNo", "6228480012345678901"],
  ])("%s is shown on a reason, with who and why in chain and audit and the value in neither", async (field, value) => {
    const { processId } = await on.signing(on.request());
    const told = await reveal(processId, field);
    expect([told.status, told.json]).toMatchObject([200, { code: "SUCCESS", data: { field, value } }]);
    expect(await custody(processId)).toEqual([{ by: "OPERATOR", action: "REVEAL", field, name: "otto", reason: REASON, via: "ADMIN_API" }]);
    const [entry] = await audits(processId);
    expect(entry).toMatchObject({ action: "process.reveal", name: "otto", reason: REASON, detail: field, outcome: "SUCCESS" });
    for (const secret of SECRETS) expect(JSON.stringify([entry, await custody(processId)])).not.toContain(secret);
  });

  test("shown twice it is twice in audit and chain", async () => {
    const { processId } = await on.signing(on.request());
    for (const token of ["the-token-of-otto", "the-token-of-eve"]) expect((await reveal(processId, "signer.mobile", token)).json.data).toEqual({ field: "signer.mobile", value: MOBILE });
    expect((await custody(processId)).map((data) => data!["name"])).toEqual(["otto", "eve"]);
    expect((await audits(processId)).map(({ name }) => name)).toEqual(["eve", "otto"]);
    expect((await on.get(`audit?name=eve&limit=1`)).json.data).toMatchObject({ items: [{ name: "eve", target: processId, detail: "signer.mobile" }] });
  });

  test("nothing is shown when the audit cannot be written", async () => {
    const { processId } = await on.signing(on.request());
    jest.spyOn(on.auditWrites, "insert").mockRejectedValue(new Error("down"));
    const answers = [await reveal(processId, "signer.mobile"), await take(processId, "AGREEMENT")];
    for (const told of answers) {
      expect(told.status).toBeGreaterThanOrEqual(500);
      expect(told.json.data).toBeUndefined();
      expect(told.bytes.toString()).not.toContain(MOBILE);
    }
    expect(await custody(processId)).toEqual([]);
  });

  test("nothing is shown when the chain cannot be written, and the audit says so", async () => {
    const { processId } = await on.signing(on.request());
    jest.spyOn(on.chain, "insertInOrder").mockRejectedValue(new Error("down"));
    for (const told of [await reveal(processId, "signer.mobile"), await take(processId, "AGREEMENT"), await take(processId, "BUNDLE")]) {
      expect(told.status).toBeGreaterThanOrEqual(500);
      expect(told.json.data).toBeUndefined();
    }
    expect((await audits(processId)).map(({ outcome }) => outcome)).not.toContain("SUCCESS");
  });

  test.each<[string, unknown]>([
    ["an unknown one", "signer.address"],
    ["one of the object's own", "__proto__"],
    ["none", undefined],
    ["an object", { $ne: 1 }],
    ["a list", ["signer.mobile"]],
    ["a mobile number", MOBILE],
  ])("a field that is %s is 400, names what there is, and is not kept", async (_, field) => {
    const { processId } = await on.signing(on.request());
    const told = await reveal(processId, field);
    expect([told.status, told.json]).toMatchObject([400, { code: "PARAM_INVALID", errors: [{ field: "field", message: expect.stringContaining("signer.mobile") }] }]);
    expect((await audits(processId))[0]).toMatchObject({ outcome: "PARAM_INVALID" });
    expect(JSON.stringify(await audits(processId))).not.toContain(MOBILE);
  });

  test("a field that the request did not have is 404 and says which, and the chain has nobody who saw it", async () => {
    const body = on.request();
    const { processId } = await on.initiate({ ...body, payeeInfo: { ...body.payeeInfo!, contactInfo: { ...body.payeeInfo!.contactInfo!, idCardNo: undefined }, bankCardInfo: { cardNo: "6228480012345678901", bankCode: "ABC" } } });
    for (const [field, label] of [["signer.idCardNo", "签署人身份证号"], ["bankCard.accountName", "签署方银行账户名"]]) {
      expect((await reveal(processId, field)).json).toMatchObject({ code: "NOT_FOUND", message: `该流程没有这项信息：${label}` });
    }
    expect(await custody(processId)).toEqual([]);
  });

  test("a process that is not there is 404; one whose chain has not begun is 409, to see and to take, and its first event stays the request", async () => {
    const told = await reveal("ESIGN_PROC_NONE", "signer.mobile");
    expect([told.status, told.json]).toMatchObject([404, { code: "PROCESS_NOT_FOUND" }]);
    expect((await take("ESIGN_PROC_NONE", "BUNDLE")).json).toMatchObject({ code: "PROCESS_NOT_FOUND" });
    const processId = await unfrozen();
    for (const refused of [await reveal(processId, "signer.mobile"), await take(processId, "AGREEMENT"), await take(processId, "BUNDLE")]) {
      expect(refused.json).toMatchObject({ code: "PROCESS_STATE_INVALID", message: expect.stringContaining("协议尚未固化") });
    }
    await on.post(`processes/${processId}/retry`, { reason: REASON });
    await on.settled();
    expect((await on.chain.find({ processId }, { sort: ["seq"] }))[0]).toMatchObject({ evidenceType: "REQUEST" });
    expect((await reveal(processId, "signer.mobile")).status).toBe(200);
  });

  test.each<[string, (id: string) => ReturnType<typeof reveal>]>([
    ["a field to an author", (id) => reveal(id, "signer.mobile", "the-token-of-lee")],
    ["a document to an author", (id) => take(id, "AGREEMENT", "the-token-of-lee")],
    ["the audit to an operator", (id) => on.get(`audit?target=${id}`, "the-token-of-otto")],
    ["a retry to an auditor", (id) => on.post(`processes/${id}/retry`, { reason: REASON }, "the-token-of-eve")],
  ])("%s is 403, in the audit, and nothing is done", async (_, act) => {
    const { processId } = await on.signing(on.request());
    const told = await act(processId);
    expect([told.status, told.json]).toMatchObject([403, { code: "ADMIN_FORBIDDEN", message: "您的角色无权进行此操作" }]);
    expect(await audits(processId)).toMatchObject([{ outcome: "ADMIN_FORBIDDEN" }]);
    expect(await custody(processId)).toEqual([]);
  });

  test("without a reason nothing is shown", async () => {
    const { processId } = await on.signing(on.request());
    for (const told of [await reveal(processId, "signer.mobile", undefined, ""), await take(processId, "AGREEMENT", undefined, `致电 ${MOBILE}`)]) {
      expect(told.json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "reason" }] });
    }
    expect(await custody(processId)).toEqual([]);
  });

  test("the thirty-first within an hour is refused and told how long to wait; others and documents are not touched, and then it goes on", async () => {
    const { processId } = await on.signing(on.request());
    later();
    const statuses: number[] = [];
    for (let n = 0; n < 30; n++) statuses.push((await reveal(processId, "signer.mobile")).status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    const begun = on.world.now;
    const over = await reveal(processId, "signer.mobile");
    expect([over.status, over.json]).toMatchObject([429, { code: "RATE_LIMITED", message: "一小时内最多 30 次，请稍后再试" }]);
    expect(over.json.data).toBeUndefined();
    expect((await reveal(processId, "signer.mobile", "the-token-of-eve")).status).toBe(200);
    expect((await take(processId, "AGREEMENT", "the-token-of-otto")).status).toBe(200);
    const wait = Number(over.headers["retry-after"]);
    expect(wait).toBeLessThanOrEqual(3_600);
    on.world.now = begun + wait * 1_000;
    expect((await reveal(processId, "signer.mobile")).status).toBe(200);
  });
});

describe("one document in full", () => {
  test("the agreement comes in the very bytes that are signed", async () => {
    const { processId, hash } = await on.signing(on.request());
    const told = await take(processId, "AGREEMENT");
    expect(told.json).toMatchObject({ code: "SUCCESS", data: { fileName: expect.stringMatching(/^PROTO_\w+\.html$/), type: "text/html" } });
    expect(sha256(bytesOf(told))).toBe(hash);
    expect(await custody(processId)).toEqual([{ by: "OPERATOR", action: "DOCUMENT", kind: "AGREEMENT", name: "eve", reason: REASON, via: "ADMIN_API" }]);
    expect((await audits(processId))[0]).toMatchObject({ action: "process.handOver", detail: "AGREEMENT", outcome: "SUCCESS" });
  });

  test("the PDF is there once it is sealed; before, the answer says so and the chain has nobody who took it", async () => {
    const { processId } = await on.signing(on.request());
    const early = await take(processId, "SEALED_PDF");
    expect([early.status, early.json]).toMatchObject([409, { code: "PROCESS_STATE_INVALID", message: "协议尚未封签，还没有 PDF" }]);
    expect(await custody(processId)).toEqual([]);
    const done = await completed();
    const told = await take(done.processId, "SEALED_PDF");
    expect(told.json.data).toMatchObject({ fileName: expect.stringMatching(/^PROTO_\w+\.pdf$/), type: "application/pdf" });
    expect(bytesOf(told).toString()).toBe(on.world.pdf);
    expect(await custody(done.processId)).toMatchObject([{ action: "DOCUMENT", kind: "SEALED_PDF" }]);
  });

  test("the bundle says in itself who took it", async () => {
    const { processId } = await on.signing(on.request());
    const told = await take(processId, "BUNDLE");
    expect(told.json.data).toMatchObject({ fileName: `${processId}.zip`, type: "application/zip" });
    const members = unzipSync(bytesOf(told));
    const { events } = JSON.parse(Buffer.from(members["evidence.json"]!).toString()) as { events: { type: string; data: object }[] };
    expect(events.at(-1)).toMatchObject({ type: "CUSTODY", data: { by: "OPERATOR", action: "EXPORT", name: "eve", reason: REASON, view: "full" } });
    expect(faultsOf(bytesOf(told))).toEqual([]);
  });

  test("a bundle taken after somebody has looked at a field and taken the agreement still verifies, and tells of both", async () => {
    const { processId } = await on.signing(on.request());
    await reveal(processId, "signer.mobile");
    await take(processId, "AGREEMENT");
    const told = await take(processId, "BUNDLE");
    expect(faultsOf(bytesOf(told))).toEqual([]);
    expect((await custody(processId)).map((data) => data!["action"])).toEqual(["REVEAL", "DOCUMENT", "EXPORT"]);
    const detail = (await on.get(`processes/${processId}`)).json.data as { evidence: { summary: string }[] };
    expect(detail.evidence.slice(-3).map(({ summary }) => summary)).toEqual(["操作人 otto 查看完整信息（signer.mobile）", "操作人 eve 取走协议原文", "操作人 eve 取走证据包（完整）"]);
  });

  test.each<[string, unknown]>([["unknown", "PDF"], ["absent", undefined], ["a number", 1]])("a kind that is %s is 400", async (_, kind) => {
    const { processId } = await on.signing(on.request());
    expect((await take(processId, kind)).json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "kind" }] });
  });
});

describe("the trail", () => {
  test("is only added to: an entry is never written again, and its first outcome stays", async () => {
    const { processId } = await on.signing(on.request());
    await reveal(processId, "signer.mobile");
    const [entry] = await audits(processId);
    await on.broker.call("gateway.endAudit", { id: entry!._id, outcome: "PARAM_INVALID" });
    expect(await audits(processId)).toEqual([{ ...entry, version: 1, outcome: "SUCCESS" }]);
  });

  test("whose outcome cannot be written keeps the deed and leaves the outcome open", async () => {
    const { processId } = await on.signing(on.request());
    jest.spyOn(on.auditEnds, "insert").mockRejectedValue(new Error("down"));
    expect((await reveal(processId, "signer.mobile")).json.data).toEqual({ field: "signer.mobile", value: MOBILE });
    expect((await on.get(`audit?target=${processId}`)).json.data).toMatchObject({ items: [{ action: "audit.list" }, { action: "process.reveal", outcome: null, endedAt: null }] });
  });

  test("tells the sessions of one name apart, and neither from the key by a token", async () => {
    const { processId } = await on.signing(on.request());
    const tokens: string[] = [];
    for (let n = 0; n < 2; n++) tokens.push(((await on.post("session", {}, "the-token-of-otto")).json.data as { token: string }).token);
    for (const token of [...tokens, "the-token-of-otto"]) expect((await reveal(processId, "signer.mobile", token)).status).toBe(200);
    const [byKey, second, first] = ((await on.get(`audit?target=${processId}&name=otto`)).json.data as { items: { session: string | null }[] }).items.map(({ session }) => session);
    expect(byKey).toBeNull();
    expect([first, second]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), expect.stringMatching(/^[0-9a-f]{12}$/)]);
    expect(first).not.toBe(second);
  });

  test("of one name about one target is a page of both", async () => {
    const { processId } = await on.signing(on.request());
    for (const token of ["the-token-of-otto", "the-token-of-eve"]) await reveal(processId, "signer.mobile", token);
    expect((await on.get(`audit?target=${processId}&name=otto`)).json.data).toMatchObject({ items: [{ name: "otto", action: "process.reveal" }], next: null });
    expect((await on.get(`audit?name=nobody`)).json.data).toEqual({ items: [], next: null });
    expect((await on.get("audit?name=a&name=b")).json).toMatchObject({ errors: [{ field: "name" }] });
  });
});

describe("searching by a merchant's name", () => {
  let number = 0;
  const named = (name: string) => {
    const body = on.request();
    return on.initiate({ ...body, payeeInfo: { ...body.payeeInfo!, merchantName: name, merchantNo: `M_NAMED_${++number}` } });
  };
  const found = async (q: string) => ((await on.get(`processes?q=${encodeURIComponent(q)}`)).json.data as { items: { processId: string }[] }).items.map((one) => one.processId);

  test("finds the processes of the whole name, on either side, and nothing else", async () => {
    const name = "杭州西湖区好味来餐饮店";
    const first = await named(name);
    await named(`${name}二店`);
    const body = on.request();
    const second = await on.initiate({ ...body, payerInfo: { ...body.payerInfo, merchantName: name, merchantNo: "M_NAMED_PAYER" } });
    expect((await found(name)).toSorted()).toEqual([first.processId, second.processId].toSorted());
    for (const other of [name.slice(0, -1), `${name} `, ".*", "%"]) expect(await found(other)).toEqual([]);
  });

  test("pages through the processes of one name without a gap or a double", async () => {
    const name = "拉面馆".repeat(20);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) ids.push((await named(name)).processId);
    const seen: string[] = [];
    for (let next: string | null = ""; next !== null; ) {
      const page: { items: { processId: string }[]; next: string | null } = (await on.get(`processes?q=${encodeURIComponent(name)}&limit=2&after=${next}`)).json.data as never;
      seen.push(...page.items.map((one) => one.processId));
      next = page.next;
    }
    expect(seen).toEqual(ids.toSorted().toReversed());
  });

  test.each([
    ["张三", "张*"],
    ["欧阳娜娜", "欧***"],
    ["Zhang San", "Z********"],
    ["M_NAMED_1", "M_NAMED_1"],
  ])("of %s the audit keeps %s", async (q, kept) => {
    await found(q);
    expect(await on.audits.findOne({ name: "ann" }, { sort: ["-at"] })).toMatchObject({ action: "processes.list", target: kept });
  });
});
