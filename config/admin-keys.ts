import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ADMIN_ROLES } from "../contract/operator.ts";
import type { AdminKey } from "./parsers.ts";
import type { Config } from "./read.ts";

export type { AdminKey } from "./parsers.ts";

/** What development makes: two, with all roles, since nobody approves what they have written themselves. */
const DEVELOPMENT = [
  { name: "development", file: "admin-token" },
  { name: "development-second", file: "admin-token-second" },
];

/**
 * The administrators' keys. In development without ADMIN_KEYS two tokens are made once and kept in DATA_DIR/keys/admin-token and
 * admin-token-second (readable by their owner only); in production none means that the administration is off.
 */
export function ensureAdminKeys(settings: Pick<Config, "adminKeys" | "production" | "dataDir">): AdminKey[] {
  if (settings.adminKeys) return settings.adminKeys;
  if (settings.production) return [];
  const folder = join(settings.dataDir, "keys");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return DEVELOPMENT.map(({ name, file }) => ({ name, sha256: hashOfToken(join(folder, file)), roles: [...ADMIN_ROLES] }));
}

/** The hash of the token in the file, which is made on first use. */
function hashOfToken(path: string): string {
  try {
    writeFileSync(path, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
  const token = readFileSync(path, "utf8").trim();
  return createHash("sha256").update(token).digest("hex");
}
