import fc from "fast-check";
import { verifyBundle, type Trust } from "../../../cli/verify/verify-bundle.ts";
import { clientExample } from "../../fixtures/client-example.ts";
import { storable } from "../../../services/evidence/chain.ts";
import { chainOf, honestBundle, madeKey, request, retold, sealedPdf, signedRequest, story, trust, walletKey, type Fact } from "./sample.ts";

let pdf: Buffer;
let bundle: Buffer;
beforeAll(async () => {
  pdf = await sealedPdf();
  bundle = await honestBundle(story(pdf), pdf);
});

const TITLE = "发起请求由业务系统签名，与冻结的内容一致";
const stranger = madeKey("ed25519");
const rsa = madeKey("rsa");
type Signed = Record<string, unknown>;

/** A bundle that is honest but for what its REQUEST says. */
const withRequest = (data: Record<string, unknown>, time?: string): Buffer => {
  const change = (fact: Fact): Fact => (fact.type === "REQUEST" ? { ...fact, ...(time ? { at: time } : {}), data: { ...fact.data, ...data } } : fact);
  return retold(bundle, chainOf(story(pdf).map(change)));
};
const complaints = (zip: Uint8Array, against: Trust = trust): string[] => verifyBundle(zip, against).problems.map(({ code, where }) => `${code} ${where}`);
const check = (zip: Uint8Array, against: Trust = trust) => verifyBundle(zip, against).checks.find(({ title }) => title === TITLE)!;

describe("the wallet's signature over its request holds", () => {
  test.each<[string, Signed, Trust]>([
    ["by ED25519", signedRequest(), trust],
    ["by RSA-SHA256", signedRequest({ signType: "RSA-SHA256", key: rsa }), { ...trust, callers: [{ name: "WALLET-w1", sha256: rsa.sha256 }] }],
    ["by a key that was rotated out long ago", signedRequest(), { ...trust, callers: [{ name: "WALLET-w1-ffffffffffffffff", sha256: rsa.sha256 }, ...trust.callers!] }],
    ["sent by the other name of the call, with a query", signedRequest({ target: "/api/v1/notification/sms/send?trace=1" }), trust],
  ])("%s", (_title, signed, against) => {
    expect(check(withRequest({ signed }), against)).toMatchObject({ outcome: "HOLDS", note: null });
  });

  test("and the verifier says by whose key", () => {
    expect(verifyBundle(bundle, trust).facts.requestedBy).toEqual({ systemCode: "WALLET", keyId: "w1", publicKeySha256: walletKey.sha256 });
  });

  test("whatever white space, escapes and unknown fields the body had", () => {
    const body = fc.tuple(fc.string({ unit: "grapheme" }), fc.constantFrom(0, 1, 4)).map(([text, indent]) => JSON.stringify({ zzz: text, ...request }, null, indent).replaceAll("/", "\\/"));
    fc.assert(
      fc.property(body, (rawBody) => {
        const signed = signedRequest({ rawBody });
        expect(complaints(withRequest({ signed: storable({ signed })["signed"] as Signed }))).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });
});

describe("one changed field of the signed request is found and named", () => {
  const tampered = (over: Signed): Signed => ({ ...signedRequest(), ...over });
  const other = signedRequest({ rawBody: JSON.stringify(clientExample({ requestId: "R2" })) });
  test.each<[string, Record<string, unknown>, string]>([
    ["the method", { signed: tampered({ method: "PUT" }) }, "REQUEST_SIGNATURE"],
    ["the path", { signed: tampered({ target: "/api/v1/notification/sms/send" }) }, "REQUEST_SIGNATURE"],
    ["the query", { signed: tampered({ target: "/api/v1/esign/process/initiate?a=1" }) }, "REQUEST_SIGNATURE"],
    ["the timestamp", { signed: tampered({ timestamp: String(Number(signedRequest().timestamp) + 1) }) }, "REQUEST_SIGNATURE"],
    ["the nonce", { signed: tampered({ nonce: "bbcdefgh12345678" }) }, "REQUEST_SIGNATURE"],
    ["the key id", { signed: tampered({ keyId: "w2" }) }, "REQUEST_KEY_UNKNOWN"],
    ["the sign type", { signed: tampered({ signType: "RSA-SHA256" }) }, "REQUEST_KEY"],
    ["the signature", { signed: tampered({ signature: other.signature }) }, "REQUEST_SIGNATURE"],
    ["the body", { signed: tampered({ rawBody: `${signedRequest().rawBody} ` }) }, "REQUEST_BODY_HASH"],
    ["the body and its hash", { signed: tampered({ rawBody: other.rawBody, bodySha256: other.bodySha256 }), request: clientExample({ requestId: "R2" }) }, "REQUEST_SIGNATURE"],
    ["the body's hash", { signed: tampered({ bodySha256: other.bodySha256 }) }, "REQUEST_BODY_HASH"],
    ["the public key", { signed: tampered({ publicKey: stranger.spki }) }, "REQUEST_KEY"],
    ["the public key's hash", { signed: tampered({ publicKeySha256: stranger.sha256 }) }, "REQUEST_KEY"],
    ["the public key and its hash", { signed: tampered({ publicKey: stranger.spki, publicKeySha256: stranger.sha256 }) }, "REQUEST_SIGNATURE"],
    ["a public key that is none", { signed: tampered({ publicKey: "AAAA" }) }, "REQUEST_KEY"],
    ["the system code", { systemCode: "OTHER" }, "REQUEST_SIGNATURE"],
    ["the business id", { businessId: "B2" }, "REQUEST_SIGNATURE"],
    ["a whole request signed by a stranger's key", { signed: signedRequest({ key: stranger }) }, "REQUEST_KEY_UNKNOWN"],
    ["a request of another system that has its own key", { systemCode: "OTHER", signed: signedRequest({ systemCode: "OTHER" }) }, "REQUEST_KEY_UNKNOWN"],
    ["a cancellation in the place of the request", { signed: signedRequest({ target: "/api/v1/esign/process/P/cancel" }) }, "REQUEST_TARGET"],
    ["a body that is no JSON", { signed: signedRequest({ rawBody: "{" }) }, "REQUEST_DIFFERS"],
    ...["method", "target", "timestamp", "nonce", "keyId", "signType", "signature", "rawBody", "bodySha256", "publicKey", "publicKeySha256"].map((name): [string, Record<string, unknown>, string] => [
      `the absence of ${name}`,
      { signed: Object.fromEntries(Object.entries(signedRequest()).filter(([key]) => key !== name)) },
      "REQUEST_FORM",
    ]),
  ])("%s", (_title, data, code) => {
    expect(complaints(withRequest(data))).toContain(`${code} evidence.json#1`);
  });

  test.each<[string, (asked: ReturnType<typeof clientExample>) => void, string]>([
    ["the request's key", (asked) => void (asked.requestId = "R2"), "requestId"],
    ["the purpose", (asked) => void (asked.fundPurpose = "其他"), "fundPurpose"],
    ["the address that is called back", (asked) => void (asked.callbackUrl = "https://evil.example/"), "callbackUrl"],
    ["a party's name", (asked) => void (asked.payerInfo.merchantName = "甲"), "payerInfo.merchantName"],
    ["the signer's mobile", (asked) => void (asked.payeeInfo!.contactInfo!.mobile = "13900139000"), "payeeInfo.contactInfo.mobile"],
    ["a card that is left out", (asked) => void delete asked.payeeInfo!.bankCardInfo, "payeeInfo.bankCardInfo.cardNo"],
    ["a party that is left out", (asked) => void (asked.payeeInfo = null), "payeeInfo.merchantNo"],
    ["a ratio nobody asked for", (asked) => void (asked.extInfo = { orderAggregationMaxRatio: "0.9" }), "extInfo.orderAggregationMaxRatio"],
    ["a field nobody asked for", (asked) => void Object.assign(asked, { more: { inside: "x" } }), "more.inside"],
  ])("frozen otherwise than asked: %s", (_title, change, field) => {
    const asked = structuredClone(request);
    change(asked);
    const { problems } = check(withRequest({ request: asked }));
    expect(problems.map(({ code }) => code)).toEqual(["REQUEST_DIFFERS"]);
    expect(problems[0]!.message).toContain(field);
    expect(problems[0]!.message).not.toMatch(/13[89]00/);
  });

  test.each([
    ["321 s before", "2026-11-24T08:05:21Z", ["REQUEST_TIME evidence.json#1"]],
    ["320 s before", "2026-11-24T08:05:20Z", []],
    ["321 s after", "2026-11-24T07:54:39Z", ["REQUEST_TIME evidence.json#1"]],
  ])("a timestamp %s the process began", (_title, time, expected) => {
    expect(complaints(withRequest({}, time)).filter((complaint) => complaint.startsWith("REQUEST"))).toEqual(expected);
  });

  test("a second request in the chain", () => {
    const facts = story(pdf);
    expect(complaints(retold(bundle, chainOf([facts[0]!, ...facts])))).toContain("REQUEST_TWICE evidence.json#2");
  });
});

describe("what cannot be proved is said and is no failure", () => {
  const hmac = signedRequest({ signType: "HMAC-SHA256" });
  test.each<[string, () => Promise<Uint8Array> | Uint8Array, Trust, string]>([
    ["a shared secret", () => withRequest({ signed: hmac }), trust, "HMAC"],
    ["a request of development without signature", () => withRequest({ signed: undefined }), { ...trust, callers: [] }, "不能证明由业务系统发出"],
    ["a missing signature of a system that is known to sign", () => withRequest({ signed: undefined }), trust, "请查明未签名的原因"],
    ["a redacted request", () => honestBundle(story(pdf), pdf, { redacted: true }), trust, "已遮盖"],
    ["whose key it is, when no caller's key is known", () => bundle, { ...trust, callers: [] }, "未提供业务系统的公钥"],
  ])("%s", async (_title, made, against, words) => {
    const zip = await made();
    expect(check(zip, against)).toMatchObject({ outcome: "NOT_CHECKED", note: expect.stringContaining(words) });
    expect(verifyBundle(zip, against).ok).toBe(true);
  });

  test("under a shared secret the content is judged all the same", () => {
    expect(complaints(withRequest({ signed: { ...hmac, rawBody: "{}" } }))).toEqual(["REQUEST_BODY_HASH evidence.json#1", "REQUEST_DIFFERS evidence.json#1"]);
  });
});
