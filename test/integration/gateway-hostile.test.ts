import "./fresh-data-dir.ts";
import { gzipSync } from "node:zlib";
import { connect } from "node:net";
import { once } from "node:events";
import { expectCleanAnswer, startGateway, WALLET, type Gateway } from "./gateway-harness.ts";

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway();
});
afterAll(() => gateway.stop());
beforeEach(() => {
  gateway.taken.splice(0);
});

const INITIATE = "/api/v1/esign/process/initiate";
const MARK = "xXmarkXx";
const deep = (levels: number): string => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;

test.each<[string, object, string | Buffer, number, string]>([
  ["no content type", { "Content-Type": "" }, "{}", 400, "PARAM_INVALID"],
  ["a form", { "Content-Type": "application/x-www-form-urlencoded" }, `a=${MARK}`, 400, "PARAM_INVALID"],
  ["plain text", { "Content-Type": "text/plain" }, "{}", 400, "PARAM_INVALID"],
  ["a type that only begins alike", { "Content-Type": "application/jsonp" }, "{}", 400, "PARAM_INVALID"],
  ["another character set", { "Content-Type": "application/json; charset=gbk" }, "{}", 400, "PARAM_INVALID"],
  ["a packed body", { "Content-Encoding": "gzip" }, gzipSync("{}"), 400, "PARAM_INVALID"],
  ["a bomb", { "Content-Encoding": "gzip" }, gzipSync(Buffer.alloc(10_000_000)), 400, "PARAM_INVALID"],
  ["half an object", {}, `{"${MARK}":`, 400, "PARAM_INVALID"],
  ["text in place of JSON", {}, MARK, 400, "PARAM_INVALID"],
  ["a list", {}, `["${MARK}"]`, 400, "PARAM_INVALID"],
  ["a number", {}, "1", 400, "PARAM_INVALID"],
  ["null", {}, "null", 400, "PARAM_INVALID"],
  ["bytes that are not UTF-8", {}, Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 400, "PARAM_INVALID"],
  ["objects in objects without end", {}, deep(5_000), 400, "PARAM_INVALID"],
  ["lists in lists without end", {}, `{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}`, 400, "PARAM_INVALID"],
  ["depth behind an escape", {}, `{"\\u0061":${deep(5_000)}}`, 400, "PARAM_INVALID"],
  ["65 kB", {}, JSON.stringify({ a: "x".repeat(65 * 1024) }), 413, "PAYLOAD_TOO_LARGE"],
  ["half a megabyte", {}, JSON.stringify({ a: "x".repeat(512 * 1024) }), 413, "PAYLOAD_TOO_LARGE"],
])("%s is refused without an echo", async (_what, headers, body, status, code) => {
  const answer = await gateway.call("POST", INITIATE, { ...WALLET, ...headers }, body);
  expect([answer.status, answer.json["code"]]).toEqual([status, code]);
  expect(answer.bytes.toString()).not.toContain(MARK);
  expect(gateway.taken).toEqual([]);
  expectCleanAnswer(answer);
});

test("whoever breaks the connection off right after a signer's call cannot leave the evidence without an address", async () => {
  const body = "{}";
  const text = `POST /h5/api/sign HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = connect(gateway.port, "127.0.0.1");
      await new Promise<void>((sent) => socket.write(text, () => sent()));
      socket.resetAndDestroy();
    }),
  );
  await gateway.call("POST", "/h5/api/sign", { Authorization: "Bearer t", "Content-Type": "application/json" }, body);
  const signed = gateway.taken.filter((one) => one.action === "process.sign");
  expect(signed.length).toBeGreaterThan(0);
  expect(new Set(signed.map((one) => (one.params["origin"] as { ip: string }).ip))).toEqual(new Set(["127.0.0.1"]));
});

test("64 kB exactly is taken", async () => {
  const body = JSON.stringify({ a: "x".repeat(64 * 1024 - 8) });
  expect(Buffer.byteLength(body)).toBe(64 * 1024);
  expect((await gateway.call("POST", INITIATE, WALLET, body)).status).toBe(200);
});

test("a body of unknown length is cut off at the same limit", async () => {
  const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
  const head = `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-System-Code: WALLET\r\nX-Business-Id: B\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
  const answer = await gateway.raw(`${head}${chunk.repeat(5)}0\r\n\r\n`);
  expect([answer.status, gateway.taken]).toEqual([413, []]);
});

test("whoever sends without end is let go", async () => {
  const head = `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nX-System-Code: WALLET\r\nContent-Type: application/json\r\nContent-Length: 1000000000\r\n\r\n`;
  const socket = connect(gateway.port, "127.0.0.1");
  // Reset in the middle of a write: whether the 413 is seen before that is the network's choice.
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.write(head);
  const block = Buffer.alloc(64 * 1024, "x");
  const feed = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on("drain", feed);
  feed();
  await closed;
  expect(socket.bytesWritten).toBeLessThan(100_000_000);
  expect(gateway.taken).toEqual([]);
});

test.each<[string, string, unknown]>([
  ["__proto__", '{"a":1,"__proto__":{"admin":true}}', { a: 1 }],
  ["an escaped __proto__", '{"a":1,"__pro\\u0074o__":{"admin":true}}', { a: 1 }],
  ["a nested __proto__", '{"a":{"__proto__":{"admin":true},"b":2}}', { a: { b: 2 } }],
  ["constructor", '{"constructor":{"prototype":{"admin":true}}}', { constructor: { prototype: { admin: true } } }],
])("%s becomes nobody's prototype", async (_what, body, expected) => {
  expect((await gateway.call("POST", INITIATE, WALLET, body)).status).toBe(200);
  expect(JSON.stringify(gateway.taken[0]!.params["body"])).toBe(JSON.stringify(expected));
  expect(({} as { admin?: boolean }).admin).toBeUndefined();
});

test.each<[string, string]>([
  ["POST", "/"],
  ["GET", "/"],
  ["GET", "/nothing"],
  ["GET", INITIATE + "/x/y"],
  ["GET", "/api/v1/esign/process"],
  ["GET", "/api/v1/esign/process/"],
  ["GET", "/api/v1/esign/process/P/"],
  ["GET", "/api/v1//esign/process/P"],
  ["GET", "/API/V1/esign/process/P"],
  ["GET", "/api/v1/esign/process/%E0%A4%A"],
  ["GET", "/api/v1/esign/process/%"],
  ["GET", "/api/v1/esign/process/../../../health/live"],
  ["GET", "/health/live/"],
  ["GET", "/health"],
  ["GET", "/process/get"],
  ["POST", "/process.initiate"],
  ["GET", "/~node/health"],
  ["GET", "/api/v1/process/get"],
  ["GET", "/h5/process.page"],
  ["GET", "/list-aliases"],
  ["GET", "/gateway/listAliases"],
  ["GET", `/${MARK}`],
  ["PUT", "/health/live"],
  ["DELETE", "/api/v1/esign/process/P"],
  ["PATCH", INITIATE],
  ["TRACE", "/health/live"],
  ["PROPFIND", "/health/live"],
  ["POST", "/health/live"],
  ["POST", "/h5/sign"],
  ["POST", "/h5/assets/base.css"],
  ["OPTIONS", "/health/live"],
  ["OPTIONS", INITIATE],
])("%s %s is a clean 404 and reaches nobody", async (method, target) => {
  const answer = await gateway.call(method, target, WALLET);
  expect(answer.status).toBe(404);
  if (method !== "HEAD") expect(answer.json).toEqual({ code: "NOT_FOUND", message: "接口不存在", traceId: expect.any(String) });
  expect(answer.bytes.toString()).not.toContain(MARK);
  expect(gateway.taken).toEqual([]);
  expectCleanAnswer(answer);
});

test("OPTIONS with a preflight's headers runs nothing and allows nothing", async () => {
  const headers = { ...WALLET, Origin: "https://evil.example", "Access-Control-Request-Method": "POST" };
  const answer = await gateway.call("OPTIONS", INITIATE, headers);
  expect([answer.status, gateway.taken]).toEqual([404, []]);
  expectCleanAnswer(answer);
});

test("another origin gets no leave to read", async () => {
  expectCleanAnswer(await gateway.call("GET", "/health/live", { Origin: "https://evil.example" }));
});

test.each(["x-request-id", "x-correlation-id"])("the caller does not choose the trace by %s", async (name) => {
  const answer = await gateway.call("GET", "/nothing", { [name]: MARK });
  expect(JSON.stringify([answer.headers, answer.json]) + gateway.logged.join("")).not.toContain(MARK);
});

test.each<[string, string | Buffer, number, string]>([
  ["headers of 20 kB", `GET /health/live HTTP/1.1\r\nHost: x\r\nX-A: ${"a".repeat(20_000)}\r\n\r\n`, 413, "PAYLOAD_TOO_LARGE"],
  ["an address of 20 kB", `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 413, "PAYLOAD_TOO_LARGE"],
  ["a method nobody knows", `${MARK.toUpperCase()} / HTTP/1.1\r\nHost: x\r\n\r\n`, 404, "NOT_FOUND"],
  ["no HTTP", `${MARK}\r\n\r\n`, 404, "NOT_FOUND"],
  ["TLS", Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03, 0x0d, 0x0a]), 404, "NOT_FOUND"],
  ["a header without name", "GET /health/live HTTP/1.1\r\nHost: x\r\n: y\r\n\r\n", 400, "PARAM_INVALID"],
  ["two lengths", `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}`, 400, "PARAM_INVALID"],
  ["length and chunks", `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400, "PARAM_INVALID"],
  ["a bad chunk", `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nX-System-Code: WALLET\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`, 400, "PARAM_INVALID"],
  ["an HTTP version of its own", "GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n", 400, "PARAM_INVALID"],
])("%s gets the envelope and no more", async (_what, bytes, status, code) => {
  const answer = await gateway.raw(bytes);
  expect([answer.status, answer.json["code"]]).toEqual([status, code]);
  expect(answer.json.traceId).toEqual(expect.any(String));
  expect(answer.bytes.toString().toLowerCase()).not.toContain(MARK.toLowerCase());
  expect(gateway.taken).toEqual([]);
  expectCleanAnswer(answer);
});

test.each<[string, string, number]>([
  ["without Host", "GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n", 200],
  ["with an expectation nobody fulfils", "GET /health/live HTTP/1.1\r\nHost: x\r\nExpect: miracle\r\nConnection: close\r\n\r\n", 200],
  ["with an upgrade nobody offers", "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close, Upgrade\r\nUpgrade: websocket\r\n\r\n", 200],
  ["for a whole URL", "GET http://x/health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404],
  ["for a star", "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404],
])("a request %s is answered like any other", async (_what, bytes, status) => {
  const answer = await gateway.raw(bytes);
  expect(answer.status).toBe(status);
  expectCleanAnswer(answer);
});

test("a caller that goes away in the middle harms nobody and reaches nobody", async () => {
  const socket = connect(gateway.port, "127.0.0.1");
  await once(socket, "connect");
  const gone = new Promise((resolve) => gateway.service.server.once("request", (_req, res) => res.once("close", resolve)));
  socket.write(`POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nX-System-Code: WALLET\r\nX-Business-Id: B\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a":`, () => socket.destroy());
  await gone;
  expect((await gateway.call("GET", "/health/live")).status).toBe(200);
  expect(gateway.taken).toEqual([]);
});
