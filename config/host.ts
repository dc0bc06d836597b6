import { existsSync } from "node:fs";

/**
 * For a command that starts a platform of its own: what belongs to this machine (where programs, home and temporary files are, which
 * browser to use) and none of the settings of the platform that may be at home here.
 */
export function hostEnvironment(): Record<string, string> {
  if (existsSync(".env")) process.loadEnvFile(".env");
  const names = ["PATH", "HOME", "TMPDIR", "CHROMIUM_PATH"];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}
