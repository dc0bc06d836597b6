import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ERROR_TABLE } from "../../contract/errors.ts";
import { SIGN_TYPES, signRequest, stringToSign, verifyRequest, type SignType } from "../../contract/request-signature.ts";
import { webhookHeaders } from "../../services/notifier/webhook-signature.ts";
import type { Operations } from "../../services/gateway/openapi/operation.ts";
import { publicOperations } from "../../services/gateway/openapi/public.ts";
import { codesOf } from "../../services/gateway/openapi/refusals.ts";
import { walletOperations } from "../../services/gateway/openapi/wallet.ts";

/** docs/api.md and its samples: what is shown is what runs, and what runs gives the vectors. */
jest.setTimeout(90_000);

interface Vectors {
  keys: Record<SignType, { privateKey?: string; publicKey?: string; secret?: string }>;
  requests: { name: string; method: string; target: string; timestamp: string; nonce: string; systemCode: string; businessId: string; body: string; stringToSign: string; signatures: Record<SignType, string> }[];
  webhook: { secret: string; id: string; timestamp: number; body: string; signature: string };
}
const guide = readFileSync("docs/api.md", "utf8");
const vectors = JSON.parse(readFileSync("docs/samples/vectors.json", "utf8")) as Vectors;
const { webhook } = vectors;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "esign-samples-"));
  if (HAS.java) expect(spawnSync("javac", ["-encoding", "UTF-8", "-d", folder, "docs/samples/java/Sign.java", "docs/samples/java/VerifyCallback.java"], { timeout: 60_000 }).status).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true }));

const runs = (command: string, ...args: string[]): boolean => spawnSync(command, args, { timeout: 60_000 }).status === 0;
const HAS = { node: true, python: runs("python3", "--version"), java: runs("javac", "-version"), cryptography: runs("python3", "-c", "import cryptography") };
type Language = "node" | "python" | "java";
const COMMANDS: Record<Language, Record<"sign" | "verify", () => string[]>> = {
  node: { sign: () => [process.execPath, "docs/samples/node/sign.mjs"], verify: () => [process.execPath, "docs/samples/node/verify-callback.mjs"] },
  python: { sign: () => ["python3", "docs/samples/python/sign.py"], verify: () => ["python3", "docs/samples/python/verify_callback.py"] },
  java: { sign: () => ["java", "-Dfile.encoding=UTF-8", "-cp", folder, "Sign"], verify: () => ["java", "-Dfile.encoding=UTF-8", "-cp", folder, "VerifyCallback"] },
};
const run = (command: string[], args: string[]) => spawnSync(command[0]!, [...command.slice(1), ...args], { encoding: "utf8", timeout: 60_000 });
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

/** Why a row cannot run on this machine; null when it can. */
const lacking = (language: Language, signType?: SignType): string | null =>
  !HAS[language] ? `no ${language === "java" ? "JDK" : "python3"} here` : language === "python" && signType !== undefined && signType !== "HMAC-SHA256" && !HAS.cryptography ? "python3 lacks cryptography here" : null;

describe.each(vectors.requests)("the vector $name", (request) => {
  const parts = { ...request, rawBody: request.body };

  test.each(SIGN_TYPES)("is what the platform itself signs and accepts by %s", (signType) => {
    const key = { keyId: "k1", signType, ...vectors.keys[signType] };
    expect([stringToSign(parts), signRequest(key, parts)]).toEqual([request.stringToSign, request.signatures[signType]]);
    expect([verifyRequest(key, parts, request.signatures[signType]), verifyRequest(key, { ...parts, nonce: "x" }, request.signatures[signType])]).toEqual([true, false]);
  });

  for (const language of ["node", "python", "java"] as const) {
    for (const signType of SIGN_TYPES) {
      const lack = lacking(language, signType);
      (lack ? test.skip : test)(`is what the ${language} sample signs by ${signType}${lack ? ` (SKIPPED: ${lack})` : ""}`, () => {
        const { privateKey, secret } = vectors.keys[signType];
        const { method, target, timestamp, nonce, systemCode, businessId, body } = request;
        const args = [signType, file("key", privateKey ?? secret!), method, target, timestamp, nonce, systemCode, businessId, file("body", body)];
        const { stdout, stderr, status } = run(COMMANDS[language].sign(), args);
        expect({ stdout, stderr, status }).toEqual({ stdout: request.signatures[signType], stderr: "", status: 0 });
      });
    }
  }
});

test("the vector of the callback is what the platform sends", () => {
  expect(webhookHeaders(webhook.id, webhook.timestamp, webhook.body, [webhook.secret])["webhook-signature"]).toBe(webhook.signature);
});

const OTHER = webhookHeaders(webhook.id, webhook.timestamp, webhook.body, [`whsec_${Buffer.alloc(32, 9).toString("base64")}`])["webhook-signature"]!;
const CALLBACKS: [string, number, Partial<Record<"id" | "timestamp" | "signatures" | "body" | "now", string>>][] = [
  ["as it was sent", 0, {}],
  ["with the signature of an older secret beside", 0, { signatures: `${OTHER} ${webhook.signature}` }],
  ["signed by somebody else", 1, { signatures: OTHER }],
  ["with another body", 1, { body: webhook.body.replace("COMPLETED", "CANCELLED") }],
  ["with another id", 1, { id: "EVT_SIGN_2" }],
  ["with another time", 1, { timestamp: String(webhook.timestamp + 1) }],
  ["sent more than five minutes ago", 1, { now: String(webhook.timestamp + 301) }],
  ["without a signature", 1, { signatures: "" }],
];
describe.each(["node", "python", "java"] as const)("the %s sample", (language) => {
  const lack = lacking(language);
  (lack ? test.skip : test).each(CALLBACKS)(`judges a callback %s by exit code %s${lack ? ` (SKIPPED: ${lack})` : ""}`, (_what, code, change) => {
    const given = { id: webhook.id, timestamp: String(webhook.timestamp), signatures: webhook.signature, body: webhook.body, now: String(webhook.timestamp + 5), ...change };
    const { status, stderr } = run(COMMANDS[language].verify(), [webhook.secret, given.id, given.timestamp, given.signatures, file("callback", given.body), given.now]);
    expect({ status, stderr }).toEqual({ status: code, stderr: "" });
  });
});

test.each(globSync("docs/samples/*/*"))("docs/api.md shows %s to the letter", (path) => {
  expect(guide).toContain(`\n${readFileSync(path, "utf8")}\`\`\`\n`);
});

test("docs/api.md shows the vectors as they are", () => {
  const [post] = vectors.requests;
  for (const text of [post!.body, post!.stringToSign, ...Object.values(post!.signatures), vectors.keys.ED25519.privateKey!, vectors.keys["HMAC-SHA256"].secret!]) expect(guide).toContain(text);
});

test("docs/api.md says of each code a wallet can be answered with what to do, with its status, and of no other", () => {
  const download: Operations = Object.fromEntries(Object.entries(publicOperations).filter(([where]) => where.includes("/protocol/download/")));
  const answered = new Set(Object.entries({ ...walletOperations, ...download }).flatMap(([where, operation]) => codesOf(where, operation)));
  const rows = Array.from(guide.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (.+) \|$/gm), ([, code, http]) => [code, Number(http)] as const);
  expect(rows.map(([code]) => code).sort()).toEqual([...answered].sort());
  expect(rows.filter(([code, http]) => ERROR_TABLE[code as keyof typeof ERROR_TABLE].http !== http)).toEqual([]);
});
