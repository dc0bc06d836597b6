import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { TemplateDetail, TemplateView } from "../../services/template/template.api.ts";
import { operatorWorld, type OperatorWorld } from "./operator-world.ts";

/** The life of a template through the administration: ann writes, bob decides, processes go on. */
let on: OperatorWorld;
beforeAll(async () => {
  on = await operatorWorld();
});
afterAll(() => on.end());

const BOB = "the-token-of-bob";
const CODE = "RB_BATCH_ENTERPRISE";
const CONTENT = readFileSync(resolve(__dirname, `../../templates/protocol/${CODE}/content.ejs`), "utf8").trimEnd();
const FIRST_PARAGRAPH = CONTENT.indexOf("</p>");
/** The agreement with words of its own in it. */
const withWords = (words: string): string => `${CONTENT.slice(0, FIRST_PARAGRAPH)}${words}${CONTENT.slice(FIRST_PARAGRAPH)}`;
const at = (version: number) => `templates/${CODE}/${version}`;
const body = (over: object = {}) => ({ kind: "PROTOCOL", reason: "法务部要求", ...over });

let words = 0;
/** Ann's new version of the agreement. */
async function submitted(over: object = {}): Promise<number> {
  const told = await on.post("templates", { kind: "PROTOCOL", code: CODE, content: withWords(`第${"一二三四五六七八九十"[words++ % 10]!}稿`), reason: "新增条款", ...over });
  expect([told.status, told.json["message"]]).toEqual([200, "已提交，等待另一人审批"]);
  return (told.json.data as { version: number }).version;
}
async function approved(over: object = {}): Promise<number> {
  const version = await submitted(over);
  expect((await on.post(`${at(version)}/approve`, body(), BOB)).status).toBe(200);
  return version;
}
async function inForce(over: object = {}): Promise<number> {
  const version = await approved(over);
  expect((await on.post(`${at(version)}/activate`, body(), BOB)).status).toBe(200);
  return version;
}
const shown = async (version: number): Promise<TemplateDetail> => (await on.get(`${at(version)}?kind=PROTOCOL`)).json.data as TemplateDetail;
const stateOf = async (version: number) => (await shown(version)).state;
const pinned = async () => {
  const { processId } = await on.initiate(on.request());
  await on.settled();
  const process = (await on.node.collections.processes.get(processId))!;
  return { processId, protocol: process.agreement.templates.protocol };
};
const iso = (ms: number) => new Date(ms).toISOString();

test("a version goes from draft by another person's approval into force, each step with name and reason, and new processes pin it", async () => {
  const version = await submitted();
  expect(await stateOf(version)).toBe("DRAFT");
  const own = await on.post(`${at(version)}/approve`, body());
  expect(own.json).toMatchObject({ code: "ADMIN_FORBIDDEN", message: "不能审批自己提交的模板，须由另一人审批" });
  const early = await on.post(`${at(version)}/activate`, body(), BOB);
  expect(early.json).toMatchObject({ code: "TEMPLATE_STATE_INVALID", message: "该版本当前为“待审批”，不能启用" });

  const approval = await on.post(`${at(version)}/approve`, body({ reason: "已核对全部条款" }), BOB);
  expect(approval.json.data).toMatchObject({ state: "APPROVED", author: "ann", approver: "bob", active: false, origin: "UPLOAD" });
  const before = await pinned();
  expect(before.protocol).toMatchObject({ version: 1, approvedBy: "系统内置" });

  const activation = await on.post(`${at(version)}/activate`, body({ reason: "自今日起使用" }), BOB);
  expect(activation.json).toMatchObject({ message: "已启用，新流程自此使用该版本", data: { state: "ACTIVE", active: true } });
  const { processId, protocol } = await pinned();
  const audit = (await on.audits.find({ target: `${CODE}.${version}` }, { sort: ["at", "_id"] })).filter(({ action }) => action !== "templates.show");
  expect(audit.map(({ name, action, reason, outcome }) => [name, action, reason, outcome])).toEqual([
    ["ann", "template.approve", "法务部要求", "ADMIN_FORBIDDEN"],
    ["bob", "template.activate", "法务部要求", "TEMPLATE_STATE_INVALID"],
    ["bob", "template.approve", "已核对全部条款", "SUCCESS"],
    ["bob", "template.activate", "自今日起使用", "SUCCESS"],
  ]);
  const { sha256 } = await shown(version);
  expect(protocol).toEqual(expect.objectContaining({ code: CODE, version, sha256, approvedBy: "bob", activationId: audit.at(-1)!._id }));
  expect((await shown(version)).steps.map(({ step, by, reason }) => [step, by, reason])).toEqual([
    ["SUBMIT", "ann", "新增条款"],
    ["APPROVE", "bob", "已核对全部条款"],
    ["ACTIVATE", "bob", "自今日起使用"],
  ]);

  const chain = await on.broker.call<{ items: { type: string }[] }, object>("evidence.overview", { processId });
  expect(chain.items.map(({ type }) => type)).toContain("PROTOCOL");
  const records = (on.broker.getLocalService("evidence") as unknown as { collections: { records: { find(query: object): Promise<{ evidenceType: string; evidenceData: Record<string, unknown> }[]> } } }).collections.records;
  const { evidenceData } = (await records.find({ processId })).find(({ evidenceType }) => evidenceType === "PROTOCOL")!;
  const facts = { kind: "PROTOCOL", code: CODE, version, sha256, approvedBy: "bob", activationId: audit.at(-1)!._id };
  expect(evidenceData["template"]).toEqual(facts);
  expect(evidenceData["templates"]).toEqual([
    facts,
    ...["H5", "SMS", "SMS", "SMS"].map((kind) => expect.objectContaining({ kind, version: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), approvedBy: "系统内置", activationId: expect.any(String) })),
  ]);

  // Who began before it keeps what it has pinned.
  const still = (await on.node.collections.processes.get(before.processId))!;
  expect(still.agreement.templates.protocol).toEqual(before.protocol);
});

test("a scheduled version takes over at its moment without anybody doing anything, on a node that has the one before in its memory", async () => {
  const old = await inForce();
  const next = await approved();
  const from = on.world.now + 60_000;
  const told = await on.post(`${at(next)}/activate`, body({ from: iso(from) }), BOB);
  expect(told.json).toMatchObject({ message: "已安排启用，届时自动生效", data: { state: "SCHEDULED", activeFrom: iso(from).replace(/\.\d{3}/, "") } });
  on.world.now = from - 1;
  expect((await pinned()).protocol.version).toBe(old);
  on.world.now = from;
  expect((await pinned()).protocol.version).toBe(next);
  expect([await stateOf(old), await stateOf(next)]).toEqual(["RETIRED", "ACTIVE"]);
});

test("a schedule that is taken back leaves what is in force", async () => {
  const old = await inForce();
  const next = await approved();
  const from = on.world.now + 60_000;
  await on.post(`${at(next)}/activate`, body({ from: iso(from) }), BOB);
  expect((await on.post(`${at(next)}/deactivate`, body(), BOB)).json.data).toMatchObject({ state: "APPROVED", activeFrom: null });
  on.world.now = from + 1;
  expect((await pinned()).protocol.version).toBe(old);
});

test("a roll-back is the activation of an older version, and what was begun in between keeps the newer one", async () => {
  const old = await inForce();
  const newer = await inForce();
  const between = await pinned();
  expect((await on.post(`${at(old)}/activate`, body({ reason: "新版第三条有误，先用回旧版" }), BOB)).status).toBe(200);
  expect((await pinned()).protocol.version).toBe(old);
  expect((await on.node.collections.processes.get(between.processId))!.agreement.templates.protocol.version).toBe(newer);
  expect((await shown(old)).steps.filter(({ step }) => step === "ACTIVATE")).toHaveLength(2);
});

test("of two people who decide at once one is first, and the other is judged after that", async () => {
  const version = await submitted();
  const answers = await Promise.all([on.post(`${at(version)}/approve`, body(), BOB), on.post(`${at(version)}/approve`, body(), BOB), on.post(`${at(version)}/approve`, body(), BOB)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  const { steps } = await shown(version);
  expect(steps).toHaveLength(2);
});

test("of an approval and a rejection at the same moment the rejection stands, whichever comes first", async () => {
  const version = await submitted();
  const [approval, rejection] = await Promise.all([on.post(`${at(version)}/approve`, body(), BOB), on.post(`${at(version)}/reject`, body(), "the-token-of-lee")]);
  expect([[200, 409].includes(approval.status), rejection.status, await stateOf(version)]).toEqual([true, 200, "REJECTED"]);
  expect((await on.post(`${at(version)}/activate`, body(), BOB)).json).toMatchObject({ code: "TEMPLATE_STATE_INVALID" });
});

test("of many uploads at once each becomes a version of its own", async () => {
  const versions = await Promise.all(Array.from({ length: 5 }, () => submitted()));
  expect(new Set(versions).size).toBe(5);
  for (const version of versions) expect(await stateOf(version)).toBe("DRAFT");
});

test("what was rejected stays rejected", async () => {
  const version = await submitted();
  expect((await on.post(`${at(version)}/reject`, body({ reason: "第二条与法规不符" }), BOB)).json.data).toMatchObject({ state: "REJECTED", approver: null });
  for (const step of ["approve", "activate", "deactivate"]) expect((await on.post(`${at(version)}/${step}`, body(), BOB)).json["code"]).toBe("TEMPLATE_STATE_INVALID");
});

test("a place whose template is retired refuses new processes with TEMPLATE_NOT_FOUND and an alert, and serves again after an activation", async () => {
  const version = await inForce();
  const template = on.broker.getLocalService("template");
  const alerts: unknown[] = [];
  const said = jest.spyOn(template.logger, "error").mockImplementation((...parts: unknown[]) => void alerts.push(parts.at(-1)));
  const running = await pinned();
  expect((await on.post(`${at(version)}/deactivate`, body({ reason: "条款有误，暂停签约" }), BOB)).json.data).toMatchObject({ state: "RETIRED" });
  expect(alerts).toEqual([{ alert: "TEMPLATE_GAP", kind: "PROTOCOL", template: CODE, templateVersion: version, flows: ["RELATION_BINDING/BATCH_PAYMENT/ENTERPRISE"] }]);
  await expect(on.initiate(on.request())).rejects.toMatchObject({ type: "TEMPLATE_NOT_FOUND" });
  expect(alerts.at(-1)).toMatchObject({ alert: "TEMPLATE_NOT_FOUND", part: "protocol", codes: [] });
  said.mockRestore();
  const gaps = ((await on.get("templates/coverage")).json.data as { items: { processType: string; scene: string; signerType: string; gap: boolean }[] }).items.filter(({ gap }) => gap);
  expect(gaps).toEqual([expect.objectContaining({ processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE", protocol: null })]);
  expect((await on.node.collections.processes.get(running.processId))!.agreement.templates.protocol.version).toBe(version);
  expect((await on.post(`${at(version)}/activate`, body(), BOB)).status).toBe(200);
  expect((await pinned()).protocol.version).toBe(version);
});

describe("an upload", () => {
  const place = { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE", name: "另一份协议" };
  const fieldsOf = async (over: object) => {
    const told = await on.post("templates", { kind: "PROTOCOL", code: CODE, content: CONTENT, ...over });
    return [told.status, told.json["code"], (told.json["errors"] as { field: string }[] | undefined)?.map(({ field }) => field)];
  };

  test("with flaws is refused with the place of each and stores nothing", async () => {
    const before = ((await on.get(`templates?kind=PROTOCOL&code=${CODE}&limit=100`)).json.data as { items: unknown[] }).items.length;
    const [status, code, fields] = await fieldsOf({ content: `${CONTENT}\n<p onclick="x"><%= noSuchThing %></p>\n` });
    const line = CONTENT.split("\n").length + 1;
    expect([status, code]).toEqual([400, "PARAM_INVALID"]);
    expect((fields as string[]).length).toBeGreaterThan(1);
    for (const field of fields as string[]) expect(field).toMatch(new RegExp(`^content:${line}:\\d+$`));
    expect(((await on.get(`templates?kind=PROTOCOL&code=${CODE}&limit=100`)).json.data as { items: unknown[] }).items).toHaveLength(before);
  });

  test.each<[string, object, string[]]>([
    ["of an unknown kind", { kind: "PDF", ...place }, ["kind"]],
    ["with a code that is none", { code: "lower", ...place }, ["code"]],
    ["of a new code without saying what for", { code: "NEW_CODE" }, ["processType", "scene", "signerType", "name"]],
    ["for a flow that there is not", { ...place, scene: "POOLING" }, ["scene"]],
    ["for a signer that the flow has not", { ...place, processType: "OPEN_PAYMENT", signerType: "INDIVIDUAL" }, ["signerType"]],
    ["of an agreement for every flow", { ...place, processType: "ANY", scene: "ANY" }, ["processType", "scene"]],
    ["with an account type that is none", { ...place, accountType: "SAVINGS" }, ["accountType"]],
    ["with a purpose of two lines", { ...place, fundPurpose: "分红\n货款" }, ["fundPurpose"]],
    ["with a name of spaces", { ...place, name: " " }, ["name"]],
    ["without content", { content: "" }, ["content"]],
    ["with something that is no text", { content: 5, name: true }, ["content", "name"]],
    ["of an agreement with a page", { h5: CODE }, ["h5"]],
    ["of the sign code for some signers, purposes or accounts only", { kind: "SMS", code: "SIGN_CODE", content: "【天财电子签约】验证码<%= code %>，请签署", signerType: "INDIVIDUAL", fundPurpose: "股东分红" }, ["signerType", "fundPurpose"]],
    ["of an SMS with a page that there is not", { kind: "SMS", content: "【天财电子签约】请点击 <%= link %> 签署", h5: "NO_SUCH" }, ["h5"]],
  ])("%s is refused naming the fields", async (_what, over, fields) => {
    expect(await fieldsOf(over)).toEqual([400, "PARAM_INVALID", fields]);
  });

  test("of an existing code keeps what it does not say, and may say something narrower", async () => {
    const version = await submitted({ fundPurpose: "股东分红" });
    const { content, ...said } = await shown(version);
    expect(said).toMatchObject({ ...place, name: "天财分账业务授权协议（总部与接收方）", fundPurpose: "股东分红", accountType: null, state: "DRAFT" });
    expect(await shown(await submitted())).toMatchObject({ fundPurpose: null });
    expect(said.sha256).toBe(createHash("sha256").update(content).digest("hex"));
  });

  test("that serves one purpose wins over the general one for that purpose only", async () => {
    const general = await inForce();
    const special = await inForce({ fundPurpose: "货款结算" });
    const pinnedFor = async (fundPurpose: string) => {
      const { processId } = await on.initiate(on.request({ fundPurpose }));
      return (await on.node.collections.processes.get(processId))!.agreement.templates.protocol.version;
    };
    expect([await pinnedFor("货款结算"), await pinnedFor("股东分红")]).toEqual([special, general]);
    await on.post(`${at(special)}/deactivate`, body(), BOB);
  });

  test("without a reason is taken, of a decision it is demanded", async () => {
    const version = await submitted({ reason: undefined });
    expect((await shown(version)).steps[0]!.reason).toBe("提交新版本");
    const told = await on.post(`${at(version)}/approve`, { kind: "PROTOCOL" }, BOB);
    expect([told.status, (told.json["errors"] as { field: string }[])[0]!.field]).toEqual([400, "reason"]);
    expect(await stateOf(version)).toBe("DRAFT");
  });

  test("is only checked by lint, which says what the text uses", async () => {
    const told = await on.post("templates/lint", { kind: "PROTOCOL", content: CONTENT });
    expect(told.json).toMatchObject({ code: "SUCCESS", data: { lint: [], variables: expect.arrayContaining(["partyAName", "fundPurpose"]) } });
    // Asked at each pause in typing: only what was refused is written down.
    expect((await on.audits.find({}, { sort: ["at", "_id"] })).filter(({ action }) => action === "template.lint")).toEqual([]);
    expect((await on.post("templates/lint", { kind: "PROTOCOL", content: CONTENT }, "the-token-of-otto")).status).toBe(403);
    expect((await on.audits.find({}, { sort: ["at", "_id"] })).filter(({ action }) => action === "template.lint")).toEqual([expect.objectContaining({ name: "otto", outcome: "ADMIN_FORBIDDEN" })]);
  });
});

describe("an activation", () => {
  test.each<[string, () => string]>([
    ["in the past", () => iso(on.world.now - 1)],
    ["in more than a year", () => iso(on.world.now + 367 * 24 * 3_600_000)],
    ["at a time without an offset", () => "2026-12-01T00:00:00"],
    ["at no time at all", () => "tomorrow"],
  ])("%s is refused", async (_what, from) => {
    const version = await approved();
    const told = await on.post(`${at(version)}/activate`, body({ from: from() }), BOB);
    expect([told.status, (told.json["errors"] as { field: string }[])[0]!.field, await stateOf(version)]).toEqual([400, "from", "APPROVED"]);
  });

  test("of an invitation whose page is not in force is refused", async () => {
    const sms = (await on.post("templates", { kind: "SMS", code: CODE, content: "【天财电子签约】<%= signerCompany %>请点击 <%= link %> 签署协议" })).json.data as { version: number };
    await on.post(`${at(sms.version)}/approve`, body({ kind: "SMS" }), BOB);
    await on.post(`${at(1)}/deactivate`, body({ kind: "H5" }), BOB);
    const told = await on.post(`${at(sms.version)}/activate`, body({ kind: "SMS" }), BOB);
    expect(told.json).toMatchObject({ code: "TEMPLATE_STATE_INVALID", message: `页面模板 ${CODE} 届时未在使用，请先启用它` });
    await on.post(`${at(1)}/activate`, body({ kind: "H5" }), BOB);
    expect((await on.post(`${at(sms.version)}/activate`, body({ kind: "SMS" }), BOB)).status).toBe(200);
  });
});

test("an invitation whose page serves other signers or another purpose only is not activated: its flow would have no page", async () => {
  const texts = { title: "签署", intro: "请阅读", consent: "本人同意", button: "签署" };
  const added = async (text: object, kind: string, code: string) => {
    const told = await on.post("templates", { kind, code, name: "测试", processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", ...text });
    expect(told.json).toMatchObject({ code: "SUCCESS" });
    const { version } = told.json.data as { version: number };
    await on.post(`templates/${code}/${version}/approve`, body({ kind }), BOB);
    return on.post(`templates/${code}/${version}/activate`, body({ kind }), BOB);
  };
  const invitation = { content: "【天财电子签约】<%= signerCompany %>请点击 <%= link %> 签署协议", signerType: "ENTERPRISE" };
  expect((await added({ content: JSON.stringify(texts), signerType: "INDIVIDUAL" }, "H5", "PAGE_PERSONS")).status).toBe(200);
  expect((await added({ content: JSON.stringify(texts), signerType: "ENTERPRISE", fundPurpose: "股东分红" }, "H5", "PAGE_PERSONS")).status).toBe(200);
  const refused = { code: "TEMPLATE_STATE_INVALID", message: "页面模板 PAGE_PERSONS 不适用于该短信的全部签署方和用途，请先补充" };
  expect((await added({ ...invitation, h5: "PAGE_PERSONS", fundPurpose: "货款结算" }, "SMS", "TEST_INVITATION")).json).toMatchObject(refused);
  expect((await added({ ...invitation, h5: "PAGE_PERSONS", signerType: "ANY", fundPurpose: "股东分红" }, "SMS", "TEST_INVITATION")).json).toMatchObject({ code: "SUCCESS" });
});

describe("looking", () => {
  test("the list is paged, the newest first, each version once, and filtered by kind, code and state", async () => {
    await submitted();
    const all = (await on.get("templates?limit=100")).json.data as { items: TemplateView[]; next: string | null };
    const paged: TemplateView[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const page = (await on.get(`templates?limit=7&after=${after}`)).json.data as { items: TemplateView[]; next: string | null };
      paged.push(...page.items);
      after = page.next;
    }
    expect(paged.slice(0, all.items.length)).toEqual(all.items);
    expect(new Set(paged.map(({ kind, code, version }) => `${kind} ${code} ${version}`)).size).toBe(paged.length);
    const times = paged.map(({ createdAt }) => createdAt);
    expect(times).toEqual([...times].sort().reverse());
    const drafts = (await on.get(`templates?kind=PROTOCOL&code=${CODE}&state=DRAFT`)).json.data as { items: TemplateView[] };
    expect(drafts.items.length).toBeGreaterThan(0);
    for (const one of drafts.items) expect(one).toMatchObject({ kind: "PROTOCOL", code: CODE, state: "DRAFT" });
  });

  test.each(["kind=PDF", "state=OLD", "limit=0", "after=xyz"])("with %s is refused", async (query) => {
    expect((await on.get(`templates?${query}`)).json["code"]).toBe("PARAM_INVALID");
  });

  test("a code that several kinds have wants its kind", async () => {
    const told = await on.get(at(1));
    expect([told.status, (told.json["errors"] as { field: string }[])[0]!.field]).toEqual([400, "kind"]);
    expect((await on.get("templates/SIGN_CODE/1")).json.data).toMatchObject({ kind: "SMS", signerType: "ANY", state: "ACTIVE" });
  });

  test.each(["templates/NO_SUCH/1", `templates/${CODE}/999?kind=SMS`, `templates/${CODE}/x`, "templates/..%2f/1"])("%s is NOT_FOUND", async (path) => {
    expect((await on.get(path)).json["code"]).toBe("NOT_FOUND");
  });

  test("a version is compared with the one in force, line by line and within the line", async () => {
    const base = await inForce();
    const content = (await shown(base)).content.replace("重点条款", "重要条款");
    const version = await submitted({ content: `${content}\n<p>新增一段</p>` });
    const { against, rows } = (await on.get(`${at(version)}/diff?kind=PROTOCOL`)).json.data as { against: object; rows: { op: string; left?: { text: string }; right?: { text: string; parts?: { text: string; changed: boolean }[] } }[] };
    expect(against).toEqual({ code: CODE, version: base });
    expect(rows.filter(({ op }) => op !== "same").at(-1)).toEqual({ op: "add", right: { line: content.split("\n").length + 1, text: "<p>新增一段</p>" } });
    expect(rows.flatMap(({ left }) => left?.text ?? []).join("\n")).toBe((await shown(base)).content);
    expect(rows.flatMap(({ right }) => right?.text ?? []).join("\n")).toBe((await shown(version)).content);
    expect(((await on.get(`${at(version)}/diff?kind=PROTOCOL&against=1`)).json.data as { against: object }).against).toEqual({ code: CODE, version: 1 });
    expect((await on.get(`${at(version)}/diff?kind=PROTOCOL&against=999`)).json["code"]).toBe("NOT_FOUND");
  });

  test("the variables of a kind have label and type, and there is sample data for every party", async () => {
    const { items, samples } = (await on.get("templates/variables?kind=SMS")).json.data as { items: { name: string; label: string; type: string }[]; samples: { name: string }[] };
    expect(items).toContainEqual(expect.objectContaining({ name: "link", label: "签署链接", type: "text", kinds: ["SMS"] }));
    expect(items.map(({ name }) => name)).not.toContain("signerIdCardNo");
    expect(samples.map(({ name }) => name)).toEqual(expect.arrayContaining(["ENTERPRISE", "INDIVIDUAL"]));
  });
});
