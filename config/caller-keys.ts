import { createHash, createPublicKey, randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Caller } from "./callers-file.ts";

/**
 * Keeps every public key a caller has ever had, so that a request signed years ago can still be checked when its key has long been
 * rotated out of CALLERS_FILE. Written once and never removed; shared secrets are never among them.
 * @param dir `DATA_DIR/keys/callers`; a file is `<SYSTEM>-<keyId>-<16 digits of the key's SHA-256>.pem`
 * @throws when a key cannot be kept: it must then not be accepted either
 */
export function keepCallerKeys(dir: string, callers: Iterable<Caller>): void {
  for (const { code, keys } of callers) {
    for (const { keyId, publicKey } of keys) {
      if (publicKey === undefined) continue;
      const key = createPublicKey(publicKey);
      const sha256 = createHash("sha256").update(key.export({ type: "spki", format: "der" })).digest("hex");
      writeOnce(dir, `${code}-${keyId}-${sha256.slice(0, 16)}.pem`, key.export({ type: "spki", format: "pem" }) as string);
    }
  }
}

/** Whole or not at all: half a file under a final name would stay for ever. */
function writeOnce(dir: string, name: string, text: string): void {
  const path = join(dir, name);
  if (textOf(path) === text) return;
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  // Nodes in containers share the folder, and their pids are the same.
  const draft = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
