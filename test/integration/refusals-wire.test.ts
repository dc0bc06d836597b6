import { gzipSync } from "node:zlib";
import { ADMIN_KEYS, OPERATOR } from "./refusals/arranging.ts";
import { bearer, JSON_BODY, WALLET, type Envelope, type Told } from "./refusals/http-client.ts";
import { expectHeaders } from "./refusals/provocation.ts";
import { exampleOf, INITIATE, processPath, Signer } from "./refusals/signer.ts";
import { wholePlatform, type WholePlatform } from "./refusals/whole-platform.ts";

/** What is wrong below the body: lines, headers, lengths, encodings. The answer is an envelope, nothing is stored, and nobody else is hurt. */
jest.setTimeout(60_000);

let platform: WholePlatform;
let signer: Signer;
let before: string;
beforeAll(async () => {
  platform = await wholePlatform({ env: { H5_RATE: "off", ADMIN_KEYS } });
  signer = await Signer.invited(platform);
  await platform.quiet();
  before = everything();
});
afterAll(() => platform.stop());

/** All but the operators' own calls, each of which is in the audit. */
const everything = (): string => JSON.stringify([...platform.stored()].filter(([table]) => !table.startsWith("admin_audit")));
const MARK = "k7qWIREx";

/** No echo, nothing stored, no line of the log, and the next caller is served. */
async function expectUnharmed(answer: Told): Promise<void> {
  expect(answer.text).not.toContain(MARK);
  expect(JSON.stringify(answer.headers)).not.toContain(MARK);
  expect(everything()).toBe(before);
  expect(platform.logged.filter((line) => line.includes(MARK))).toEqual([]);
  expect((await platform.http.call("GET", processPath(signer.processId))).status).toBe(200);
}

const body = (): string => JSON.stringify(exampleOf(platform));
/** A request to initiate with these header lines. */
const initiate = (lines: string[], content = body()): string =>
  [`POST ${INITIATE} HTTP/1.1`, "Host: x", "Connection: close", ...lines, `Content-Length: ${Buffer.byteLength(content)}`, "", content].join("\r\n");
const WALLET_LINES = ["X-System-Code: WALLET", "X-Business-Id: B1", "Content-Type: application/json"];
const without = (name: string): string[] => WALLET_LINES.filter((line) => !line.startsWith(name));

test.each<[string, () => string | Buffer, number, string]>([
  ["the system code twice", () => initiate([...WALLET_LINES, "X-System-Code: WALLET"]), 400, "PARAM_INVALID"],
  ["two system codes", () => initiate([...WALLET_LINES, `X-System-Code: ${MARK}`]), 400, "PARAM_INVALID"],
  ["the business id twice", () => initiate([...WALLET_LINES, "X-Business-Id: B1"]), 400, "PARAM_INVALID"],
  ["a system code of a prototype", () => initiate([...without("X-System"), "X-System-Code: __proto__"]), 400, "PARAM_INVALID"],
  ["the verification system's code", () => initiate([...without("X-System"), "X-System-Code: AUTH"]), 400, "PARAM_INVALID"],
  ["a business id of other letters", () => initiate([...without("X-Business"), `X-Business-Id: ${MARK}张三`]), 400, "PARAM_INVALID"],
  ["a business id of 65 letters", () => initiate([...without("X-Business"), `X-Business-Id: ${"b".repeat(65)}`]), 400, "PARAM_INVALID"],
  ["a header folded over two lines", () => initiate([...without("X-Business"), `X-Business-Id: B1\r\n ${MARK}`]), 400, "PARAM_INVALID"],
  ["a bare line feed in a header", () => initiate([...without("X-Business"), `X-Business-Id: B1\nX-Injected: ${MARK}`]), 400, "PARAM_INVALID"],
  ["a null byte in a header", () => initiate([...without("X-Business"), `X-Business-Id: B1\0${MARK}`]), 400, "PARAM_INVALID"],
  ["headers of 17 kB", () => initiate([...WALLET_LINES, `X-Pad: ${MARK}${"a".repeat(17 * 1024)}`]), 413, "PAYLOAD_TOO_LARGE"],
  ["three thousand short headers", () => initiate([...WALLET_LINES, ...Array.from({ length: 3_000 }, (_, at) => `X-${at}: a`)]), 413, "PAYLOAD_TOO_LARGE"],
  ["a packed body", () => `${initiate([...WALLET_LINES, "Content-Encoding: gzip"], gzipSync("{}").toString("latin1"))}`, 400, "PARAM_INVALID"],
  ["an encoding nobody knows", () => initiate([...WALLET_LINES, `Content-Encoding: ${MARK}`]), 400, "PARAM_INVALID"],
  ["UTF-16", () => initiate([...without("Content-Type"), "Content-Type: application/json; charset=utf-16"]), 400, "PARAM_INVALID"],
  ["UTF-7", () => initiate([...without("Content-Type"), 'Content-Type: application/json; charset="utf-7"']), 400, "PARAM_INVALID"],
  ["two types", () => initiate([...without("Content-Type"), `Content-Type: text/${MARK}, application/json`]), 400, "PARAM_INVALID"],
  ["JSON by another name", () => initiate([...without("Content-Type"), "Content-Type: application/vnd.api+json"]), 400, "PARAM_INVALID"],
  ["a multipart form", () => initiate([...without("Content-Type"), `Content-Type: multipart/form-data; boundary=${MARK}`]), 400, "PARAM_INVALID"],
  ["length and chunks", () => initiate([...WALLET_LINES, "Transfer-Encoding: chunked"]), 400, "PARAM_INVALID"],
  ["chunks twice", () => initiate([...WALLET_LINES, "Transfer-Encoding: chunked, chunked"]), 400, "PARAM_INVALID"],
  ["a transfer coding nobody knows", () => `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${MARK}\r\n\r\n{}`, 400, "PARAM_INVALID"],
  ["a negative length", () => `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}`, 400, "PARAM_INVALID"],
  ["a length in hex", () => `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\nContent-Length: 0x2\r\n\r\n{}`, 400, "PARAM_INVALID"],
  ["chunks one of which lies", () => `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\n${WALLET_LINES.join("\r\n")}\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}${MARK}\r\n0\r\n\r\n`, 400, "PARAM_INVALID"],
  ["a method in small letters", () => `post ${INITIATE} HTTP/1.1\r\nHost: x\r\n\r\n`, 404, "NOT_FOUND"],
  ["CONNECT", () => `CONNECT ${INITIATE} HTTP/1.1\r\nHost: x\r\n\r\n`, 404, "NOT_FOUND"],
  ["a line without a version", () => `GET /${MARK}\r\nX: y HTTP/1.1\r\nHost: x\r\n\r\n`, 404, "NOT_FOUND"],
  ["HTTP/2 without an upgrade", () => "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "PARAM_INVALID"],
])("%s is refused with an envelope and stores nothing", async (_what, bytes, status, code) => {
  const answer = await platform.http.raw(bytes());
  expect([answer.status, (JSON.parse(answer.text) as Envelope).code]).toEqual([status, code]);
  expectHeaders(answer);
  await expectUnharmed(answer);
});

const MARKED_PATHS = ["%2e%2e/%2e%2e/etc/passwd", "..%2f..%2fetc%2fpasswd", "%00", "P%00.json", "%c0%ae%c0%ae", "%ED%A0%80", "%", "%zz", "%25%32%65", "P;x=y", "P%0d%0aX-Injected:%20y", "\\..\\..", "%E2%80%AE", "__proto__", "constructor", "{\"$gt\":\"\"}".replaceAll('"', "%22"), "'%20OR%201=1--", "a".repeat(8_000)];
test.each(MARKED_PATHS.flatMap((hostile) => [processPath(hostile), `${processPath(hostile)}/evidence`, `/protocol/download/${hostile}.pdf`, `/h5/assets/${hostile}`, `/h5/${hostile}`, `/sandbox/static/${hostile}`, `/docs/${hostile}`]).map((path) => [path.slice(0, 80), path]))(
  "GET %s names nothing there is",
  async (_shown, path) => {
    const answer = await platform.http.call("GET", path);
    expect([401, 404]).toContain(answer.status);
    expectHeaders(answer);
    expect((JSON.parse(answer.text) as Envelope).message).toMatch(/\p{Script=Han}/u);
    expect(answer.text).not.toMatch(/etc|passwd|Injected|proto|OR 1/);
    expect(everything()).toBe(before);
  },
);

test.each(MARKED_PATHS.map((hostile) => [hostile.slice(0, 40), hostile]))("an operator who asks for the process %s is told that there is none", async (_shown, hostile) => {
  const answer = await platform.http.call("GET", `/api/admin/v1/processes/${hostile}`, OPERATOR);
  expect(answer.status).toBe(404);
  expectHeaders(answer);
  expect(answer.text).not.toMatch(/etc|passwd|Injected|proto|OR 1/);
});

test.each(["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "PURGE", "M-SEARCH", "LOCK"])("%s does nothing to any path", async (method) => {
  for (const path of [INITIATE, "/api/v1/notification/sms/send", `${processPath(signer.processId)}/cancel`, "/h5/api/decline", "/api/internal/esign/callback/verification", "/api/internal/esign/callback/sms"]) {
    const answer = await platform.http.call(method, path, { ...WALLET, ...bearer(signer.token) }, JSON.stringify({ reason: MARK }));
    expect(answer.status).toBe(404);
    if (method !== "HEAD") expect((JSON.parse(answer.text) as Envelope).code).toBe("NOT_FOUND");
    await expectUnharmed(answer);
  }
});

test.each([
  ["64 kB less a byte", 64 * 1024 - 1, 400],
  ["64 kB", 64 * 1024, 400],
  ["64 kB and a byte", 64 * 1024 + 1, 413],
])("a body of %s in many pieces is measured exactly", async (_what, size, status) => {
  const content = JSON.stringify({ a: "x".repeat(size - 8) });
  expect(content).toHaveLength(size);
  const [head, rest] = [initiate(WALLET_LINES, content).slice(0, -size), content];
  const pieces = Array.from({ length: Math.ceil(size / 5_000) }, (_, at) => rest.slice(at * 5_000, (at + 1) * 5_000));
  const answer = await platform.http.raw(head, ...pieces);
  expect(answer.status).toBe(status);
  await expectUnharmed(answer);
});

test.each([
  "application/json", "application/json;charset=UTF-8", 'application/json; charset="utf-8"', "APPLICATION/JSON ; profile=x",
])("%s is read as JSON", async (type) => {
  const answer = await platform.http.call("POST", INITIATE, { ...WALLET, "Content-Type": type }, "{}");
  const { message, errors } = JSON.parse(answer.text) as Envelope;
  expect([answer.status, message, errors!.length > 5]).toEqual([400, "参数校验失败", true]);
});

test.each(["Bearer", "bearer a b", `Bearer ${"a".repeat(257)}`, "Bearer 张三", "Basic YTpi", `Bearer ${MARK}`, "Bearer __proto__"])("the signer's token shown as %s is one that does not count", async (authorization) => {
  const answer = await platform.http.call("POST", "/h5/api/decline", { ...JSON_BODY, Authorization: Buffer.from(authorization).toString("latin1") }, JSON.stringify({ reason: MARK }));
  expect([answer.status, (JSON.parse(answer.text) as Envelope).code]).toEqual([401, "H5_TOKEN_INVALID"]);
  await expectUnharmed(answer);
});

test.each(["after=%E2%80%AE", "after=__proto__", "after=%ED%A0%80", `after=${"A".repeat(4_000)}`, "after[$gt]=", "limit=-1", "limit=NaN", "limit=9999999999999999999", "limit=%31", "limit=1&limit=2", `after=${MARK}`])("events?%s is refused or means nothing", async (query) => {
  const answer = await platform.http.call("GET", `/api/v1/esign/events?${query}`);
  expect([200, 400]).toContain(answer.status);
  if (query !== "after[$gt]=" && query !== "limit=%31") expect((JSON.parse(answer.text) as Envelope).errors).toEqual([{ field: query.slice(0, 5), message: expect.stringMatching(/\p{Script=Han}/u) }]);
  await expectUnharmed(answer);
});

test("a second request hidden behind the first one's body is read as a request of its own", async () => {
  const hidden = `GET ${processPath(signer.processId)} HTTP/1.1\r\nHost: x\r\nX-System-Code: OTHER\r\nConnection: close\r\n\r\n`;
  const first = `POST ${INITIATE} HTTP/1.1\r\nHost: x\r\n${WALLET_LINES.join("\r\n")}\r\nContent-Length: 2\r\n\r\n{}`;
  const answer = await platform.http.raw(first + hidden);
  const codes = Array.from(answer.text.matchAll(/"code":"([A-Z_]+)"/g), ([, code]) => code);
  expect([answer.status, ...codes]).toEqual([400, "PARAM_INVALID", "PARAM_INVALID"]);
});
