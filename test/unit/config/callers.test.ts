import { generateKeyPairSync } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { callbackAllowed, ensureCallersFile, openCallers, type Caller, type Callers } from "../../../config/callers.ts";
import { ConfigProblems } from "../../../config/read.ts";

const pem = (key: { export(options: object): string | Buffer }, type: string): string => key.export({ type, format: "pem" }) as string;
const ed = generateKeyPairSync("ed25519");
const ED = pem(ed.publicKey, "spki");
const RSA = pem(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey, "spki");
const WEAK_RSA = pem(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey, "spki");
const SECRET = Buffer.alloc(32, 9).toString("base64");
const HOOK = `whsec_${SECRET}`;
const edKey = { keyId: "k1", signType: "ED25519", publicKey: ED };
const hmacKey = { keyId: "k2", signType: "HMAC-SHA256", secret: SECRET };

let folder: string;
let callersFile: string;
const opened: Callers[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "esign-callers-"));
  callersFile = join(folder, "callers.json");
});
afterEach(() => {
  for (const callers of opened.splice(0)) callers.close();
  rmSync(folder, { recursive: true });
});

const write = (content: unknown): void => writeFileSync(callersFile, typeof content === "string" ? content : JSON.stringify(content));
function open(settings: { production?: boolean; allowHmac?: boolean } = {}): Callers {
  const callers = openCallers({ callersFile, production: false, allowHmac: false, ...settings });
  opened.push(callers);
  return callers;
}
function problemsOf(content: unknown, settings = {}): string[] {
  write(content);
  try {
    open(settings);
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

test("every kind of key, host and secret is read", () => {
  write({
    WALLET: {
      keys: [{ ...edKey, notBefore: "2026-01-01T00:00:00Z" }, { keyId: "r", signType: "RSA-SHA256", publicKey: RSA, notAfter: "2027-01-01T00:00:00Z" }, hmacKey],
      callbackHosts: ["Wallet.Example.com", { host: "10.1.2.3", allow: ["10.0.0.0/8"] }, "[::1]"],
      webhookSecrets: [HOOK],
    },
    AUTH: {},
  });
  const callers = open();
  expect(callers.get("WALLET")).toEqual({
    code: "WALLET",
    keys: [{ ...edKey, notBefore: Date.UTC(2026, 0) }, { keyId: "r", signType: "RSA-SHA256", publicKey: RSA, notAfter: Date.UTC(2027, 0) }, hmacKey],
    callbackHosts: [{ host: "wallet.example.com", allow: [] }, { host: "10.1.2.3", allow: ["10.0.0.0/8"] }, { host: "[::1]", allow: [] }],
    webhookSecrets: [HOOK],
  });
});

test.each([
  ["WALLET", true],
  ["AUTH", false],
  ["SMS", false],
  ["NOBODY", false],
  ["__proto__", false],
  ["constructor", false],
])("%s is a wallet: %s", (code, expected) => {
  write({ WALLET: {}, AUTH: {}, SMS: {} });
  expect(open().isWallet(code)).toBe(expected);
});

test.each<[string, unknown, string]>([
  ["text that is not JSON", "{", "cannot be read as JSON"],
  ["a list", [], "expected an object of callers"],
  ["a code with a space", { "WAL LET": {} }, "a caller's code"],
  ["a caller that is no object", { WALLET: [] }, "WALLET: expected an object"],
  ["a mistyped member", { WALLET: { key: [edKey] } }, "WALLET: an unknown member"],
  ["keys that are no list", { WALLET: { keys: edKey } }, "WALLET.keys: expected a list"],
  ["a key without id", { WALLET: { keys: [{ ...edKey, keyId: "" }] } }, "WALLET.keys[0].keyId"],
  ["two keys with one id", { WALLET: { keys: [edKey, edKey] } }, "WALLET.keys: the same keyId"],
  ["an unknown sign type", { WALLET: { keys: [{ ...edKey, signType: "MD5" }] } }, "WALLET.keys[0].signType"],
  ["a key that is not PEM", { WALLET: { keys: [{ ...edKey, publicKey: "abc" }] } }, "WALLET.keys[0].publicKey"],
  ["a broken PEM", { WALLET: { keys: [{ ...edKey, publicKey: ED.replace("MCow", "AAAA") }] } }, "WALLET.keys[0].publicKey"],
  ["a private key", { WALLET: { keys: [{ ...edKey, publicKey: pem(ed.privateKey, "pkcs8") }] } }, "WALLET.keys[0].publicKey"],
  ["an RSA key that says ED25519", { WALLET: { keys: [{ ...edKey, publicKey: RSA }] } }, "WALLET.keys[0].publicKey: expected a key for ED25519"],
  ["a weak RSA key", { WALLET: { keys: [{ keyId: "r", signType: "RSA-SHA256", publicKey: WEAK_RSA }] } }, "at least 2048 bits"],
  ["an HMAC key with a public key", { WALLET: { keys: [{ ...hmacKey, publicKey: ED }] } }, "WALLET.keys[0].publicKey"],
  ["a public key with a secret", { WALLET: { keys: [{ ...edKey, secret: SECRET }] } }, "WALLET.keys[0].secret"],
  ["a short secret", { WALLET: { keys: [{ ...hmacKey, secret: "c2hvcnQ=" }] } }, "WALLET.keys[0].secret"],
  ["a bad time", { WALLET: { keys: [{ ...edKey, notAfter: "tomorrow" }] } }, "WALLET.keys[0].notAfter"],
  ["a host with a scheme", { WALLET: { callbackHosts: ["https://a.example"] } }, "WALLET.callbackHosts[0]"],
  ["a host with a port", { WALLET: { callbackHosts: ["a.example:8443"] } }, "WALLET.callbackHosts[0]"],
  ["a host with a path", { WALLET: { callbackHosts: ["a.example/x"] } }, "WALLET.callbackHosts[0]"],
  ["a bad range", { WALLET: { callbackHosts: [{ host: "a.example", allow: ["10.0.0.1"] }] } }, "WALLET.callbackHosts[0].allow[0]"],
  ["a webhook secret without prefix", { WALLET: { webhookSecrets: [SECRET] } }, "WALLET.webhookSecrets[0]"],
  ["three webhook secrets", { WALLET: { webhookSecrets: [HOOK, HOOK, HOOK] } }, "at most two"],
])("%s stops the start and names its place only", (_what, content, expected) => {
  const problems = problemsOf(content);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain("CALLERS_FILE: ");
  expect(problems[0]).toContain(expected);
  expect(problems[0]).not.toContain(SECRET);
});

test("an absent file stops the start", () => expect(() => open()).toThrow("CALLERS_FILE: cannot be read as JSON"));

describe("production", () => {
  test.each<[string, unknown, object, string[]]>([
    ["a wallet without keys", { WALLET: {}, OTHER: { keys: [edKey] } }, {}, ["CALLERS_FILE: WALLET: a wallet without keys is refused in production"]],
    ["an HMAC key of a wallet", { WALLET: { keys: [edKey, hmacKey] } }, {}, ["CALLERS_FILE: WALLET: an HMAC key of a wallet is refused in production unless ALLOW_HMAC is on"]],
    ["an HMAC key with ALLOW_HMAC", { WALLET: { keys: [hmacKey] } }, { allowHmac: true }, []],
    ["reserved systems without keys or with HMAC", { WALLET: { keys: [edKey] }, AUTH: { keys: [hmacKey] }, SMS: {} }, {}, []],
  ])("with %s", (_what, content, settings, expected) => {
    expect(problemsOf(content, { production: true, ...settings })).toEqual(expected);
  });

  test("nothing is generated and the absent file refused", () => {
    expect(() => ensureCallersFile({ callersFile, production: true, allowHmac: false })).toThrow(ConfigProblems);
    expect(existsSync(callersFile)).toBe(false);
  });
});

test("development gets a keyless wallet with a webhook secret, once", () => {
  const settings = { callersFile, production: false, allowHmac: false };
  ensureCallersFile(settings);
  const written = readFileSync(callersFile, "utf8");
  ensureCallersFile(settings);
  expect(readFileSync(callersFile, "utf8")).toBe(written);
  expect(statSync(callersFile).mode & 0o777).toBe(0o600);
  const wallet = open().get("WALLET")!;
  expect(wallet).toMatchObject({ keys: [], callbackHosts: [] });
  expect(wallet.webhookSecrets).toEqual([expect.stringMatching(/^whsec_[A-Za-z0-9+/]{43}=$/)]);
});

describe("a change of the file", () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test("holds within 5 s", () => {
    write({ WALLET: {} });
    const callers = open();
    write({ WALLET: {}, OTHER: {} });
    jest.advanceTimersByTime(5_000);
    expect(callers.isWallet("OTHER")).toBe(true);
  });

  test.each<[string, unknown]>([
    ["broken", "{"],
    ["empty", ""],
    ["with a bad key", { WALLET: { keys: [{}] } }],
  ])("that leaves it %s keeps the old callers and is told once", (_what, content) => {
    write({ WALLET: { webhookSecrets: [HOOK] } });
    const callers = open();
    const told: string[][] = [];
    callers.onBadFile((problems) => told.push(problems));
    write(content);
    jest.advanceTimersByTime(20_000);
    expect(callers.get("WALLET")?.webhookSecrets).toEqual([HOOK]);
    expect(told).toHaveLength(1);
    write({ NEXT: {} });
    jest.advanceTimersByTime(5_000);
    expect([callers.isWallet("NEXT"), callers.isWallet("WALLET")]).toEqual([true, false]);
  });

  test("that production would not start with is not taken", () => {
    write({ WALLET: { keys: [edKey] } });
    const callers = open({ production: true });
    write({ WALLET: {} });
    jest.advanceTimersByTime(5_000);
    expect(callers.get("WALLET")?.keys).toHaveLength(1);
  });
});

describe("callbackUrl", () => {
  const none: Pick<Caller, "callbackHosts"> = { callbackHosts: [] };
  const listed = { callbackHosts: [{ host: "wallet.example.com", allow: [] }, { host: "10.1.2.3", allow: ["10.0.0.0/8"] }, { host: "[::1]", allow: ["::1/128"] }, { host: "192.168.7.7", allow: [] }, { host: "8.8.8.8", allow: [] }, { host: "xn--p8s937b.example", allow: [] }] };
  const development = { production: false };
  const production = { production: true };
  test.each<[string, { production: boolean }, typeof none, string, boolean]>([
    ["a listed host over https", production, listed, "https://wallet.example.com/callback/esign?x=1", true],
    ["the same in capitals and with a port", production, listed, "HTTPS://WALLET.example.COM:8443/", true],
    ["a listed address", production, listed, "https://10.1.2.3/", true],
    ["a listed IPv6 address written out", production, listed, "https://[0:0:0:0:0:0:0:1]/", true],
    ["a listed public address", production, listed, "https://8.8.8.8/", true],
    ["a listed private address without its range, which could never be called", production, listed, "https://192.168.7.7/", false],
    ["a listed address in octal", production, listed, "https://012.1.2.3/", true],
    ["a listed address in IPv6 clothes is another host", production, listed, "https://[::ffff:10.1.2.3]/", false],
    ["a listed host with a trailing dot is another host", production, listed, "https://wallet.example.com./", false],
    ["a listed host in full-width letters", production, listed, "https://ｗallet.example.com/", true],
    ["a listed host in its own script", production, listed, "https://钱包.example/", false],
    ["a back slash that hides another host", production, listed, "https://evil.example\\@wallet.example.com/", false],
    ["a listed host in the path", production, listed, "https://evil.example/wallet.example.com", false],
    ["metadata by name in production", production, listed, "https://metadata.google.internal/", false],
    ["http in production", production, listed, "http://wallet.example.com/", false],
    ["an unlisted host", production, listed, "https://evil.example.com/", false],
    ["a host that only ends alike", production, listed, "https://xwallet.example.com/", false],
    ["a listed host as user name", production, listed, "https://wallet.example.com@evil.example/", false],
    ["any host when production lists none", production, none, "https://wallet.example.com/", false],
    ["any host name in development", development, none, "http://wallet.internal/cb", true],
    ["a loopback address in development", development, none, "http://127.0.0.1:9000/cb", true],
    ["an IPv6 loopback in development", development, none, "http://[::1]:9000/cb", true],
    ["loopback as one number", development, none, "http://2130706433/", true],
    ["another address in development", development, none, "http://10.0.0.1/", false],
    ["the metadata address", development, none, "http://169.254.169.254/latest", false],
    ["the metadata address in hex", development, none, "http://0xa9fea9fe/latest", false],
    ["an IPv4 address in IPv6 clothes", development, none, "http://[::ffff:10.0.0.1]/", false],
    ["loopback in IPv6 clothes", development, none, "http://[::ffff:127.0.0.1]/", true],
    ["a short form of loopback", development, none, "http://127.1/", true],
    ["a private address in octal", development, none, "http://0300.0250.0.1/", false],
    ["a private address as one number", development, none, "http://3232235521/", false],
    ["a private address in full-width digits", development, none, "http://１９２.168.0.1/", false],
    ["a private address with a trailing dot", development, none, "http://10.0.0.1./", false],
    ["a private address translated by NAT64", development, none, "http://[64:ff9b::10.0.0.1]/", false],
    ["a private address in 6to4", development, none, "http://[2002:a00:1::]/", false],
    ["the metadata address of IPv6", development, none, "http://[fd00:ec2::254]/", false],
    ["a shared address", development, none, "http://100.64.0.1/", false],
    ["an address with a zone", development, none, "http://[fe80::1%25eth0]/", false],
    ["all addresses", development, none, "http://0.0.0.0/", false],
    ["an unlisted host where development lists some", development, listed, "http://other.example/", false],
    ["a user name", development, none, "http://user@wallet.example/", false],
    ["a fragment", development, none, "http://wallet.example/#x", false],
    ["an empty fragment", development, none, "http://wallet.example/#", false],
    ["another scheme", development, none, "ftp://wallet.example/", false],
    ["a script", development, none, "javascript:alert(1)", false],
    ["no URL at all", development, none, "wallet", false],
  ])("%s", (_what, settings, caller, url, allowed) => {
    const reason = callbackAllowed(settings, caller, url);
    if (allowed) expect(reason).toBeNull();
    else expect(reason).toMatch(/[\u4e00-\u9fff]/);
  });
});
