import { ANN, operatorWorld, sha256, TOKEN, type OperatorWorld } from "./operator-world.ts";
import { startGateway, type Gateway, type Told } from "./gateway-harness.ts";

const PATHS = ["GET processes", "GET processes/ESIGN_PROC_1", "POST processes/ESIGN_PROC_1/retry", "GET deliveries", "POST deliveries/EVT_SIGN_1/replay", "GET audit"];
const BEARER = { Authorization: `Bearer ${TOKEN}`, "Content-Type": "application/json" };
const callOf = (gateway: Gateway, route: string, headers: Record<string, string>, body?: string) => {
  const [method, path] = route.split(" ") as [string, string];
  return gateway.call(method, `/api/admin/v1/${path}`, headers, body ?? (method === "POST" ? '{"reason":"复查"}' : undefined));
};
/** All that an answer tells but its trace. */
const toldOf = ({ status, headers, json }: Told) => ({ status, json: { ...json, traceId: null }, headers: { ...headers, date: null, "x-request-id": null } });

describe("who is let in", () => {
  test("the administration is off without keys: its routes are not there, whatever is shown", async () => {
    const off = await startGateway({ production: true, adminKeys: [] });
    for (const path of PATHS) expect((await callOf(off, path, BEARER)).json).toMatchObject({ code: "NOT_FOUND" });
    expect(off.taken).toEqual([]);
    await off.stop();
  });

  test("every refusal is the same 401, and nothing is read or done", async () => {
    const gateway = await startGateway({ adminKeys: [ANN], config: { trustedProxies: ["127.0.0.1/32"] } });
    const shows: Record<string, string>[] = [
      {},
      { Authorization: "" },
      { Authorization: "Bearer " },
      { Authorization: TOKEN },
      { Authorization: `Basic ${Buffer.from(`ann:${TOKEN}`).toString("base64")}` },
      { Authorization: `Bearer ${TOKEN.toUpperCase()}` },
      { Authorization: `Bearer ${TOKEN}x` },
      { Authorization: `Bearer ${ANN.sha256}` },
      { Authorization: `Bearer ${"x".repeat(2_000)}` },
      { Authorization: `Bearer ${TOKEN}, Bearer ${TOKEN}` },
      { "X-System-Code": "WALLET" },
    ];
    const answers: ReturnType<typeof toldOf>[] = [];
    let source = 0;
    for (const shown of shows) for (const path of PATHS) answers.push(toldOf(await callOf(gateway, path, { "X-Forwarded-For": `198.51.100.${++source}`, ...shown })));
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    expect(answers[0]).toMatchObject({ status: 401, json: { code: "ADMIN_UNAUTHORIZED", message: "管理身份验证失败" } });
    expect(gateway.taken).toEqual([]);
    expect(gateway.logged.join("")).not.toContain(TOKEN);
    await gateway.stop();
  });

  test("an address that guesses waits, even with a good token; another address does not, and good calls never count", async () => {
    const gateway = await startGateway({ adminKeys: [ANN], config: { trustedProxies: ["127.0.0.1/32"] } });
    const from = (address: string, token: string) => gateway.call("GET", "/api/admin/v1/processes", { Authorization: `Bearer ${token}`, "X-Forwarded-For": address });
    for (let n = 0; n < 30; n++) expect((await from("2001:db8:1:2::1", TOKEN)).status).toBe(200);
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await from(`2001:db8:1:2::${n}`, "wrong")).status);
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const waiting = await from("2001:db8:1:2::99", TOKEN);
    expect(waiting.json).toMatchObject({ code: "RATE_LIMITED" });
    expect(Number(waiting.headers["retry-after"])).toBeGreaterThan(0);
    expect((await from("2001:db8:1:3::1", TOKEN)).status).toBe(200);
    expect(gateway.logged.filter((line) => line.includes("ADMIN_TOKEN_GUESSED"))).toHaveLength(1);
    await gateway.stop();
  });

  test("each of several keys opens, under its own name", async () => {
    const gateway = await startGateway({ adminKeys: [ANN, { ...ANN, name: "bob", sha256: sha256("bob's") }, { ...ANN, name: "cid", sha256: sha256("cids") }] });
    await gateway.call("POST", "/api/admin/v1/processes/P1/retry", { Authorization: "Bearer cids", "Content-Type": "application/json" }, '{"reason":"复查"}');
    expect(gateway.taken).toMatchObject([{ action: "process.retry", params: { processId: "P1", operator: { name: "cid", reason: "复查", via: "ADMIN_API", id: expect.stringMatching(/^AUDIT_\d{8}[0-9A-Z]{13}$/) } } }]);
    await gateway.stop();
  });
});

describe("what a role may do", () => {
  const roles = ["author", "approver", "operator", "auditor"] as const;
  const MAY: Record<string, readonly string[]> = {
    "GET processes": roles,
    "GET processes/P1": roles,
    "POST processes/P1/retry": ["operator"],
    "GET deliveries": roles,
    "POST deliveries/E1/replay": ["operator"],
    "GET audit": ["auditor"],
  };
  let gateway: Gateway;
  beforeAll(async () => {
    gateway = await startGateway({ adminKeys: roles.map((role) => ({ name: role, sha256: sha256(`${role}s`), roles: [role] })) });
  });
  afterAll(() => gateway.stop());

  test.each(Object.entries(MAY).flatMap(([route, allowed]) => roles.map((role) => [role, route, allowed.includes(role)] as const)))("an %s who calls %s is let in: %s", async (role, route, allowed) => {
    const before = gateway.taken.length;
    const told = await callOf(gateway, route, { ...BEARER, Authorization: `Bearer ${role}s` });
    expect([told.status, told.json["code"]]).toEqual(allowed ? [200, "SUCCESS"] : [403, "ADMIN_FORBIDDEN"]);
    if (!allowed) expect(gateway.taken).toHaveLength(before);
  });

  test("who was kept out is in the audit, with the reason that was given", async () => {
    await callOf(gateway, "POST processes/P9/retry", { ...BEARER, Authorization: "Bearer authors" });
    const { items } = (await callOf(gateway, "GET audit?target=P9", { ...BEARER, Authorization: "Bearer auditors" })).json.data as { items: unknown[] };
    expect(items[1]).toMatchObject({ name: "author", action: "process.retry", reason: "复查", outcome: "ADMIN_FORBIDDEN" });
  });

  test("a role is judged before the words: who may not act learns nothing of what the words should be", async () => {
    const told = await callOf(gateway, "POST processes/P1/retry", { ...BEARER, Authorization: "Bearer auditors" }, "{}");
    expect(told.json).toMatchObject({ code: "ADMIN_FORBIDDEN", message: "您的角色无权进行此操作" });
  });
});

describe("what is written down", () => {
  let on: OperatorWorld;
  beforeAll(async () => {
    on = await operatorWorld();
  });
  afterAll(() => on.end());
  interface Entry {
    name: string;
    action: string;
    target: string | null;
    reason: string | null;
    outcome: string | null;
    address: string | null;
  }
  /** What the audit says of a process; looking it up leaves no trace. */
  const about = (target: string) => on.audits.find({ target }, { sort: ["-at"] });
  const audit = async (query = "") => (await on.get(`audit${query}`)).json.data as { items: Entry[]; next: string | null };

  test("every call is in the audit with who, what, whom, why, from where and what became of it, the youngest first", async () => {
    const { processId } = await on.signing(on.request());
    await on.get(`processes/${processId}`);
    await on.post(`processes/${processId}/retry`, { reason: "复查" }, "the-token-of-bob");
    await on.get("processes/ESIGN_PROC_NONE");
    await on.get("deliveries?state=NO");
    const { items } = await audit();
    expect(items.slice(0, 5)).toMatchObject([
      { name: "ann", action: "audit.list", outcome: null },
      { name: "ann", action: "deliveries.list", outcome: "PARAM_INVALID" },
      { name: "ann", action: "process.show", target: "ESIGN_PROC_NONE", outcome: "PROCESS_NOT_FOUND" },
      { name: "bob", action: "process.retry", target: processId, reason: "复查", outcome: "SUCCESS", address: "127.0.0.1" },
      { name: "ann", action: "process.show", target: processId, reason: null, outcome: "SUCCESS" },
    ]);
    expect((await audit(`?target=${processId}`)).items.map((one) => one.action)).toEqual(["audit.list", "process.retry", "process.show"]);
  });

  test("its pages hold every entry once", async () => {
    const seen: unknown[] = [];
    const before = await on.audits.count({});
    for (let next: string | null = ""; next !== null; ) {
      const page: { items: (Entry & { id: string })[]; next: string | null } = (await on.get(`audit?limit=3&after=${next}`)).json.data as never;
      seen.push(...page.items.map((one) => one.id));
      next = page.next;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(before);
  });

  test("the intent stands there before anything is done, and stays open when the node dies over it", async () => {
    on.world.whileSending = () => Promise.reject(new Error("down"));
    const { processId } = await on.initiate(on.request());
    await on.settled();
    let meanwhile: unknown;
    on.world.whileSending = async () => void (meanwhile = await on.audits.findOne({ target: processId }));
    await on.post(`processes/${processId}/retry`, { reason: "短信网关已恢复" });
    on.world.whileSending = null;
    expect(meanwhile).toMatchObject({ action: "process.retry", name: "ann", reason: "短信网关已恢复" });
    expect((meanwhile as { outcome?: string }).outcome ?? null).toBeNull();
    expect(await on.audits.findOne({ target: processId })).toMatchObject({ outcome: "SUCCESS" });
  });

  test.each<[string, unknown, string]>([
    ["none", {}, "必填"],
    ["an empty one", { reason: "" }, "必填"],
    ["null", { reason: null }, "必填"],
    ["a number", { reason: 7 }, "类型不正确"],
    ["white space", { reason: "   " }, "空白"],
    ["one of 201 characters", { reason: "复".repeat(201) }, "200"],
    ["a terminal's escape", { reason: "好\u001b[2J" }, "控制字符"],
    ["a bidi override", { reason: "好\u202e" }, "不可见"],
    ["a mobile number", { reason: "致电 13800138000 确认" }, "手机号"],
    ["an ID number", { reason: "证件110101199001011234" }, "证件号"],
  ])("without a good reason (%s) nothing is done, and the refusal is in the audit without the words", async (_, body, words) => {
    const { processId } = await on.signing(on.request());
    const told = await on.post(`processes/${processId}/retry`, body);
    expect(told.status).toBe(400);
    expect(told.json).toMatchObject({ code: "PARAM_INVALID", errors: [{ field: "reason", message: expect.stringContaining(words) }] });
    const [entry, ...more] = await about(processId);
    expect(entry).toMatchObject({ action: "process.retry", outcome: "PARAM_INVALID" });
    expect([entry!.reason ?? null, more]).toEqual([null, []]);
    expect(await on.incidents(processId)).toEqual([]);
  });

  test.each(["{", "[]", "null", "\u0000"])("a body that is no object (%s) is 400 and in the audit", async (body) => {
    const told = await on.post("processes/ESIGN_PROC_NONE/retry", body);
    expect(told.json).toMatchObject({ code: "PARAM_INVALID" });
    expect((await audit("?limit=2")).items[1]).toMatchObject({ action: "process.retry", outcome: "PARAM_INVALID" });
  });

  test("a body that is too large is 413 and in the audit", async () => {
    const told = await on.post("processes/ESIGN_PROC_NONE/retry", JSON.stringify({ reason: "复".repeat(30_000) }));
    expect(told.json).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect((await audit("?limit=2")).items[1]).toMatchObject({ action: "process.retry", outcome: "PAYLOAD_TOO_LARGE" });
  });

  test("a reason of 200 characters is taken whole", async () => {
    const reason = "𠮷".repeat(200);
    const { processId } = await on.signing(on.request());
    expect((await on.post(`processes/${processId}/retry`, { reason })).status).toBe(200);
    expect((await about(processId))[0]).toMatchObject({ reason });
  });

  test("a mobile number that somebody searched for is not kept", async () => {
    await on.get("processes?q=13800138000");
    expect((await audit("?limit=2")).items[1]).toMatchObject({ action: "processes.list", target: "99999999999" });
  });
});
