import "./fresh-data-dir.ts";
import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign as signBytes, type KeyObject } from "node:crypto";
import { signRequest, type SigningKey } from "../../contract/request-signature.ts";
import { clock } from "../../mixins/clock.ts";
import { expectCleanAnswer, startGateway, type Gateway, type Told } from "./gateway-harness.ts";

const pem = (key: KeyObject, type: "spki" | "pkcs8"): string => key.export({ type, format: "pem" }) as string;
function pair(keyId: string, signType: "ED25519" | "RSA-SHA256") {
  const made = signType === "ED25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("rsa", { modulusLength: 2048 });
  return {
    listed: { keyId, signType, publicKey: pem(made.publicKey, "spki") },
    signing: { keyId, signType, privateKey: pem(made.privateKey, "pkcs8") } satisfies SigningKey,
  };
}
/** What the evidence says of the key that verified a request. */
function publicHalfOf(privateKey: string) {
  const spki = createPublicKey(privateKey).export({ type: "spki", format: "der" });
  return { publicKey: spki.toString("base64"), publicKeySha256: createHash("sha256").update(spki).digest("hex") };
}
const ed = pair("ed-1", "ED25519");
const next = pair("ed-2", "ED25519");
const rsa = pair("rsa-1", "RSA-SHA256");
const stranger = pair("ed-1", "ED25519");
const auth = pair("auth-1", "ED25519");
const hmac = { keyId: "hmac-1", signType: "HMAC-SHA256" as const, secret: randomBytes(32).toString("base64") };

const NOW = Date.UTC(2026, 10, 24, 12);
const callers = {
  WALLET: { keys: [ed.listed, rsa.listed, hmac, { ...next.listed, notBefore: "2026-11-24T13:00:00Z", notAfter: "2026-11-24T14:00:00Z" }] },
  OTHER: { keys: [ed.listed] },
  OPEN: {},
  AUTH: { keys: [auth.listed] },
};

let gateway: Gateway;
beforeAll(async () => {
  gateway = await startGateway({ callers });
});
afterAll(() => gateway.stop());
beforeEach(() => {
  clock.use(() => NOW);
  gateway.taken.splice(0);
});
afterEach(() => clock.use(Date.now));

const INITIATE = "/api/v1/esign/process/initiate";
const nonce = (): string => randomBytes(12).toString("hex");

interface Sending {
  method: string;
  target: string;
  body: string | undefined;
  key: SigningKey;
  at: number;
  nonce: string;
  /** Headers that are signed. */
  headers: Record<string, string>;
  /** Changes after the signature was made; undefined takes a header away. */
  after: Record<string, string | undefined>;
  sentTarget?: string;
  sentMethod?: string;
  sentBody?: string;
}
function send(over: Partial<Sending> = {}, to: Gateway = gateway): Promise<Told> {
  const sending: Sending = {
    method: "POST",
    target: INITIATE,
    body: '{"requestId":"R1"}',
    key: ed.signing,
    at: NOW,
    nonce: nonce(),
    headers: { "x-system-code": "WALLET", "x-business-id": "BIZ-1", "content-type": "application/json" },
    after: {},
    ...over,
  };
  const timestamp = String(Math.floor(sending.at / 1000));
  const parts = {
    method: sending.method,
    target: sending.target,
    timestamp,
    nonce: sending.nonce,
    systemCode: sending.headers["x-system-code"] ?? "",
    businessId: sending.headers["x-business-id"] ?? "",
    rawBody: sending.body ?? "",
  };
  const headers = {
    ...sending.headers,
    "x-timestamp": timestamp,
    "x-nonce": sending.nonce,
    "x-key-id": sending.key.keyId,
    "x-sign-type": sending.key.signType,
    "x-signature": signRequest(sending.key, parts),
    ...sending.after,
  };
  const given = Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return to.call(sending.sentMethod ?? sending.method, sending.sentTarget ?? sending.target, given, sending.sentBody ?? sending.body);
}

test.each<[string, SigningKey]>([
  ["ED25519", ed.signing],
  ["RSA-SHA256", rsa.signing],
  ["HMAC-SHA256", hmac],
])("a request signed with %s is taken, and handed on as it was signed", async (_type, key) => {
  const used = nonce();
  const answer = await send({ key, nonce: used, target: `${INITIATE}?a=1&b=%20`, body: '{"requestId":"签约"}' });
  expect(answer.status).toBe(200);
  expect(gateway.taken[0]!.params).toEqual({
    systemCode: "WALLET",
    businessId: "BIZ-1",
    body: { requestId: "签约" },
    signed: {
      method: "POST",
      target: `${INITIATE}?a=1&b=%20`,
      timestamp: String(NOW / 1000),
      nonce: used,
      keyId: key.keyId,
      signType: key.signType,
      signature: expect.any(String),
      rawBody: '{"requestId":"签约"}',
      bodySha256: createHash("sha256").update('{"requestId":"签约"}').digest("hex"),
      ...(key.privateKey ? publicHalfOf(key.privateKey) : {}),
    },
  });
});

test("a signed query needs neither business id nor body", async () => {
  const answer = await send({ method: "GET", target: "/api/v1/esign/process/P", body: undefined, headers: {} });
  expect(answer.status).toBe(200);
  expect(gateway.taken[0]!.params).toEqual({ systemCode: "WALLET", processId: "P" });
});

test("the bytes count and not what they mean: a body with a byte order mark verifies and is then no JSON", async () => {
  const answer = await send({ body: '\ufeff{"a":1}' });
  expect([answer.status, answer.json["code"]]).toEqual([400, "PARAM_INVALID"]);
});

const broken: [string, Partial<Sending>][] = [
  ["no signature at all", { after: { "x-timestamp": undefined, "x-nonce": undefined, "x-key-id": undefined, "x-sign-type": undefined, "x-signature": undefined } }],
  ...["x-timestamp", "x-nonce", "x-key-id", "x-sign-type", "x-signature"].map((name): [string, Partial<Sending>] => [`no ${name}`, { after: { [name]: undefined } }]),
  ["another body", { sentBody: '{"requestId":"R2"}' }],
  ["no body", { sentBody: "" }],
  ["another query", { sentTarget: `${INITIATE}?x=1` }],
  ["another path", { sentTarget: "/api/v1/notification/sms/send" }],
  ["another method", { method: "GET", sentMethod: "POST" }],
  ["another business id", { after: { "x-business-id": "BIZ-2" } }],
  ["no business id any more", { after: { "x-business-id": undefined } }],
  ["another nonce", { after: { "x-nonce": "A".repeat(20) } }],
  ["another timestamp", { after: { "x-timestamp": String(NOW / 1000 + 1) } }],
  ["another system that has the same key", { after: { "x-system-code": "OTHER" } }],
  ["a key of somebody else under the same id", { key: stranger.signing }],
  ["an unknown key id", { after: { "x-key-id": "ed-9" } }],
  ["a sign type that is not the key's", { after: { "x-sign-type": "RSA-SHA256" } }],
  ["an HMAC made with the public key", { key: { keyId: "ed-1", signType: "HMAC-SHA256", secret: Buffer.from(ed.listed.publicKey).toString("base64") } }],
  ["a nonce of 15 characters", { nonce: "a".repeat(15) }],
  ["a nonce of 33 characters", { nonce: "a".repeat(33) }],
  ["a nonce with a dash", { nonce: `${"a".repeat(16)}-` }],
  ["a signature that is no base64", { after: { "x-signature": "!".repeat(64) } }],
  ["a timestamp 301 s old", { at: NOW - 301_000 }],
  ["a timestamp 301 s ahead", { at: NOW + 301_000 }],
  ["a timestamp in milliseconds", { after: { "x-timestamp": String(NOW) } }],
  ["a key that is not live yet", { key: next.signing }],
];
test.each(broken)("%s is refused like every other", async (_what, over) => {
  const answer = await send(over);
  const { traceId, ...rest } = answer.json;
  expect([answer.status, rest]).toEqual([401, { code: "SIGNATURE_INVALID", message: "请求签名验证失败" }]);
  expect(traceId).toEqual(expect.any(String));
  expect(gateway.taken).toEqual([]);
  expectCleanAnswer(answer);
});

test.each([-300_000, 300_000])("a timestamp %d ms off is just taken", async (off) => {
  expect((await send({ at: NOW + off })).status).toBe(200);
});

test.each<[string, number, number]>([
  ["just before its time", -1, 401],
  ["from its first moment", 0, 200],
  ["until its last", 3_599_999, 200],
  ["and no longer", 3_600_000, 401],
])("a key is good %s", async (_what, after, status) => {
  const at = Date.UTC(2026, 10, 24, 13) + after;
  clock.use(() => at);
  expect((await send({ key: next.signing, at })).status).toBe(status);
});

describe("a nonce", () => {
  test("is good once", async () => {
    const used = nonce();
    expect((await send({ nonce: used })).status).toBe(200);
    expect((await send({ nonce: used })).status).toBe(401);
    expect(gateway.taken).toHaveLength(1);
  });

  test("is good once under any concurrency", async () => {
    const used = nonce();
    const answers = await Promise.all(Array.from({ length: 12 }, () => send({ nonce: used })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(11);
  });

  test("counts for each key and each caller alone", async () => {
    const used = nonce();
    const other = { "x-system-code": "OTHER", "x-business-id": "B", "content-type": "application/json" };
    const answers = [await send({ nonce: used }), await send({ nonce: used, key: rsa.signing }), await send({ nonce: used, headers: other })];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test("is not used up by a request that did not verify", async () => {
    const used = nonce();
    expect((await send({ nonce: used, sentBody: "{}" })).status).toBe(401);
    expect((await send({ nonce: used })).status).toBe(200);
  });

  test("is used up by a verified request that is refused for its content", async () => {
    const used = nonce();
    expect((await send({ nonce: used, body: "{" })).status).toBe(400);
    expect((await send({ nonce: used, body: "{" })).status).toBe(401);
  });

  test.each([
    ["after 600 s", 600_001, 200],
    ["and not before", 600_000, 401],
  ])("may be used again %s", async (_what, later, status) => {
    const used = nonce();
    await send({ nonce: used });
    clock.use(() => NOW + later);
    expect((await send({ nonce: used, at: NOW + later })).status).toBe(status);
  });

  test("that is old is used again by one only", async () => {
    const used = nonce();
    await send({ nonce: used });
    const at = NOW + 700_000;
    clock.use(() => at);
    const answers = await Promise.all(Array.from({ length: 8 }, () => send({ nonce: used, at })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test("is forgotten by the sweep once it is old, and not before", async () => {
    const used = nonce();
    await send({ nonce: used });
    const { nonces } = gateway.service.collections;
    const id = `WALLET:ed-1:${used}`;
    await gateway.service.sweepNow();
    expect(await nonces.get(id)).not.toBeNull();
    clock.use(() => NOW + 600_001);
    await gateway.service.sweepNow();
    expect(await nonces.get(id)).toBeNull();
  });
});

test("a caller that has keys cannot leave the signature away by leaving its code away", async () => {
  const answer = await gateway.call("GET", "/api/v1/esign/process/P");
  expect([answer.status, answer.json["code"]]).toEqual([401, "SIGNATURE_INVALID"]);
});

test("size is judged before the signature, the signature before headers and JSON", async () => {
  const large = await send({ body: "x".repeat(64 * 1024 + 1), after: { "x-signature": "A".repeat(88) } });
  expect(large.status).toBe(413);
  const unsigned = await send({ body: "{", headers: { "x-system-code": "WALLET" }, after: { "x-signature": "A".repeat(88) } });
  expect(unsigned.status).toBe(401);
  const signed = await send({ body: "{", headers: { "x-system-code": "WALLET" } });
  expect([signed.status, signed.json.errors?.[0]?.field]).toEqual([400, "X-Business-Id"]);
});

test("a wallet without keys is taken unsigned in development, whatever signing headers it sends", async () => {
  const headers = { "x-system-code": "OPEN", "x-business-id": "B", "content-type": "application/json" };
  expect((await send({ headers, after: { "x-signature": "A".repeat(88) } })).status).toBe(200);
  expect(gateway.taken[0]!.params).not.toHaveProperty("signed");
});

describe("in production", () => {
  let production: Gateway;
  beforeAll(async () => {
    production = await startGateway({ callers, production: true });
  });
  afterAll(() => production.stop());

  test.each([
    ["an unknown system", { "x-system-code": "NOBODY", "x-business-id": "B" }],
    ["a reserved system", { "x-system-code": "AUTH", "x-business-id": "B" }],
    ["a wallet whose keys went missing", { "x-system-code": "OPEN", "x-business-id": "B" }],
    ["a wallet with a bad signature", { "x-system-code": "WALLET", "x-business-id": "B" }],
  ])("%s is the same 401", async (_what, headers) => {
    const answer = await send({ headers, key: stranger.signing }, production);
    const { traceId: _, ...rest } = answer.json;
    expect([answer.status, rest]).toEqual([401, { code: "SIGNATURE_INVALID", message: "请求签名验证失败" }]);
    expect(production.taken).toEqual([]);
  });

  test("a good signature is taken", async () => expect((await send({}, production)).status).toBe(200));
});

describe("the verification system's callback", () => {
  const CALLBACK = "/api/internal/esign/callback/verification";
  const headers = { "content-type": "application/json", "x-callback-token": "t1" };

  test("is signed where the system has keys", async () => {
    const answer = await send({ target: CALLBACK, key: auth.signing, headers, body: '{"processId":"P"}' });
    expect(answer.json).toMatchObject({ code: "SUCCESS", message: "回调处理成功" });
    expect(gateway.taken[0]).toMatchObject({ action: "verification-bridge.callback", params: { token: "t1", body: { processId: "P" } } });
  });

  test.each<[string, Partial<Sending>]>([
    ["without signature", { after: { "x-signature": undefined } }],
    ["with another body", { sentBody: '{"processId":"Q"}' }],
    ["by a wallet", { key: ed.signing }],
  ])("%s is the 401 of that route, and an alert", async (_what, over) => {
    gateway.logged.splice(0);
    const answer = await send({ target: CALLBACK, key: auth.signing, headers, body: '{"processId":"P"}', ...over });
    expect([answer.status, answer.json["code"]]).toEqual([401, "CALLBACK_TOKEN_INVALID"]);
    expect(gateway.taken).toEqual([]);
    expect(gateway.logged.map((line) => JSON.parse(line) as { alert?: string }).filter(({ alert }) => alert === "CALLBACK_TOKEN_INVALID")).toHaveLength(1);
  });
});

test("signatures are those of the contract's text, byte for byte", async () => {
  const used = "abcdefgh12345678";
  const text = ["POST", INITIATE, String(NOW / 1000), used, "WALLET", "BIZ-1", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", ""].join("\n");
  const signature = signBytes(null, Buffer.from(text), ed.signing.privateKey).toString("base64");
  expect((await send({ body: "{}", nonce: used, after: { "x-signature": signature } })).status).toBe(200);
});
