import { createHash, createPublicKey } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A public key that is believed to be a caller's, for a reason outside the bundle. */
export interface CallerKey {
  /** The file's name without `.pem`: `<SYSTEM>-<keyId>`, optionally with `-` and digits of the key's SHA-256 behind it. */
  name: string;
  /** Lower-case hex SHA-256 of the key's SPKI (DER). */
  sha256: string;
}

/**
 * The callers' keys of a folder, one PEM public key a file. An absent folder holds none.
 * @throws when a file is no public key: a key that is passed over in silence would let a good bundle look forged
 */
export function readCallerKeys(folder: string): CallerKey[] {
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".pem")).sort();
  return files.map((file) => {
    const spki = createPublicKey(readFileSync(join(folder, file), "utf8")).export({ type: "spki", format: "der" });
    return { name: file.slice(0, -".pem".length), sha256: createHash("sha256").update(spki).digest("hex") };
  });
}

/** True when the key is among those of this system under this id. */
export const isKeyOf = (keys: readonly CallerKey[], systemCode: string, keyId: string, sha256: string): boolean =>
  keys.some((key) => key.sha256 === sha256 && [key.name, key.name.replace(/-[0-9a-f]{8,64}$/, "")].includes(`${systemCode}-${keyId}`));
