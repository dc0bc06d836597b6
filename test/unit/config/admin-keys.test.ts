import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureAdminKeys, type AdminKey } from "../../../config/admin-keys.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "esign-admin-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("given keys are the keys", () => {
  const adminKeys: AdminKey[] = [{ name: "ann", sha256: "a".repeat(64), roles: ["author"] }];
  expect(ensureAdminKeys({ adminKeys, production: true, dataDir })).toEqual(adminKeys);
});

test("production without keys has no administration and makes none", () => {
  expect(ensureAdminKeys({ production: true, dataDir })).toEqual([]);
  expect(existsSync(join(dataDir, "keys"))).toBe(false);
});

test("development makes two tokens with all roles, keeps them to their owner and knows their hashes", () => {
  const keys = ensureAdminKeys({ production: false, dataDir });
  const tokens = ["admin-token", "admin-token-second"].map((file) => {
    const path = join(dataDir, "keys", file);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    return readFileSync(path, "utf8").trim();
  });
  for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
  const of = (token: string) => ({ sha256: createHash("sha256").update(token).digest("hex"), roles: ["author", "approver", "operator", "auditor"] });
  expect(keys).toEqual([{ name: "development", ...of(tokens[0]!) }, { name: "development-second", ...of(tokens[1]!) }]);
  expect(new Set(tokens).size).toBe(2);
  expect(ensureAdminKeys({ production: false, dataDir })).toEqual(keys);
});
