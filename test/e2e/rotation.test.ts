import { execFile } from "node:child_process";
import { mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { readCallerKeys } from "../../cli/verify/caller-keys.ts";
import { verifyBundle, type Verdict } from "../../cli/verify/verify-bundle.ts";
import { issue, type Issued } from "../unit/evidence/authority.ts";
import { PlatformProcess, until } from "./driver/platform-process.ts";
import { Client, signedBy, type Ask } from "./rotation/client.ts";
import { freshKeys, inFront, pair, webhookSecret } from "./rotation/keys.ts";
import { startOutside, type Outside } from "./rotation/outside.ts";
import { Load, Signing, type Street } from "./rotation/signing.ts";

/**
 * Every key is rotated while whole signings run against the real platform: no good request is refused, and what was issued under the
 * old key keeps working until the old key is taken out (docs/key-rotation.md). The tests are stations of one story, in this order.
 */
jest.setTimeout(300_000);
const run = promisify(execFile);

const wallet = [pair("wallet-1"), pair("wallet-2")] as const;
const auth = [pair("auth-1"), pair("auth-2")] as const;
const sms = [pair("sms-1"), pair("sms-2")] as const;
const own = [pair("esign-1"), pair("esign-2")] as const;
const secrets = [webhookSecret(), webhookSecret()] as const;
const env = [freshKeys("k1"), freshKeys("k2")] as const;
const roots = [issue({ name: "Root 1", ca: true }), issue({ name: "Root 2", ca: true })] as const;
const seals = [issue({ name: "Seal 1", by: roots[0] }), issue({ name: "Seal 2", by: roots[1] })] as const;

/** Has had as many SMS as it may before anything is rotated. */
const BUSY_MOBILE = "13900139000";

let platform: PlatformProcess;
let outside: Outside;
let street: Street;
let load: Load;
/** Issued before anything was rotated, each left at another step. */
const old = {} as { invited: Signing; coded: Signing; signed: Signing; completed: Signing; link: string; bundle: Buffer; neverSigned: Signing; neverVerified: Signing };

const file = (name: string): string => join(platform.dataDir, name);
/** As a careful operator does: never a half file under the final name. */
function put(name: string, text: string): void {
  writeFileSync(file(`${name}.new`), text);
  renameSync(file(`${name}.new`), file(name));
}
const putCallers = (...which: (0 | 1)[]): void =>
  put(
    "callers.json",
    JSON.stringify({
      WALLET: { keys: which.map((at) => wallet[at].listed), webhookSecrets: which.map((at) => secrets[at]) },
      AUTH: { keys: which.map((at) => auth[at].listed) },
      SMS: { keys: which.map((at) => sms[at].listed) },
    }),
  );
const putOutboundKey = (at: 0 | 1): void => put("outbound.json", JSON.stringify(own[at].signing));
function putSeal(at: 0 | 1): void {
  const chain = [seals[at], roots[at]].map(({ certificate }: Issued) => certificate.toString()).join("");
  put("seal-key.pem", seals[at].key.export({ type: "pkcs8", format: "pem" }) as string);
  put("seal-cert.pem", chain);
}

/** Everything of a refusal but its trace id. */
async function refusal(ask: Ask): Promise<string> {
  const { status, bytes } = await street.client.once(ask);
  return `${status} ${bytes.toString().replace(/"traceId":"[^"]*"/, "")}`;
}
/** The mobile's SMS of before are found, whatever key they are under. */
const expectMobileStillCounted = async (): Promise<void> => expect(await refusal(Signing.initiation(street, BUSY_MOBILE)())).toMatch(/^429 .*RATE_LIMITED/);

/** Asks who the platform takes just now, outside of the load: a refusal here is an answer. */
const probe = async (at: 0 | 1): Promise<number> =>
  (await street.client.once(signedBy(wallet[at].signing, "WALLET", { method: "GET", path: `/api/v1/esign/process/${old.completed.processId}` }))).status;

const verified = (bundle: Buffer): Verdict =>
  verifyBundle(bundle, { roots: roots.map(({ certificate }) => certificate), callers: readCallerKeys(file("keys/callers")) });

/** The platform's settings with these keys. */
const settings = (keys: Record<string, string>): Record<string, string> => ({
  ...keys,
  CALLERS_FILE: file("callers.json"),
  OUTBOUND_KEY_FILE: file("outbound.json"),
  SEAL_KEY_FILE: file("seal-key.pem"),
  SEAL_CERT_FILE: file("seal-cert.pem"),
});
async function restart(keys: Record<string, string>): Promise<void> {
  await platform.kill("SIGTERM");
  await platform.start({ env: settings(keys) });
}

beforeAll(async () => {
  outside = await startOutside([own[0]], [secrets[0]]);
  platform = await PlatformProcess.create({
    SANDBOX: "off",
    LOG_LEVEL: "warn",
    SMS_MOBILE_LIMIT: "3/24h",
    SMS_DRIVER: "http",
    SMS_HTTP_URL: `${outside.url}/sms`,
    VERIFICATION_BASE_URL: outside.url,
    CALLBACK_SCHEDULE: "0s,500ms,1s,2s",
  });
  mkdirSync(platform.dataDir, { recursive: true });
  putCallers(0);
  putOutboundKey(0);
  putSeal(0);
  await platform.start({ env: settings(env[0]) });

  let made = 0;
  street = { client: new Client(platform), outside, keys: { wallet: wallet[0], auth: auth[0], sms: sms[0] }, next: () => (made += 1) };
  old.invited = await Signing.initiate(street);
  old.neverSigned = await Signing.initiate(street);
  old.coded = await Signing.initiate(street);
  await old.coded.askForCode();
  for (const name of ["signed", "neverVerified"] as const) {
    old[name] = await Signing.initiate(street);
    await old[name].askForCode();
    await old[name].sign();
  }
  for (let count = 0; count < 3; count += 1) await Signing.initiate(street, BUSY_MOBILE);
  old.completed = await Signing.whole(street);
  old.link = await old.completed.link();
  old.bundle = (await old.completed.bundle()).bytes;
  load = new Load(street, 2);
});
afterAll(async () => {
  await load.stop();
  await platform.dispose();
  await outside.close();
});
/** The one thing that holds at every station. */
afterEach(() => expect({ refused: street.client.refusals, failed: load.failures, complaints: outside.complaints }).toEqual({ refused: [], failed: [], complaints: [] }));

test("keys of wallet, verification system and SMS gateway and the webhook secret change without a restart", async () => {
  const sinceBefore = outside.callbacks.length;
  // The wallet learns of the new secret first: from the moment both are listed it is called back with both signatures.
  outside.trusted.webhookSecrets.push(secrets[1]);
  putCallers(1, 0);
  await until("the new keys are taken", async () => (await probe(1)) === 200);
  expect(await probe(0)).toBe(200);
  street.keys = Object.assign(street.keys, { wallet: wallet[1], auth: auth[1], sms: sms[1] });
  await load.goOn();
  expect(outside.callbacks.slice(sinceBefore).some(({ signatures }) => signatures === 2)).toBe(true);

  outside.trusted.webhookSecrets.splice(0, 1);
  putCallers(1);
  await until("the old keys are refused", async () => (await probe(0)) === 401);
  await load.goOn();
  expect(outside.callbacks.at(-1)!.signatures).toBe(1);
});

test("a broken CALLERS_FILE changes nothing and is an alert", async () => {
  put("callers.json", "{");
  await until("the alert is in the log", async () => platform.log.includes("CALLERS_FILE_INVALID"));
  await load.goOn();
  putCallers(1);
});

test("a new seal counts without a restart, and what the old one sealed still verifies", async () => {
  putSeal(1);
  await until("a new signing is sealed by the new seal", async () => verified((await (await Signing.whole(street)).bundle()).bytes).facts.sealedBy?.subject === "CN=Seal 2");
  expect(verified(old.bundle)).toMatchObject({ ok: true, problems: [], facts: { sealedBy: { subject: "CN=Seal 1" } } });
  // Exported again: the manifest by the new seal, around the PDF that the old one sealed.
  expect(verified((await old.completed.bundle()).bytes)).toMatchObject({ ok: true, problems: [], facts: { sealedBy: { subject: "CN=Seal 2" } } });
});

test("the platform's own keys change by a restart in the middle, and everything issued before goes on working", async () => {
  outside.trusted.platformKeys.push(own[1]);
  putOutboundKey(1);
  await restart(inFront(env[1], env[0]));
  await expectMobileStillCounted();
  expect((await old.completed.download(old.link)).status).toBe(200);
  await old.invited.receipt();
  await old.invited.askForCode();
  await old.invited.sign();
  await old.coded.sign();
  for (const name of ["invited", "coded", "signed"] as const) {
    await old[name].complete();
    expect(verified((await old[name].bundle()).bytes).problems).toEqual([]);
  }
  await load.goOn();
  outside.trusted.platformKeys.splice(0, 1);
  await load.goOn();
  expect(street.client.retried).toBeGreaterThan(0);
});

test("a nonce stays used up across a restart", async () => {
  const ask = old.completed.query();
  expect((await street.client.once(ask)).status).toBe(200);
  await restart(inFront(env[1], env[0]));
  expect((await street.client.once(ask)).status).toBe(401);
  expect((await street.client.once(old.completed.query())).status).toBe(200);
});

test("an encryption key cannot be taken out while data is under it: the start is refused and names it", async () => {
  await platform.kill("SIGTERM");
  await expect(platform.start({ env: settings(env[1]) })).rejects.toThrow("FIELD_ENCRYPTION_KEY: key k1 is missing");
  await platform.start({ env: settings(inFront(env[1], env[0])) });
  await load.goOn();
});

test("all data moves to the new encryption key beside the load", async () => {
  const same = { PATH: process.env["PATH"]!, DATA_DIR: platform.dataDir, SANDBOX: "off", ...settings(inFront(env[1], env[0])) };
  const { stdout } = await run(resolve("node_modules/.bin/node"), [resolve("cli/rekey.ts")], { env: same });
  expect(stdout).toMatch(/可从 FIELD_ENCRYPTION_KEY 中移除：k1/);
  await expectMobileStillCounted();
  expect(stdout).toMatch(/signing_process：共 \d+ 行，改用首个密钥 [1-9]\d* 行/);
  await load.goOn();
});

test("once the old keys are out, what was issued under them is refused, and all data is there", async () => {
  await restart(env[1]);
  const { client } = street;
  // As if they had never been issued: a withdrawn one looks like one that was made up.
  const withdrawn: [string, Ask, Ask][] = [
    ["H5_TOKEN_INVALID", old.neverSigned.page(), { ...old.neverSigned.page(), headers: { authorization: `Bearer ${"A".repeat(43)}` } }],
    ["CALLBACK_TOKEN_INVALID", old.neverVerified.result(), old.neverVerified.result(`k2.${"A".repeat(43)}`)],
    ["LINK_INVALID", { method: "GET", path: old.link }, { method: "GET", path: old.link.replace(/sig=[^&]*/, `sig=${"A".repeat(43)}`) }],
  ];
  for (const [code, ask, madeUp] of withdrawn) {
    const said = await refusal(ask);
    expect(said).toMatch(new RegExp(`^401 .*${code}`));
    expect(await refusal(madeUp)).toBe(said);
  }
  await expectMobileStillCounted();
  for (const name of ["invited", "coded", "signed", "completed"] as const) {
    const { data } = await client.good("the query", () => old[name].query());
    expect(data).toMatchObject({ status: "COMPLETED", requestId: expect.stringMatching(/^ROTATION_/) });
    expect(verified((await old[name].bundle()).bytes).problems).toEqual([]);
  }
  await old.completed.download(await old.completed.link());
  await load.goOn();
});

test("every bundle's request verifies by the key of its time, the old one included", () => {
  const before = verified(old.bundle);
  expect(before.facts.requestedBy?.keyId).toBe("wallet-1");
  expect(before.checks.find(({ title }) => title.startsWith("发起请求"))).toMatchObject({ outcome: "HOLDS" });
  expect(readCallerKeys(file("keys/callers")).map(({ name }) => name.replace(/-[0-9a-f]{16}$/, ""))).toEqual(
    [...wallet, ...auth, ...sms].map(({ listed }, at) => `${["WALLET", "WALLET", "AUTH", "AUTH", "SMS", "SMS"][at]}-${listed.keyId}`).sort(),
  );
});
