import { existsSync } from "node:fs";
import { resolve } from "node:path";

/**
 * DATA_DIR alone, for commands that must work beside a running or misconfigured platform: nothing else is read, checked,
 * generated or locked.
 */
export function dataDirOnly(): string {
  if (existsSync(".env")) process.loadEnvFile(".env");
  return resolve(process.env["DATA_DIR"]?.trim() || "./data");
}
