import { randomBytes } from "node:crypto";
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { clock } from "../mixins/clock.ts";
import { issueDevelopmentSeal } from "./development-certificates.ts";
import { ConfigProblems, type Config } from "./read.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n/g;

/** Where the trust anchor of the development seal lies: what `npm run verify` trusts unless told otherwise. */
export const developmentSealRoot = (config: Pick<Config, "dataDir">): string => join(config.dataDir, "keys", "seal-root.pem");

/**
 * In development makes a sealing key with its chain under DATA_DIR/keys, if there is none: `seal-key.pem` (0600),
 * `seal-cert.pem` (leaf first, with root) and `seal-root.pem`. To be called before the broker starts. Any number of callers at once,
 * and a death in the middle, leave one matching set: the key file holds the certificates too, comes into being by one link(2),
 * and the other files are copies made from it.
 * @throws ConfigProblems when key or certificate were named by a setting and are not there
 */
export async function ensureSealKey(config: Pick<Config, "production" | "dataDir" | "sealKeyFile" | "sealCertFile">): Promise<void> {
  const { sealKeyFile, sealCertFile } = config;
  // No service of this node needs them.
  if (sealKeyFile === "" && sealCertFile === "") return;
  if (existsSync(sealKeyFile) && existsSync(sealCertFile) && (config.production || existsSync(developmentSealRoot(config)))) return;
  const ours = [sealKeyFile, sealCertFile].every((file) => dirname(file) === join(config.dataDir, "keys"));
  if (config.production || !ours) {
    const missing = Object.entries({ SEAL_KEY_FILE: sealKeyFile, SEAL_CERT_FILE: sealCertFile }).filter(([, file]) => !existsSync(file));
    if (missing.length === 0) return;
    throw new ConfigProblems(missing.map(([name]) => `${name}: the file is not there`));
  }
  mkdirSync(dirname(sealKeyFile), { recursive: true, mode: 0o700 });
  if (!existsSync(sealKeyFile)) {
    const seal = await issueDevelopmentSeal(clock.now());
    writeOnce(sealKeyFile, seal.key + seal.certificate + seal.root);
  }
  const chain = readFileSync(sealKeyFile, "utf8").match(CERTIFICATE) ?? [];
  if (chain.length === 0) throw new Error("the sealing certificate is missing beside its key in DATA_DIR/keys");
  replace(sealCertFile, chain.join(""));
  replace(developmentSealRoot(config), chain.at(-1)!);
}

/** The first to link wins; everybody reads the winner's. */
function writeOnce(path: string, text: string): void {
  const draft = writeDraft(path, text, 0o600);
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replace(path: string, text: string): void {
  renameSync(writeDraft(path, text, 0o644), path);
}

function writeDraft(path: string, text: string, mode: number): string {
  const draft = `${path}.${process.pid}-${randomBytes(6).toString("hex")}`;
  const file = openSync(draft, "wx", mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return draft;
}
