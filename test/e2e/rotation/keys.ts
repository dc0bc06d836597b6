import { generateKeyPairSync, randomBytes } from "node:crypto";
import type { SigningKey } from "../../../contract/request-signature.ts";

/** A key pair of a caller or of the platform itself. */
export interface Pair {
  /** As CALLERS_FILE lists it. */
  listed: { keyId: string; signType: "ED25519"; publicKey: string };
  signing: SigningKey;
}
export function pair(keyId: string): Pair {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return {
    listed: { keyId, signType: "ED25519", publicKey: publicKey.export({ type: "spki", format: "pem" }) as string },
    signing: { keyId, signType: "ED25519", privateKey: privateKey.export({ type: "pkcs8", format: "pem" }) as string },
  };
}

export const webhookSecret = (): string => `whsec_${randomBytes(32).toString("base64")}`;

export const ROTATING = ["H5_TOKEN_SECRET", "CALLBACK_TOKEN_SECRET", "DOWNLOAD_SECRET", "FIELD_ENCRYPTION_KEY"] as const;

/** Each key setting of the platform with one fresh key, under this kid. */
export const freshKeys = (kid: string): Record<(typeof ROTATING)[number], string> =>
  Object.fromEntries(ROTATING.map((name) => [name, `${kid}:${randomBytes(32).toString("base64")}`])) as Record<(typeof ROTATING)[number], string>;

/** New keys put in front of the old ones. */
export const inFront = (fresh: ReturnType<typeof freshKeys>, old: ReturnType<typeof freshKeys>): ReturnType<typeof freshKeys> =>
  Object.fromEntries(ROTATING.map((name) => [name, `${fresh[name]},${old[name]}`])) as ReturnType<typeof freshKeys>;
