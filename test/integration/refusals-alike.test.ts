import "./fresh-data-dir.ts";
import crypto, { generateKeyPairSync, randomBytes, type KeyObject } from "node:crypto";
import { signRequest, type SigningKey } from "../../contract/request-signature.ts";
import { clock } from "../../mixins/clock.ts";
import { startGateway, type Gateway, type Told } from "./gateway-harness.ts";

/**
 * All 401s of one route look alike (CONTRACT.md §2.3): the same bytes but for the trace id, the same headers. That they take the
 * same work is measured, not tested: `bench/refusals.ts`.
 */

const NOW = Date.UTC(2026, 10, 24, 12);
function pair(keyId: string, type: "ed25519" | "rsa" = "ed25519") {
  const made = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 3072 }) : generateKeyPairSync("ed25519");
  const signType = type === "rsa" ? ("RSA-SHA256" as const) : ("ED25519" as const);
  const pem = { publicKey: made.publicKey.export({ type: "spki", format: "pem" }) as string, privateKey: made.privateKey.export({ type: "pkcs8", format: "pem" }) as string };
  return { listed: { keyId, signType, publicKey: pem.publicKey }, signing: { keyId, signType, privateKey: pem.privateKey } satisfies SigningKey };
}
const ed = pair("ed-1");
const rsa = pair("rsa-1", "rsa");
const old = pair("old");
const early = pair("early");
const stranger = pair("ed-1");
const callers = {
  WALLET: { keys: [ed.listed, rsa.listed, { ...old.listed, notAfter: "2026-11-24T11:59:59Z" }, { ...early.listed, notBefore: "2026-11-24T12:00:01Z" }] },
  AUTH: { keys: [ed.listed] },
};

let gateway: Gateway;
beforeAll(async () => {
  clock.use(() => NOW);
  gateway = await startGateway({ callers, production: true, acts: { "evidence.export": () => ({ fileName: "P.zip", base64: "" }) } });
});
afterAll(async () => {
  await gateway.stop();
  clock.use(Date.now);
});

interface Wrong {
  key?: SigningKey;
  at?: number;
  nonce?: string;
  /** Changes after the signature was made; undefined takes a header away. */
  after?: Record<string, string | undefined>;
  body?: string;
}
const nonce = (): string => randomBytes(12).toString("hex");

interface Route {
  method: string;
  target: string;
  headers: Record<string, string>;
  body: string | undefined;
}
const ROUTES: Record<string, Route> = {
  "the wallet's initiation": { method: "POST", target: "/api/v1/esign/process/initiate", headers: { "x-system-code": "WALLET", "x-business-id": "B", "content-type": "application/json" }, body: "{}" },
  "the wallet's query": { method: "GET", target: "/api/v1/esign/process/P", headers: {}, body: undefined },
  "the wallet's cancellation": { method: "POST", target: "/api/v1/esign/process/P/cancel", headers: { "x-system-code": "WALLET", "x-business-id": "B", "content-type": "application/json" }, body: '{"reason":"x"}' },
  "the wallet's evidence": { method: "GET", target: "/api/v1/esign/process/P/evidence", headers: { "x-system-code": "WALLET" }, body: undefined },
  "the verification's callback": { method: "POST", target: "/api/internal/esign/callback/verification", headers: { "content-type": "application/json", "x-callback-token": "t" }, body: "{}" },
};

function send({ method, target, headers, body }: Route, wrong: Wrong = {}): Promise<Told> {
  const { key = ed.signing, at = NOW, nonce: used = nonce(), after = {} } = wrong;
  const timestamp = String(Math.floor(at / 1000));
  const parts = { method, target, timestamp, nonce: used, systemCode: headers["x-system-code"] ?? "", businessId: headers["x-business-id"] ?? "", rawBody: body ?? "" };
  const all = { ...headers, "x-timestamp": timestamp, "x-nonce": used, "x-key-id": key.keyId, "x-sign-type": key.signType, "x-signature": signRequest(key, parts), ...after };
  const sent = Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return gateway.call(method, target, sent, wrong.body ?? body);
}

const SIGNING = ["x-timestamp", "x-nonce", "x-key-id", "x-sign-type", "x-signature"];
const REASONS: [string, Wrong][] = [
  ["no signature at all", { after: Object.fromEntries(SIGNING.map((name) => [name, undefined])) }],
  ...SIGNING.map((name): [string, Wrong] => [`no ${name}`, { after: { [name]: undefined } }]),
  ["an unknown key", { after: { "x-key-id": "nobody" } }],
  ["an unknown key that claims RSA", { after: { "x-key-id": "nobody", "x-sign-type": "RSA-SHA256" } }],
  ["an unknown key that claims HMAC", { after: { "x-key-id": "nobody", "x-sign-type": "HMAC-SHA256" } }],
  ["a type that is not the key's", { after: { "x-sign-type": "RSA-SHA256" } }],
  ["a type that is none", { after: { "x-sign-type": "NONE" } }],
  ["a stale timestamp", { at: NOW - 301_000 }],
  ["a timestamp of the future", { at: NOW + 301_000 }],
  ["a bad signature", { key: stranger.signing }],
  ["a bad RSA signature", { key: { ...rsa.signing, privateKey: pair("x", "rsa").signing.privateKey } }],
  ["a signature of the wrong length", { after: { "x-signature": "A".repeat(20) } }],
  ["a signature that is no base64", { after: { "x-signature": "!" } }],
  ["a nonce of the wrong form", { nonce: "short" }],
  ["a timestamp of the wrong form", { after: { "x-timestamp": "now" } }],
  ["a key id of the wrong form", { after: { "x-key-id": "k".repeat(65) } }],
  ["an expired key", { key: old.signing }],
  ["a key that is not live yet", { key: early.signing }],
  ["an unknown system", { after: { "x-system-code": "NOBODY" } }],
  ["a reserved system", { after: { "x-system-code": "SMS" } }],
  ["a system code in the wrong form", { after: { "x-system-code": "__proto__" } }],
];

/** Everything a caller can see, but for the trace id, which one header repeats, and the time of day. */
function seen({ status, headers, bytes }: Told): unknown {
  const text = bytes.toString().replace(/"traceId":"[0-9a-f-]{36}"/, '"traceId":""');
  return { status, headers: { ...headers, date: "", "x-request-id": "" }, text };
}

describe.each(Object.entries(ROUTES))("%s", (name, route) => {
  test(`refuses for ${REASONS.length + 1} reasons in the same words`, async () => {
    const replayed = nonce();
    expect((await send(route, { nonce: replayed })).status).toBe(200);
    const looks = new Map<string, string[]>();
    for (const [reason, wrong] of [...REASONS, ["a replayed nonce", { nonce: replayed }] as const]) {
      const answer = JSON.stringify(seen(await send(route, wrong)));
      looks.set(answer, [...(looks.get(answer) ?? []), reason]);
    }
    expect([...looks.values()]).toHaveLength(1);
    const [look] = looks.keys();
    expect(JSON.parse(look!)).toMatchObject({ status: 401, text: expect.stringContaining(name.startsWith("the wallet") ? "SIGNATURE_INVALID" : "CALLBACK_TOKEN_INVALID") });
  });
});

describe("every reason costs the same work", () => {
  const verify = jest.spyOn(crypto, "verify");
  const hmac = jest.spyOn(crypto, "createHmac");
  afterAll(() => jest.restoreAllMocks());

  test.each(REASONS)("%s: one nonce is looked up and one signature verified, by a key of the claimed type", async (_reason, wrong) => {
    const lookUp = jest.spyOn(gateway.service.collections.nonces, "get");
    for (const spy of [verify, hmac, lookUp]) spy.mockClear();
    await send(ROUTES["the wallet's initiation"]!, wrong);
    const claimed = wrong.after?.["x-sign-type"] ?? wrong.key?.signType ?? "ED25519";
    const types = verify.mock.calls.map(([, , key]) => (key as KeyObject).asymmetricKeyType);
    expect({ types, hmacs: hmac.mock.calls.length, lookUps: lookUp.mock.calls.length }).toEqual({
      types: claimed === "HMAC-SHA256" ? [] : [claimed === "RSA-SHA256" ? "rsa" : "ed25519"],
      hmacs: claimed === "HMAC-SHA256" ? 1 : 0,
      lookUps: 1,
    });
  });
});

test("a refused request leaves no nonce behind, so nobody can fill the database or use up a nonce of somebody else", async () => {
  const before = await gateway.service.collections.nonces.count({});
  for (const [, wrong] of REASONS) await send(ROUTES["the wallet's query"]!, wrong);
  expect(await gateway.service.collections.nonces.count({})).toBe(before);
});
