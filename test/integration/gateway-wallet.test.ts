import "./fresh-data-dir.ts";
import { failure } from "../../contract/errors.ts";
import { expectCleanAnswer, startGateway, WALLET, type Gateway } from "./gateway-harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ callers: { WALLET: {}, OTHER: {}, AUTH: {}, SMS: {} } });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.taken.splice(0);
  for (const name of Object.keys(gateway.acts)) delete gateway.acts[name];
});

const INITIATE = "/api/v1/esign/process/initiate";

test.each([INITIATE, "/api/v1/notification/sms/send"])("POST %s hands the body on as it came and answers in the client's words", async (path) => {
  const data = { processId: "ESIGN_PROC_1", status: "SMS_SENT", h5PageUrl: "u", expiredAt: null };
  gateway.acts["process.initiate"] = () => data;
  const answer = await gateway.call("POST", path, WALLET, JSON.stringify({ requestId: "R1", unknown: { x: [1] } }));
  expect(answer.status).toBe(200);
  expect(answer.json).toEqual({ code: "SUCCESS", message: "签约流程已发起", data, traceId: gateway.taken[0]!.meta.requestID });
  expect(gateway.taken).toEqual([
    {
      action: "process.initiate",
      params: { systemCode: "WALLET", businessId: "BIZ-1", body: { requestId: "R1", unknown: { x: [1] } } },
      meta: expect.objectContaining({ timeout: 10_000 }),
    },
  ]);
  expectCleanAnswer(answer);
});

test("a POST without a body counts as an empty object and needs no content type", async () => {
  const { "Content-Type": _, ...headers } = WALLET;
  expect((await gateway.call("POST", INITIATE, headers)).status).toBe(200);
  expect(gateway.taken[0]!.params["body"]).toEqual({});
});

test.each(["application/json", "application/json; charset=utf-8", 'Application/JSON;charset="UTF-8"'])("%s is JSON", async (type) => {
  expect((await gateway.call("POST", INITIATE, { ...WALLET, "Content-Type": type }, "{}")).status).toBe(200);
});

test("a query asks for the assumed wallet's process", async () => {
  gateway.acts["process.get"] = (params) => params;
  const answer = await gateway.call("GET", "/api/v1/esign/process/ESIGN_PROC_1");
  expect(answer.json).toMatchObject({ code: "SUCCESS", message: "查询成功", data: { systemCode: "WALLET", processId: "ESIGN_PROC_1" } });
});

test("a query by another wallet is that wallet's", async () => {
  await gateway.call("GET", "/api/v1/esign/process/P", { "X-System-Code": "OTHER" });
  expect(gateway.taken[0]!.params).toEqual({ systemCode: "OTHER", processId: "P" });
});

test("neither query nor body can override what the path and the headers say", async () => {
  await gateway.call("GET", "/api/v1/esign/process/P?processId=Q&systemCode=OTHER");
  expect(gateway.taken[0]!.params).toEqual({ systemCode: "WALLET", processId: "P" });
  await gateway.call("POST", `${INITIATE}?businessId=Z&body=1`, WALLET, JSON.stringify({ systemCode: "OTHER", businessId: "Z" }));
  expect(gateway.taken[1]!.params).toMatchObject({ systemCode: "WALLET", businessId: "BIZ-1" });
});

test("HEAD is like GET without the body", async () => {
  gateway.acts["process.get"] = () => ({ processId: "P" });
  const get = await gateway.call("GET", "/api/v1/esign/process/P");
  const head = await gateway.call("HEAD", "/api/v1/esign/process/P");
  expect(head.status).toBe(200);
  expect(head.bytes).toHaveLength(0);
  expect(head.headers["content-length"]).toBe(get.headers["content-length"]);
  expectCleanAnswer(head);
});

test("a cancellation hands the reason on", async () => {
  gateway.acts["process.cancel"] = () => ({ status: "FAILED" });
  const answer = await gateway.call("POST", "/api/v1/esign/process/P/cancel", WALLET, '{"reason":"不再需要"}');
  expect(answer.json).toMatchObject({ code: "SUCCESS", message: "签约流程已取消", data: { status: "FAILED" } });
  expect(gateway.taken[0]).toMatchObject({ action: "process.cancel", params: { systemCode: "WALLET", processId: "P", reason: "不再需要" } });
});

describe("the evidence bundle", () => {
  const bundle = { fileName: 'evidence-P".zip', base64: Buffer.from("PK\x03\x04zip").toString("base64") };

  test.each([
    ["", { systemCode: "WALLET", processId: "P" }],
    ["?view=redacted", { systemCode: "WALLET", processId: "P", view: "redacted" }],
  ])("comes as a zip%s", async (query, params) => {
    gateway.acts["evidence.export"] = () => bundle;
    const answer = await gateway.call("GET", `/api/v1/esign/process/P/evidence${query}`);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ "content-type": "application/zip", "content-disposition": 'attachment; filename="evidence-P_.zip"' });
    expect(answer.bytes.toString("latin1")).toBe("PK\x03\x04zip");
    expect(gateway.taken[0]!.params).toEqual(params);
    expectCleanAnswer(answer);
  });

  test.each(["?view=full", "?view=", "?view", "?view=redacted&view=redacted"])("in a view that does not exist (%s) is refused", async (query) => {
    const answer = await gateway.call("GET", `/api/v1/esign/process/P/evidence${query}`);
    expect([answer.status, answer.json.errors?.[0]?.field]).toEqual([400, "view"]);
    expect(gateway.taken).toEqual([]);
  });
});

describe("headers", () => {
  test.each<[string, object, string[]]>([
    ["no system code", { "X-System-Code": undefined }, ["X-System-Code"]],
    ["an empty system code", { "X-System-Code": "" }, ["X-System-Code"]],
    ["an unknown system code", { "X-System-Code": "NOBODY" }, ["X-System-Code"]],
    ["a reserved system", { "X-System-Code": "AUTH" }, ["X-System-Code"]],
    ["the other reserved system", { "X-System-Code": "SMS" }, ["X-System-Code"]],
    ["a member of every object", { "X-System-Code": "__proto__" }, ["X-System-Code"]],
    ["two system codes", { "X-System-Code": ["WALLET", "WALLET"] }, ["X-System-Code"]],
    ["no business id", { "X-Business-Id": undefined }, ["X-Business-Id"]],
    ["a business id with a space", { "X-Business-Id": "A B" }, ["X-Business-Id"]],
    ["a business id of 65 characters", { "X-Business-Id": "A".repeat(65) }, ["X-Business-Id"]],
    ["neither", { "X-System-Code": undefined, "X-Business-Id": undefined }, ["X-System-Code", "X-Business-Id"]],
  ])("with %s the POST is refused and the header named", async (_what, change, fields) => {
    const headers = Object.fromEntries(Object.entries({ ...WALLET, ...change }).filter(([, value]) => value !== undefined));
    // Broken JSON as well: headers are judged before it.
    const answer = await gateway.call("POST", INITIATE, headers, "{");
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ code: "PARAM_INVALID", message: expect.stringContaining(fields[0]!) });
    expect(answer.json.errors?.map((error) => error.field)).toEqual(fields);
    expect(gateway.taken).toEqual([]);
    expectCleanAnswer(answer);
  });

  test.each(["A", "a-Z_9".repeat(12)])("the business id %s is taken", async (id) => {
    expect((await gateway.call("POST", INITIATE, { ...WALLET, "X-Business-Id": id }, "{}")).status).toBe(200);
  });

  test("a GET by an unknown system is refused", async () => {
    const answer = await gateway.call("GET", "/api/v1/esign/process/P", { "X-System-Code": "NOBODY" });
    expect([answer.status, answer.json.errors?.[0]?.field]).toEqual([400, "X-System-Code"]);
  });
});

describe("errors", () => {
  test("of the catalogue keep their data, fields and waiting time", async () => {
    gateway.acts["process.initiate"] = () => {
      throw failure("RATE_LIMITED", { data: { processId: "P" }, errors: [{ field: "payeeInfo.contactInfo.mobile", message: "过多" }], retryAfter: 1.2 });
    };
    const answer = await gateway.call("POST", INITIATE, WALLET, "{}");
    expect(answer.status).toBe(429);
    expect(answer.headers["retry-after"]).toBe("2");
    expect(answer.json).toEqual({
      code: "RATE_LIMITED",
      message: "操作过于频繁，请稍后再试",
      data: { processId: "P" },
      errors: [{ field: "payeeInfo.contactInfo.mobile", message: "过多" }],
      traceId: expect.any(String),
    });
    expectCleanAnswer(answer);
  });

  test("nobody foresaw are answered without a word of theirs, and logged without their message", async () => {
    gateway.acts["process.initiate"] = () => {
      throw Object.assign(new TypeError("mobile is 张三丰"), { data: { name: "张三丰" } });
    };
    const answer = await gateway.call("POST", INITIATE, WALLET, "{}");
    expect([answer.status, answer.json["code"], answer.headers["retry-after"]]).toEqual([500, "INTERNAL_ERROR", undefined]);
    const line = gateway.logged.find((entry) => entry.includes(answer.json.traceId!) && entry.includes('"alert"'))!;
    expect(JSON.parse(line)).toMatchObject({ level: "error", alert: "INTERNAL_ERROR", fault: { name: "TypeError", frames: expect.any(Array) } });
    expect(gateway.logged.join("") + answer.bytes.toString()).not.toContain("张三丰");
    expectCleanAnswer(answer);
  });
});

test("a service that is not there is 503 with a time to come back", async () => {
  const alone = await startGateway({ absent: ["process"] });
  const answer = await alone.call("GET", "/api/v1/esign/process/P");
  expect([answer.status, answer.json["code"]]).toEqual([503, "SERVICE_UNAVAILABLE"]);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  expectCleanAnswer(answer);
  await alone.stop();
});

test("each request is one line of the log, with the route in place of the address", async () => {
  const answer = await gateway.call("GET", "/api/v1/esign/process/ESIGN_PROC_SECRET?token=tttt");
  const lines = () => gateway.logged.filter((line) => line.includes(answer.json.traceId!));
  await gateway.call("GET", "/health/live");
  expect(lines()).toHaveLength(1);
  expect(JSON.parse(lines()[0]!)).toMatchObject({ level: "info", method: "GET", route: "/api/v1/esign/process/:processId", status: 200, ms: expect.any(Number) });
  expect(gateway.logged.join("")).not.toMatch(/ESIGN_PROC_SECRET|tttt/);
});
