import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, linkSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SigningKey } from "../contract/request-signature.ts";
import type { Config } from "./read.ts";

/**
 * In development makes OUTBOUND_KEY_FILE when it is not there: an Ed25519 key, readable by its owner only. Of two that start at
 * once the first wins and both use its key. In production the file is the operator's and nothing is made.
 */
export function ensureOutboundKey(config: Pick<Config, "outboundKeyFile" | "production">): void {
  const file = config.outboundKeyFile;
  if (config.production || existsSync(file)) return;
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync("ed25519");
  const key: SigningKey = {
    keyId: `esign-dev-${randomBytes(4).toString("hex")}`,
    signType: "ED25519",
    privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
  // Written whole under another name first, so that nobody ever reads half a key.
  const draft = `${file}.${randomBytes(6).toString("hex")}`;
  writeFileSync(draft, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600, flag: "wx" });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
}
