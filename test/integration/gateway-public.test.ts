import "./fresh-data-dir.ts";
import { readFileSync } from "node:fs";
import { failure } from "../../contract/errors.ts";
import { expectCleanAnswer, startGateway, type Gateway } from "./gateway-harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ config: { trustedProxies: ["127.0.0.0/8"] } });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.taken.splice(0);
  for (const name of Object.keys(gateway.acts)) delete gateway.acts[name];
});

const BEARER = { Authorization: "Bearer tok-123_ABC", "Content-Type": "application/json" };

describe("the signer", () => {
  test("sees the page by the token alone", async () => {
    gateway.acts["process.page"] = () => ({ processId: "P" });
    const answer = await gateway.call("GET", "/h5/api/process", BEARER);
    expect(answer.json).toMatchObject({ code: "SUCCESS", message: "查询成功", data: { processId: "P" } });
    expect(gateway.taken).toMatchObject([{ action: "process.page", params: { token: "tok-123_ABC" } }]);
    expectCleanAnswer(answer);
  });

  test.each([
    ["open", "process.open"],
    ["sign-code", "process.signCode"],
    ["sign", "process.sign"],
    ["decline", "process.decline"],
    ["verification/remittance", "process.answer"],
    ["verification/face", "process.face"],
  ])("POST %s reaches %s with token, origin and body", async (path, action) => {
    const answer = await gateway.call("POST", `/h5/api/${path}`, { ...BEARER, "User-Agent": "WebView/1" }, '{"a":1}');
    expect(answer.json).toMatchObject({ code: "SUCCESS", data: {} });
    expect(gateway.taken).toEqual([
      { action, params: { token: "tok-123_ABC", origin: { ip: "127.0.0.1", userAgent: "WebView/1" }, body: { a: 1 } }, meta: expect.objectContaining({ timeout: 10_000 }) },
    ]);
    expectCleanAnswer(answer);
  });

  test("is known by the address that a trusted proxy passes on, with a browser's name of at most 512 characters", async () => {
    await gateway.call("POST", "/h5/api/open", { ...BEARER, "X-Forwarded-For": "1.1.1.1, 203.0.113.9", "User-Agent": "u".repeat(2_000) }, "{}");
    expect(gateway.taken[0]!.params["origin"]).toEqual({ ip: "203.0.113.9", userAgent: "u".repeat(512) });
  });

  test.each<[string, object]>([
    ["no token", {}],
    ["another scheme", { Authorization: "Basic abc" }],
    ["an empty token", { Authorization: "Bearer " }],
    ["a token with a space", { Authorization: "Bearer a b" }],
    ["an endless token", { Authorization: `Bearer ${"a".repeat(257)}` }],
  ])("with %s is refused", async (_what, headers) => {
    for (const [method, path] of [["GET", "/h5/api/process"], ["POST", "/h5/api/sign"]] as const) {
      const answer = await gateway.call(method, path, { ...headers, "Content-Type": "application/json" });
      expect([answer.status, answer.json["code"]]).toEqual([401, "H5_TOKEN_INVALID"]);
      expectCleanAnswer(answer);
    }
    expect(gateway.taken).toEqual([]);
  });

  test("is not known by a token in the address", async () => {
    expect((await gateway.call("GET", "/h5/api/process?token=tok-123_ABC")).status).toBe(401);
  });
});

describe("the page", () => {
  const shell = readFileSync("public-h5/index.html");

  test.each(["/h5/sign", "/h5/sign?token=abc", "/h5/sign?token=other&x=<script>", "/h5/sign?return=face"])("%s is the same bytes with a strict policy", async (target) => {
    const answer = await gateway.call("GET", target);
    expect(answer.status).toBe(200);
    expect(answer.bytes.equals(shell)).toBe(true);
    expect(answer.headers["content-type"]).toBe("text/html; charset=utf-8");
    const policy = answer.headers["content-security-policy"] as string;
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe-");
    expect(gateway.taken).toEqual([]);
    expectCleanAnswer(answer);
  });

  const files = [...shell.toString().matchAll(/(?:href|src)="(\/h5\/assets\/[^"]+)"/g)].map((match) => match[1]!);
  test.each(files)("%s is there, with its type, and is asked for again each time", async (path) => {
    const answer = await gateway.call("GET", path);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({ "cache-control": "no-cache", "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
    expect(answer.headers["content-type"]).toMatch(path.endsWith(".js") ? /javascript/ : path.endsWith(".css") ? /css/ : /svg/);
    const again = await gateway.call("GET", path, { "If-None-Match": answer.headers.etag as string });
    expect([again.status, again.bytes.length]).toEqual([304, 0]);
  });

  test.each([{ Range: "bytes=999999-" }, { "If-Match": '"zzz"' }, { "If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT" }])("a file asked for with %j is the file", async (headers) => {
    expect((await gateway.call("GET", "/h5/assets/base.css", headers)).status).toBe(200);
  });

  test.each(["/h5/assets/", "/h5/assets", "/h5/assets/none.js", "/h5/assets/../index.html", "/h5/assets/..%2findex.html", "/h5/assets/%2e%2e/%2e%2e/package.json", "/h5/assetsbase.css", "/h5/assets/.hidden", "/h5/assets/%00", "/h5/assets/%zz"])(
    "%s is a clean 404",
    async (path) => {
      const answer = await gateway.call("GET", path);
      expect([answer.status, answer.json["code"]]).toEqual([404, "NOT_FOUND"]);
      expectCleanAnswer(answer);
    },
  );
});

describe("the download", () => {
  const LINK = "/protocol/download/PROTO_1.pdf?expires=9&kid=k&sig=s-_";

  test("is the PDF under its name", async () => {
    gateway.acts["protocol.download"] = () => ({ base64: Buffer.from("%PDF-1.7").toString("base64"), sha256: "x" });
    const answer = await gateway.call("GET", LINK);
    expect(answer.status).toBe(200);
    expect(answer.bytes.toString()).toBe("%PDF-1.7");
    expect(answer.headers).toMatchObject({ "content-type": "application/pdf", "content-disposition": 'inline; filename="PROTO_1.pdf"', "content-length": "8" });
    expect(gateway.taken[0]!.params).toEqual({ protocolId: "PROTO_1", expires: "9", kid: "k", sig: "s-_" });
    expectCleanAnswer(answer);
  });

  test.each(["", "?expires=9&kid=k", "?expires=9&sig=s", "?kid=k&sig=s", "?expires=9&kid=k&sig=", "?expires=9&kid=k&sig=s&sig=t"])("that is incomplete (%s) looks like a bad one", async (query) => {
    gateway.acts["protocol.download"] = () => {
      throw failure("LINK_INVALID");
    };
    const bad = await gateway.call("GET", LINK);
    const answer = await gateway.call("GET", `/protocol/download/PROTO_1.pdf${query}`);
    expect({ ...answer.json, traceId: "" }).toEqual({ ...bad.json, traceId: "" });
    expect([answer.status, bad.status]).toEqual([401, 401]);
  });

  test.each(["/protocol/download/PROTO_1", "/protocol/download/.pdf", "/protocol/download/a/b.pdf"])("%s is no download", async (path) => {
    expect((await gateway.call("GET", path)).status).toBe(404);
  });
});

describe("the verification callback without keys", () => {
  const CALLBACK = "/api/internal/esign/callback/verification";
  const headers = { "Content-Type": "application/json", "X-Callback-Token": "tok" };

  test("hands token and body to the bridge", async () => {
    const answer = await gateway.call("POST", CALLBACK, headers, '{"processId":"P"}');
    expect(answer.json).toMatchObject({ code: "SUCCESS", message: "回调处理成功" });
    expect(gateway.taken[0]).toMatchObject({ action: "verification-bridge.callback", params: { token: "tok", body: { processId: "P" } } });
  });

  test("with a token and a body that cannot be read is for the bridge to refuse: no token can be right for it", async () => {
    gateway.acts["verification-bridge.callback"] = () => {
      throw failure("CALLBACK_TOKEN_INVALID");
    };
    const answer = await gateway.call("POST", CALLBACK, headers, "{");
    expect([answer.status, answer.json["code"]]).toEqual([401, "CALLBACK_TOKEN_INVALID"]);
    expect(gateway.taken[0]!.params).toMatchObject({ token: "tok", body: null });
  });

  test.each(['{"processId":"P"}', "{"])("without a token is for the bridge to refuse, whatever the body looks like (%s)", async (body) => {
    gateway.acts["verification-bridge.callback"] = () => {
      throw failure("CALLBACK_TOKEN_INVALID");
    };
    const answer = await gateway.call("POST", CALLBACK, { "Content-Type": "application/json" }, body);
    expect([answer.status, answer.json["code"]]).toEqual([401, "CALLBACK_TOKEN_INVALID"]);
    expect(gateway.taken[0]!.params["token"]).toBeNull();
  });

});

describe("health", () => {
  test("live answers by itself", async () => {
    const answer = await gateway.call("GET", "/health/live");
    expect([answer.status, answer.json]).toEqual([200, { status: "UP" }]);
    expectCleanAnswer(answer);
  });

  const down = () => {
    throw new Error("no");
  };
  const WELL = { database: "UP", transporter: "OFF", queue: "OFF", sms: "UP", verification: "UP", storage: "UP", chromium: "UP" };
  const pings = Object.fromEntries(["template", "sms", "protocol", "verification-bridge", "evidence", "notifier", "expiry"].map((name) => [`${name}.ping`, () => "UP"]));
  const acts = { ...pings, "process.ping": () => "UP", "sms.health": () => "UP", "verification-bridge.health": () => "UP", "protocol.health": () => ({ chromium: "UP", storage: "UP" }), "notifier.queueHealth": () => "OFF", "verification-bridge.queueHealth": () => "OFF" };
  test.each<[string, object, string[], number, object]>([
    ["all is well", {}, [], 200, WELL],
    ["everything but the database is down", { "sms.health": down, "verification-bridge.health": () => "DOWN", "protocol.health": down }, [], 200, { ...WELL, sms: "DOWN", verification: "DOWN", storage: "DOWN", chromium: "DOWN" }],
    ["a part is off", { "protocol.health": () => ({ chromium: "OFF", storage: "UP" }) }, [], 200, { ...WELL, chromium: "OFF" }],
    ["the queues are in Redis", { "notifier.queueHealth": () => "UP", "verification-bridge.queueHealth": () => "UP" }, [], 200, { ...WELL, queue: "UP" }],
    ["one of the queues has lost Redis", { "notifier.queueHealth": () => "DOWN", "verification-bridge.queueHealth": () => "UP" }, [], 200, { ...WELL, queue: "DOWN" }],
    ["a queue does not answer", { "notifier.queueHealth": down }, [], 200, { ...WELL, queue: "DOWN" }],
    ["the database is down", { "process.ping": down }, [], 503, { ...WELL, database: "DOWN" }],
    ["an owner's collection lacks an index or cannot be read", { "evidence.ping": () => "DOWN" }, [], 503, { ...WELL, database: "DOWN" }],
    ["a service that owns collections is not there yet, in a process that is starting", {}, ["evidence"], 503, { ...WELL, database: "DOWN" }],
    ["services are missing", {}, ["process", "sms"], 503, { ...WELL, database: "DOWN", sms: "DOWN" }],
  ])("ready says so when %s", async (_what, change, absent, status, checks) => {
    const node = await startGateway({ acts: { ...acts, ...change }, absent });
    const answer = await node.call("GET", "/health/ready");
    expect([answer.status, answer.json]).toEqual([status, { status: status === 200 ? "UP" : "DOWN", checks }]);
    expectCleanAnswer(answer);
    await node.stop();
  });

  test("a part that never answers is DOWN and holds up nobody", async () => {
    const node = await startGateway({ acts: { ...acts, "sms.health": () => new Promise(() => {}) } });
    const answer = await node.call("GET", "/health/ready");
    expect([answer.status, answer.json["checks"]]).toEqual([200, { ...WELL, sms: "DOWN" }]);
    expect(node.taken.find(({ action }) => action === "sms.health")!.meta.timeout).toBeLessThan(2_000);
    await node.stop();
  });

  test("ready says so when the gateway's own collections cannot be read", async () => {
    const node = await startGateway({ acts });
    Object.assign(node.service, { pingDatabase: () => Promise.reject(new Error("gone")) });
    const answer = await node.call("GET", "/health/ready");
    expect([answer.status, answer.json["checks"]]).toEqual([503, { ...WELL, database: "DOWN" }]);
    await node.stop();
  });

  test("many who ask at once are one question to the parts", async () => {
    const node = await startGateway({ acts });
    await Promise.all(Array.from({ length: 5 }, () => node.call("GET", "/health/ready")));
    expect(node.taken.filter(({ action }) => action === "process.ping")).toHaveLength(1);
    await node.stop();
  });
});
