import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { MEMBER } from "../../services/evidence/bundle-format.ts";
import { writeZip } from "../../services/evidence/bundle-zip.ts";
import { issue, root, seal } from "../unit/evidence/authority.ts";
import { chainOf, honestBundle, madeKey, membersOf, retold, sealedPdf, story, walletKey } from "../unit/evidence/sample.ts";

const command = resolve(__dirname, "../../cli/verify.ts");
let folder: string;
const path = (name: string) => join(folder, name);
const put = (name: string, content: string | Uint8Array) => {
  mkdirSync(resolve(path(name), ".."), { recursive: true });
  writeFileSync(path(name), content);
};

/** Runs the command as a person would, in a folder without any settings of the platform. */
function verify(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], { cwd: folder, encoding: "utf8", env: { PATH: process.env["PATH"], DATA_DIR: path("data") }, timeout: 60_000 });
  return { status, stdout, stderr };
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "esign-verify-"));
  const pdf = await sealedPdf();
  const bundle = await honestBundle(story(pdf), pdf);
  put("good.zip", bundle);
  put("early.zip", retold(bundle, chainOf(story(pdf).slice(0, 10))));
  put("forked.zip", retold(bundle, chainOf([...story(pdf).slice(0, 10), { type: "INCIDENT", at: "2026-11-24T08:22:00Z", data: {} }])));
  put("changed.zip", writeZip(membersOf(bundle).set(MEMBER.readme, Buffer.from("other"))));
  put("data/keys/seal-root.pem", root.certificate.toString());
  put("trust/root.pem", root.certificate.toString());
  put("trust/notes.txt", "not a certificate");
  const walletPem = `-----BEGIN PUBLIC KEY-----\n${walletKey.spki}\n-----END PUBLIC KEY-----\n`;
  const otherPem = `-----BEGIN PUBLIC KEY-----\n${madeKey("ed25519").spki}\n-----END PUBLIC KEY-----\n`;
  for (const [folder, pem] of [["known", walletPem], ["unknown", otherPem], ["unreadable", "no key"]] as const) {
    put(`${folder}/root.pem`, root.certificate.toString());
    put(`${folder}/callers/WALLET-w1.pem`, pem);
  }
  put("leaf/seal.pem", seal.certificate.toString());
  put("stranger/root.crt", issue({ name: "Test Seal Root", ca: true }).certificate.toString());
  put("broken/root.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
});
afterAll(() => rmSync(folder, { recursive: true }));

test.each<[string, string[], number, string]>([
  ["a good bundle by the platform's own root", ["good.zip"], 0, "结论：成立"],
  ["a good bundle by a given root", ["--trust", "trust", "good.zip"], 0, "✓ 清单签名成立"],
  ["a request signed by a caller's key that is trusted", ["--trust", "known", "good.zip"], 0, "✓ 发起请求由业务系统签名"],
  ["a request whose caller's key nobody has handed over", ["--trust", "trust", "good.zip"], 0, "未提供业务系统的公钥"],
  ["a request signed by a key that is not among the caller's", ["--trust", "unknown", "good.zip"], 1, "REQUEST_KEY_UNKNOWN evidence.json#1"],
  ["a bundle and an earlier one of the same process", ["good.zip", "early.zip"], 0, "结论：成立"],
  ["a changed bundle", ["changed.zip"], 1, "MEMBER_HASH README.txt"],
  ["a changed bundle among good ones", ["good.zip", "changed.zip"], 1, "首个问题：MEMBER_HASH README.txt"],
  ["two bundles that hold but tell two stories", ["good.zip", "forked.zip"], 1, "FORK evidence.json#11"],
  ["a good bundle by a stranger's root", ["--trust", "stranger", "good.zip"], 1, "CERT_UNTRUSTED certs/seal.pem"],
  ["a good bundle by a folder that holds no root", ["--trust", "leaf", "good.zip"], 1, "TRUST_MISSING certs/seal.pem"],
  ["something that is no bundle", ["trust/root.pem"], 1, "ZIP_UNREADABLE zip"],
])("%s", (_title, args, status, words) => {
  const result = verify(...args);
  expect(result.stdout).toContain(words);
  expect(result).toMatchObject({ status, stderr: "" });
});

test.each<[string, string[], string]>([
  ["without a bundle it says how it is called", [], "用法"],
  ["an unknown option is not passed over", ["--trsut", "trust", "good.zip"], "用法"],
  ["a bundle that is not there is named", ["good.zip", "none.zip"], "none.zip"],
  ["a folder of roots that is not there stops it", ["--trust", "nowhere", "good.zip"], "信任根无法读取"],
  ["a caller's key that cannot be read stops it", ["--trust", "unreadable", "good.zip"], "信任根无法读取"],
  ["a root that cannot be read stops it", ["--trust", "broken", "good.zip"], "信任根无法读取"],
])("%s", (_title, args, words) => {
  const { status, stderr } = verify(...args);
  expect(stderr).toContain(words);
  expect(status).toBe(2);
});

test("it leaves DATA_DIR as it was", () => {
  verify("good.zip");
  expect(readdirSync(path("data"), { recursive: true }).sort()).toEqual(["keys", "keys/seal-root.pem"]);
});
