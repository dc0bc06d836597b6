/**
 * `npm run bench:refusals [-- --requests N]`: how long a refusal takes by its reason, on a platform in production. All 401s of one route
 * are to be alike in time (docs/benchmarks.md); the reasons take turns, so that whatever else the machine does falls on all of them.
 */
import { createHmac, generateKeyPairSync, randomBytes, randomInt } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Client } from "undici";
import { ensureOutboundKey } from "../config/development-outbound.ts";
import { ensureSealKey } from "../config/development-seal.ts";
import { readConfig } from "../config/read.ts";
import { signRequest, type SigningKey } from "../contract/request-signature.ts";
import { callbackToken } from "../mixins/callback-token.ts";
import { mintLink } from "../services/protocol/download-link.ts";
import { Platform } from "./platform.ts";

const { values: options } = parseArgs({ options: { requests: { type: "string", default: "2000" } } });
const requests = Number(options.requests);
if (!(requests >= 1)) throw new Error("--requests expects a positive number");

interface Shot {
  method: "GET" | "POST";
  path: string;
  headers: Record<string, string>;
  body?: string;
}
type Reasons = Record<string, () => Shot>;

const folder = mkdtempSync(join(tmpdir(), "esign-refusals-"));
const key = (kid: string): string => `${kid}:${randomBytes(32).toString("base64")}`;
const secrets = { H5_TOKEN_SECRET: key("k1"), CALLBACK_TOKEN_SECRET: key("k1"), DOWNLOAD_SECRET: key("k1"), FIELD_ENCRYPTION_KEY: key("k1") };

function pair(keyId: string, type: "ed25519" | "rsa"): { listed: object; signing: SigningKey } {
  const { publicKey, privateKey } = type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const signType = type === "rsa" ? ("RSA-SHA256" as const) : ("ED25519" as const);
  return {
    listed: { keyId, signType, publicKey: publicKey.export({ type: "spki", format: "pem" }) },
    signing: { keyId, signType, privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string },
  };
}
const ed = pair("ed", "ed25519");
const rsa = pair("rsa", "rsa");
const expired = pair("old", "ed25519");
const stranger = pair("ed", "ed25519");
const strangerRsa = pair("rsa", "rsa");
const nobody = pair("nobody", "ed25519").signing;
const nobodyRsa = pair("nobody", "rsa").signing;

/** Files and settings without which production does not start. */
async function production(): Promise<Record<string, string>> {
  mkdirSync(join(folder, "keys"));
  const development = readConfig({ DATA_DIR: folder });
  ensureOutboundKey(development);
  await ensureSealKey(development);
  const callersFile = join(folder, "callers.json");
  writeFileSync(callersFile, JSON.stringify({ WALLET: { keys: [ed.listed, rsa.listed, { ...expired.listed, notAfter: "2020-01-01T00:00:00Z" }] } }));
  const { outboundKeyFile, sealKeyFile, sealCertFile } = development;
  return {
    ...secrets,
    NODE_ENV: "production",
    SANDBOX: "off",
    HOST: "127.0.0.1",
    LOG_LEVEL: "fatal",
    H5_RATE: "off",
    SMS_DRIVER: "http",
    SMS_HTTP_URL: "https://sms.invalid/",
    VERIFICATION_BASE_URL: "https://verification.invalid",
    CALLERS_FILE: callersFile,
    OUTBOUND_KEY_FILE: outboundKeyFile,
    SEAL_KEY_FILE: sealKeyFile,
    SEAL_CERT_FILE: sealCertFile,
  };
}

function signed(by: SigningKey, over: Record<string, string> = {}, ageSeconds = 0, nonce = randomBytes(12).toString("hex")): Shot {
  const path = "/api/v1/esign/process/initiate";
  const body = JSON.stringify({ requestId: "R", filling: "x".repeat(1000) });
  const parts = { method: "POST", target: path, timestamp: String(Math.floor(Date.now() / 1000) - ageSeconds), nonce, systemCode: "WALLET", businessId: "B", rawBody: body };
  const headers = {
    "content-type": "application/json",
    "x-system-code": "WALLET",
    "x-business-id": "B",
    "x-timestamp": parts.timestamp,
    "x-nonce": nonce,
    "x-key-id": by.keyId,
    "x-sign-type": by.signType,
    "x-signature": signRequest(by, parts),
    ...over,
  };
  return { method: "POST", path, headers, body };
}

const without = (shot: Shot, ...names: string[]): Shot => ({ ...shot, headers: Object.fromEntries(Object.entries(shot.headers).filter(([name]) => !names.includes(name))) });
const REPLAYED = randomBytes(12).toString("hex");
const SIGNATURE: Reasons = {
  "a bad signature": () => signed(stranger.signing),
  "an unknown key": () => signed(nobody),
  "a type that is not the key's": () => ({ ...signed(ed.signing, { "x-sign-type": "NONE" }) }),
  "a stale timestamp": () => signed(ed.signing, {}, 400),
  "a replayed nonce": () => signed(ed.signing, {}, 0, REPLAYED),
  "an expired key": () => signed(expired.signing),
  "an unknown system": () => signed(stranger.signing, { "x-system-code": "NOBODY" }),
  "a malformed nonce": () => signed(stranger.signing, { "x-nonce": "short" }),
  "no signature at all": () => without(signed(stranger.signing), "x-timestamp", "x-nonce", "x-key-id", "x-sign-type", "x-signature"),
};
const SIGNATURE_RSA: Reasons = {
  "a bad signature": () => signed(strangerRsa.signing),
  "an unknown key": () => signed(nobodyRsa),
  "a stale timestamp": () => signed(rsa.signing, {}, 400),
  "a signature of the wrong length": () => signed(rsa.signing, { "x-signature": "A".repeat(64) }),
  "an unknown system": () => signed(strangerRsa.signing, { "x-system-code": "NOBODY" }),
};

const ring = (text: string) => [{ kid: text.split(":")[0]!, key: Buffer.from(text.slice(text.indexOf(":") + 1), "base64") }];
const bearer = (token: string): Shot => ({ method: "GET", path: "/h5/api/process", headers: { authorization: `Bearer ${token}` } });
const H5: Reasons = {
  "an unknown token": () => bearer(randomBytes(32).toString("base64url")),
  "a token of the wrong length": () => bearer("short"),
  "no token": () => ({ ...bearer(""), headers: {} }),
};
const linkOf = (minutes: number): URL => new URL(mintLink("http://x", "PROTO_20261124NONE", ring(secrets.DOWNLOAD_SECRET), Date.now() + minutes * 60_000));
const download = (url: URL): Shot => ({ method: "GET", path: url.pathname + url.search, headers: {} });
const changed = (url: URL, name: string, value: string | null): URL => (value === null ? url.searchParams.delete(name) : url.searchParams.set(name, value), url);
const LINK: Reasons = {
  "a wrong signature": () => download(changed(linkOf(5), "sig", createHmac("sha256", "x").update(randomBytes(8)).digest("base64url"))),
  "an unknown kid": () => download(changed(linkOf(5), "kid", "k9")),
  "too late": () => download(linkOf(-5)),
  "no signature": () => download(changed(linkOf(5), "sig", null)),
};
const callback = (headers: Record<string, string>): Shot => ({
  method: "POST",
  path: "/api/internal/esign/callback/verification",
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ processId: "ESIGN_PROC_20261124NONE", verificationId: "V", status: "SUCCESS", verifiedAt: "2026-11-24T00:00:00Z" }),
});
const goodToken = callbackToken(ring(secrets.CALLBACK_TOKEN_SECRET), "verification-callback", "ESIGN_PROC_20261124NONE");
const CALLBACK: Reasons = {
  "a wrong token": () => callback({ "x-callback-token": `k1.${randomBytes(32).toString("base64url")}` }),
  "an unknown kid": () => callback({ "x-callback-token": `k9.${randomBytes(32).toString("base64url")}` }),
  "the right token of an unknown process": () => callback({ "x-callback-token": goodToken }),
  "no token": () => callback({}),
};

/** Every reason once a round on one connection, each round in another order, after a warm-up. */
async function measure(client: Client, reasons: Reasons): Promise<Map<string, number[]>> {
  const times = new Map(Object.keys(reasons).map((reason): [string, number[]] => [reason, []]));
  for (let round = -200; round < requests; round += 1) {
    for (const [reason, shot] of shuffled(Object.entries(reasons))) {
      const { method, path, headers, body } = shot();
      const begun = performance.now();
      const answer = await client.request({ method, path, headers, ...(body === undefined ? {} : { body }) });
      await answer.body.dump();
      if (answer.statusCode !== 401) throw new Error(`${path}: ${reason} was answered with ${answer.statusCode}`);
      if (round >= 0) times.get(reason)!.push(performance.now() - begun);
    }
  }
  return times;
}

/** Whoever always comes after the same one inherits its garbage. */
function shuffled<T>(list: T[]): T[] {
  for (let left = list.length; left > 1; left -= 1) {
    const other = randomInt(left);
    [list[left - 1], list[other]] = [list[other]!, list[left - 1]!];
  }
  return list;
}

function print(title: string, times: Map<string, number[]>): void {
  console.log(`\n${title}`.padEnd(47) + "p50 µs".padStart(10) + "p90 µs".padStart(10) + "from first".padStart(12));
  let first: number | undefined;
  for (const [reason, all] of times) {
    const sorted = all.sort((a, b) => a - b);
    const p50 = sorted[Math.floor(sorted.length / 2)]! * 1000;
    first ??= p50;
    const off = `${p50 >= first ? "+" : ""}${(((p50 - first) / first) * 100).toFixed(1)} %`;
    console.log(`  ${reason.padEnd(44)}${p50.toFixed(0).padStart(10)}${(sorted[Math.floor(sorted.length * 0.9)]! * 1000).toFixed(0).padStart(10)}${off.padStart(12)}`);
  }
}

try {
  const platform = await Platform.start(await production());
  const client = new Client(platform.url, { pipelining: 1 });
  try {
    // Verified, and so used up, although its content is refused.
    const { method, path, headers, body } = signed(ed.signing, {}, 0, REPLAYED);
    const once = await client.request({ method, path, headers, body: body! });
    await once.body.dump();
    if (once.statusCode !== 400) throw new Error(`the signed request was answered with ${once.statusCode}`);
    print("SIGNATURE_INVALID, claiming ED25519", await measure(client, SIGNATURE));
    print("SIGNATURE_INVALID, claiming RSA-SHA256", await measure(client, SIGNATURE_RSA));
    print("H5_TOKEN_INVALID", await measure(client, H5));
    print("LINK_INVALID", await measure(client, LINK));
    print("CALLBACK_TOKEN_INVALID", await measure(client, CALLBACK));
  } finally {
    await client.close();
    await platform.stop();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
