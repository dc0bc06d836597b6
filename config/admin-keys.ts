import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "./read.ts";

export interface AdminKey {
  name: string;
  /** Lower-case hex SHA-256 of the bearer token. */
  sha256: string;
}

/**
 * The administrators' keys. In development without ADMIN_KEYS a token is made once and kept in DATA_DIR/keys/admin-token
 * (readable by its owner only); in production none means that the administration is off.
 */
export function ensureAdminKeys(settings: Pick<Config, "adminKeys" | "production" | "dataDir">): AdminKey[] {
  if (settings.adminKeys) return settings.adminKeys;
  if (settings.production) return [];
  const folder = join(settings.dataDir, "keys");
  const path = join(folder, "admin-token");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const token = readFileSync(path, "utf8").trim();
  return [{ name: "development", sha256: createHash("sha256").update(token).digest("hex") }];
}
