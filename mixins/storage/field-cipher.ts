import { createCipheriv, createDecipheriv, createHmac, createSecretKey, hkdfSync, randomBytes, type KeyObject } from "node:crypto";
import type { RotatingKey } from "../../config/parsers.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Where a personal value stands. It is authenticated with the value: a token copied elsewhere does not decrypt. */
export interface Place {
  collection: string;
  id: string;
  field: string;
}

/** Encrypts personal fields at rest and makes them findable by equality. */
export interface FieldCipher {
  /** @returns `v1.<kid>.<base64url of IV, ciphertext, tag>` under the first key */
  encrypt(text: string, place: Place): string;
  /** @throws Error naming collection, field and key id when the key is unknown or the token is not of this place */
  decrypt(token: string, place: Place): string;
  /** Whether a token is under the key that encrypts now. */
  isCurrent(token: string): boolean;
  /** Keyed hash under the first key, for storing. */
  blindIndex(text: string, place: Omit<Place, "id">): string;
  /** Keyed hashes under every live key, for looking up what was stored before a rotation. */
  blindIndexes(text: string, place: Omit<Place, "id">): string[];
}

/** The id of the key a token is under; null for what is no token. */
export const kidOf = (token: string): string | null => /^v1\.([^.]+)\.[^.]+$/.exec(token)?.[1] ?? null;

/** Tells one key from another under the same id, and nothing else of either. */
export const keyFingerprint = ({ key }: RotatingKey): string => Buffer.from(hkdfSync("sha256", key, "", "esign/key-check/v1", 16)).toString("hex");

/** Two keys of one setting: a leak of the index key must not open the values. */
interface Pair {
  kid: string;
  encryption: KeyObject;
  index: KeyObject;
}

/**
 * AES-256-GCM on node:crypto. Random IVs keep one key good for 2^32 values; rotate before that.
 * @param keys FIELD_ENCRYPTION_KEY: the first encrypts, all decrypt
 */
export function createFieldCipher(keys: readonly RotatingKey[]): FieldCipher {
  const pairs = new Map(keys.map(({ kid, key }) => [kid, derive(kid, key)]));
  const first = pairs.values().next().value;
  if (first === undefined) throw new Error("field encryption needs a key");
  return {
    encrypt(text, place) {
      const iv = freshIv();
      const cipher = createCipheriv("aes-256-gcm", first.encryption, iv);
      cipher.setAAD(associatedData(first.kid, place));
      const body = cipher.update(text, "utf8");
      cipher.final();
      return `v1.${first.kid}.${Buffer.concat([iv, body, cipher.getAuthTag()]).toString("base64url")}`;
    },
    decrypt(token, place) {
      const [version, kid = "", payload = "", ...more] = token.split(".");
      if (version !== "v1" || more.length > 0) throw new Error(`${where(place)} does not hold an encrypted value`);
      const pair = pairs.get(kid);
      if (!pair) throw new Error(`${where(place)} is encrypted with key ${kid}, which FIELD_ENCRYPTION_KEY does not have`);
      const bytes = Buffer.from(payload, "base64url");
      try {
        const decipher = createDecipheriv("aes-256-gcm", pair.encryption, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
        decipher.setAAD(associatedData(kid, place));
        decipher.setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
        const text = decipher.update(bytes.subarray(IV_BYTES, bytes.length - TAG_BYTES));
        decipher.final();
        return text.toString("utf8");
      } catch {
        throw new Error(`${where(place)} cannot be decrypted with key ${kid}: changed, or not written for this place`);
      }
    },
    isCurrent: (token) => token.startsWith(`v1.${first.kid}.`),
    blindIndex: (text, place) => blind(first, text, place),
    blindIndexes: (text, place) => Array.from(pairs.values(), (pair) => blind(pair, text, place)),
  };
}

function derive(kid: string, key: Buffer): Pair {
  const part = (purpose: string): KeyObject => createSecretKey(Buffer.from(hkdfSync("sha256", key, "", `esign/${purpose}/v1`, 32)));
  return { kid, encryption: part("field-encryption"), index: part("blind-index") };
}

/** Each random byte is used once; asking for many at a time saves most of the price. */
const pool = { bytes: Buffer.alloc(0), used: 0 };
function freshIv(): Buffer {
  if (pool.used === pool.bytes.length) Object.assign(pool, { bytes: randomBytes(IV_BYTES * 256), used: 0 });
  return pool.bytes.subarray(pool.used, (pool.used += IV_BYTES));
}

/** JSON keeps the parts apart whatever is in them. */
const associatedData = (kid: string, { collection, id, field }: Place): Buffer =>
  Buffer.from(JSON.stringify(["v1", kid, collection, id, field]));

const blind = ({ kid, index }: Pair, text: string, { collection, field }: Omit<Place, "id">): string =>
  `${kid}.${createHmac("sha256", index).update(JSON.stringify([collection, field, text])).digest("base64url")}`;

const where = ({ collection, field }: Place): string => `${collection}.${field}`;
