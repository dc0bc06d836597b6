import { createHash, createHmac, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify, type KeyObject } from "node:crypto";

/** What a signed call covers (CONTRACT.md §2.3). Absent headers are empty strings. */
export interface SignedParts {
  method: string;
  /** Path and query exactly as sent. */
  target: string;
  /** Unix seconds, as sent. */
  timestamp: string;
  nonce: string;
  systemCode: string;
  businessId: string;
  rawBody: Uint8Array | string;
}

export const SIGN_TYPES = ["HMAC-SHA256", "ED25519", "RSA-SHA256"] as const;
export type SignType = (typeof SIGN_TYPES)[number];

/** A key of a caller or of the platform itself: PEM for the public key types, base64 for the shared secret. */
export interface SigningKey {
  keyId: string;
  signType: SignType;
  publicKey?: string;
  privateKey?: string;
  secret?: string;
}

/** The bytes that are signed (CONTRACT.md §2.3). */
export function stringToSign(parts: SignedParts): string {
  const bodyHash = createHash("sha256").update(parts.rawBody).digest("hex");
  return (
    [parts.method, parts.target, parts.timestamp, parts.nonce, parts.systemCode, parts.businessId, bodyHash].join("\n") + "\n"
  );
}

const digestOf = (signType: SignType): string | null => (signType === "ED25519" ? null : "sha256");

/** @returns base64 signature over `stringToSign(parts)` */
export function signRequest(key: SigningKey, parts: SignedParts): string {
  const bytes = Buffer.from(stringToSign(parts));
  if (key.signType === "HMAC-SHA256") return hmac(key, bytes).toString("base64");
  return sign(digestOf(key.signType), bytes, parsed(key, "privateKey")).toString("base64");
}

/** True when `signature` (base64) is that of the key over the parts. Never throws for a bad signature. */
export function verifyRequest(key: SigningKey, parts: SignedParts, signature: string): boolean {
  const bytes = Buffer.from(stringToSign(parts));
  const given = Buffer.from(signature, "base64");
  if (key.signType === "HMAC-SHA256") {
    const expected = hmac(key, bytes);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
  return verify(digestOf(key.signType), bytes, parsed(key, "publicKey"), given);
}

/** How many bytes every signature of the key has. */
export function signatureLength(key: SigningKey): number {
  if (key.signType === "HMAC-SHA256") return 32;
  if (key.signType === "ED25519") return 64;
  return Math.ceil(parsed(key, "publicKey").asymmetricKeyDetails!.modulusLength! / 8);
}

/** The half of a key that anyone may have, and by which anyone can check what it signed. */
export interface PublicHalf {
  /** Base64 of the key's SubjectPublicKeyInfo (DER). */
  spki: string;
  /** Lower-case hex SHA-256 of those bytes. */
  sha256: string;
}

/** Null for a shared secret, which proves nothing to an outsider. */
export function publicHalf(key: SigningKey): PublicHalf | null {
  if (key.signType === "HMAC-SHA256") return null;
  const known = publicHalves.get(parsed(key, "publicKey"));
  if (known) return known;
  const der = parsed(key, "publicKey").export({ type: "spki", format: "der" });
  const half = { spki: der.toString("base64"), sha256: createHash("sha256").update(der).digest("hex") };
  publicHalves.set(parsed(key, "publicKey"), half);
  return half;
}
const publicHalves = new WeakMap<KeyObject, PublicHalf>();

/** Reading a PEM costs more than signing with it. By the text, since a key that is rotated under the same object is another key. */
const keyObjects = new WeakMap<SigningKey, { pem: string; object: KeyObject }>();

function parsed(key: SigningKey, half: "privateKey" | "publicKey"): KeyObject {
  const pem = key[half]!;
  const known = keyObjects.get(key);
  if (known?.pem === pem) return known.object;
  const object = half === "privateKey" ? createPrivateKey(pem) : createPublicKey(pem);
  keyObjects.set(key, { pem, object });
  return object;
}

const hmac = (key: SigningKey, bytes: Buffer): Buffer =>
  createHmac("sha256", Buffer.from(key.secret!, "base64")).update(bytes).digest();
