import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureAdminKeys } from "../../../config/admin-keys.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "esign-admin-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("given keys are the keys", () => {
  const adminKeys = [{ name: "ann", sha256: "a".repeat(64) }];
  expect(ensureAdminKeys({ adminKeys, production: true, dataDir })).toEqual(adminKeys);
});

test("production without keys has no administration and makes none", () => {
  expect(ensureAdminKeys({ production: true, dataDir })).toEqual([]);
  expect(existsSync(join(dataDir, "keys"))).toBe(false);
});

test("development makes one token, keeps it to its owner and knows its hash", () => {
  const keys = ensureAdminKeys({ production: false, dataDir });
  const path = join(dataDir, "keys", "admin-token");
  const token = readFileSync(path, "utf8").trim();
  expect(Buffer.from(token, "base64url")).toHaveLength(32);
  expect(keys).toEqual([{ name: "development", sha256: createHash("sha256").update(token).digest("hex") }]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(ensureAdminKeys({ production: false, dataDir })).toEqual(keys);
});
