import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { developmentSealRoot, ensureSealKey } from "../../../config/development-seal.ts";

let dataDir: string;
const settings = (change = {}) => ({
  production: false,
  dataDir,
  sealKeyFile: join(dataDir, "keys", "seal-key.pem"),
  sealCertFile: join(dataDir, "keys", "seal-cert.pem"),
  ...change,
});
const read = () => {
  const { sealKeyFile, sealCertFile } = settings();
  const chain = readFileSync(sealCertFile, "utf8").match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g)!.map((pem) => new X509Certificate(pem));
  return { key: createPrivateKey(readFileSync(sealKeyFile)), chain, root: new X509Certificate(readFileSync(developmentSealRoot({ dataDir }))) };
};

beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), "esign-keys-"))));
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

test("the first start makes a key, its chain and the root to trust, and only the owner reads the key", async () => {
  await ensureSealKey(settings());
  const { key, chain, root } = read();
  expect(chain[0]!.checkPrivateKey(key)).toBe(true);
  expect(chain[0]!.verify(root.publicKey)).toBe(true);
  expect(chain[0]!.checkIssued(root)).toBe(true);
  expect([chain[0]!.ca, root.ca]).toEqual([false, true]);
  expect(chain[1]!.fingerprint256).toBe(root.fingerprint256);
  expect(statSync(settings().sealKeyFile).mode & 0o777).toBe(0o600);
});

test("another start finds it and changes nothing", async () => {
  await ensureSealKey(settings());
  const before = read().chain.map((one) => one.fingerprint256);
  await ensureSealKey(settings());
  expect(read().chain.map((one) => one.fingerprint256)).toEqual(before);
});

test("of several starts at once one wins and the set fits together", async () => {
  await Promise.all([1, 2, 3].map(() => ensureSealKey(settings())));
  const { key, chain, root } = read();
  expect(chain[0]!.checkPrivateKey(key)).toBe(true);
  expect(chain[1]!.fingerprint256).toBe(root.fingerprint256);
});

test.each(["seal-cert.pem", "seal-root.pem"])("a start that died before %s was written is made good by the next one", async (name) => {
  await ensureSealKey(settings());
  const before = readFileSync(join(dataDir, "keys", name), "utf8");
  rmSync(join(dataDir, "keys", name));
  await ensureSealKey(settings());
  expect(readFileSync(join(dataDir, "keys", name), "utf8")).toBe(before);
});

test.each([
  ["in production", { production: true }],
  ["when a setting names a file", { sealKeyFile: "/nowhere/seal-key.pem" }],
])("nothing is made up %s", async (_, change) => {
  await expect(ensureSealKey(settings(change))).rejects.toThrow(/^SEAL_(?:KEY|CERT)_FILE: the file is not there/);
  expect(existsSync(join(dataDir, "keys"))).toBe(false);
});
