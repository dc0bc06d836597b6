import "../../integration/fresh-data-dir.ts";
import { createPublicKey } from "node:crypto";
import { mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureOutboundKey } from "../../../config/development-outbound.ts";
import { verifyRequest, type SigningKey } from "../../../contract/request-signature.ts";
import { clock } from "../../../mixins/clock.ts";
import { createOutbound, withTries, type Outbound } from "../../../mixins/outbound.ts";
import { hangUp, json, outsideSystem, silent, type OutsideSystem, type Reply } from "../../integration/outside-system.ts";

const keyFile = join(mkdtempSync(join(tmpdir(), "outbound-")), "keys", "outbound.json");
let other: OutsideSystem;
let outbound: Outbound;

beforeAll(async () => {
  ensureOutboundKey({ outboundKeyFile: keyFile, production: false });
  other = await outsideSystem(json({ code: "SUCCESS" }));
  outbound = createOutbound({ timeoutMs: 1_500, keyFile });
});
afterAll(async () => {
  await outbound.close();
  await other.close();
});
afterEach(() => clock.use(Date.now));

test.each<[string, Reply, object]>([
  ["2xx with JSON is OK", json({ code: "SUCCESS" }, 201), { outcome: "OK", status: 201, json: { code: "SUCCESS" } }],
  ["4xx is REFUSED with its body", json({ code: "PARAM_INVALID" }, 400), { outcome: "REFUSED", status: 400, json: { code: "PARAM_INVALID" } }],
  ["4xx is REFUSED without a body that parses", json("<html>", 404), { outcome: "REFUSED", status: 404, json: null }],
  ["5xx is FAILED", json({ code: "INTERNAL_ERROR" }, 500), { outcome: "FAILED", status: 500, json: { code: "INTERNAL_ERROR" } }],
  ["a redirect is FAILED and not followed", json({}, 302, { location: "/elsewhere" }), { outcome: "FAILED", status: 302 }],
  ["2xx that is no JSON is FAILED", json("fine"), { outcome: "FAILED", status: 200, json: null }],
  ["2xx with a bare JSON value is FAILED", json("1"), { outcome: "FAILED", status: 200, json: 1 }],
  ["an answer over 64 kB is FAILED", json({ filler: "x".repeat(70_000) }), { outcome: "FAILED", status: 200, json: null }],
  ["a hung up connection is FAILED", hangUp, { outcome: "FAILED", status: null, json: null }],
  ["silence is FAILED", silent, { outcome: "FAILED", status: null, json: null }],
  ["a body that never ends is FAILED", (response) => void response.writeHead(200).write("{"), { outcome: "FAILED", status: 200, json: null }],
])("%s", async (_, reply, expected) => {
  const before = other.calls.length;
  other.script.push(reply);
  expect(await outbound.post(`${other.url}/x`, { a: 1 })).toMatchObject(expected);
  await other.arrived(before + 1);
  expect(other.calls.length - before).toBe(1);
});

test("a port nobody listens on is FAILED", async () => {
  const gone = await outsideSystem(silent);
  await gone.close();
  expect(await outbound.get(gone.url)).toEqual({ outcome: "FAILED", status: null, json: null });
});

test.each(["post", "get"] as const)("each %s is signed anew as system ESIGN over the bytes and the path as sent", async (method) => {
  clock.use(() => 1_700_000_000_500);
  const url = `${other.url}/a/b?requestId=x%20y`;
  for (let i = 0; i < 2; i++) await (method === "post" ? outbound.post(url, { text: "签约" }) : outbound.get(url));
  const sent = other.calls.slice(-2);
  const { keyId, signType, privateKey } = JSON.parse(readFileSync(keyFile, "utf8")) as SigningKey;
  const key = { keyId, signType, publicKey: createPublicKey(privateKey!).export({ type: "spki", format: "pem" }) as string };
  for (const { headers, raw, path, method: verb } of sent) {
    const parts = { method: verb, target: path, timestamp: "1700000000", nonce: String(headers["x-nonce"]), systemCode: "ESIGN", businessId: "", rawBody: raw };
    expect(headers).toMatchObject({ "x-system-code": "ESIGN", "x-key-id": keyId, "x-sign-type": "ED25519", "x-timestamp": "1700000000" });
    expect(headers["x-nonce"]).toMatch(/^[A-Za-z0-9]{16,32}$/);
    expect(verifyRequest(key, parts, String(headers["x-signature"]))).toBe(true);
    expect(verifyRequest(key, { ...parts, rawBody: `${raw} ` }, String(headers["x-signature"]))).toBe(false);
  }
  expect(sent[0]!.headers["x-nonce"]).not.toBe(sent[1]!.headers["x-nonce"]);
});

test("connections are kept, and a call on its own connection uses none of them", async () => {
  const ports: (number | undefined)[] = [];
  const noting: Reply = (response, call) => (ports.push(response.socket?.remotePort), json({})(response, call));
  other.script.push(...Array.from({ length: 11 }, () => noting));
  for (let i = 0; i < 10; i++) await outbound.get(other.url);
  const kept = new Set(ports);
  expect(kept.size).toBeLessThan(10);
  await outbound.post(other.url, {}, { ownConnection: true });
  expect(kept).not.toContain(ports[10]);
});

test.each([
  ["stops at the first success", ["FAILED", "OK", "OK"], 2],
  ["stops at a refusal", ["REFUSED", "OK", "OK"], 1],
  ["gives up after the last try", ["FAILED", "FAILED", "FAILED", "OK"], 3],
])("a series of tries %s", async (_, outcomes, made) => {
  const numbers: number[] = [];
  const last = await withTries(async (_left, number) => (numbers.push(number), { outcome: outcomes[number - 1]! }), { tries: 3, baseMs: 1, budgetMs: 5_000 });
  expect(numbers).toHaveLength(made);
  expect(last.outcome).toBe(outcomes[made - 1]);
});

test("no try starts when the wait before it would use up the budget", async () => {
  let made = 0;
  await withTries(async () => (made++, { outcome: "FAILED" }), { tries: 3, baseMs: 60_000, budgetMs: 1_000 });
  expect(made).toBe(1);
});

test("the development key is made once, for its owner's eyes only, and two that start at once share it", () => {
  const file = join(mkdtempSync(join(tmpdir(), "outbound-")), "outbound.json");
  ensureOutboundKey({ outboundKeyFile: file, production: false });
  const first = readFileSync(file, "utf8");
  ensureOutboundKey({ outboundKeyFile: file, production: false });
  expect(readFileSync(file, "utf8")).toBe(first);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ["is missing in production, where none is made", null],
  ["is not JSON", "PEM"],
  ["has an unknown sign type", '{"keyId":"a","signType":"MD5","secret":"AAAA"}'],
  ["has a key that cannot sign", '{"keyId":"a","signType":"ED25519","privateKey":"-----BEGIN PRIVATE KEY-----"}'],
  ["has no key", '{"keyId":"a","signType":"HMAC-SHA256"}'],
])("a key file that %s stops the start, and what is in it is not told", (_, content) => {
  const file = join(mkdtempSync(join(tmpdir(), "outbound-")), "outbound.json");
  if (content !== null) writeFileSync(file, content);
  else ensureOutboundKey({ outboundKeyFile: file, production: true });
  expect(() => createOutbound({ timeoutMs: 1, keyFile: file })).toThrow(/^OUTBOUND_KEY_FILE: expected JSON/);
});
