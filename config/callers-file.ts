import { createPublicKey, type KeyObject } from "node:crypto";
import ipaddr from "ipaddr.js";
import { SIGN_TYPES, type SigningKey, type SignType } from "../contract/request-signature.ts";

/** A key of a caller, live between the two times (milliseconds since the epoch; absent means always). */
export interface CallerKey extends SigningKey {
  notBefore?: number;
  notAfter?: number;
}
/** A host that may be called back, with the otherwise forbidden address ranges it may resolve to. */
export interface CallbackHost {
  host: string;
  allow: string[];
}
/** One entry of CALLERS_FILE (CONTRACT.md §2.3). */
export interface Caller {
  code: string;
  keys: CallerKey[];
  callbackHosts: CallbackHost[];
  /** `whsec_…`, newest first, at most two. */
  webhookSecrets: string[];
}

/** Systems that are no wallets: the verification system and the SMS gateway. */
export const RESERVED_CALLERS: readonly string[] = ["AUTH", "SMS"];

const CODE = /^[A-Za-z0-9_-]{1,64}$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
const LEAST_SECRET_BYTES = 16;
const LEAST_RSA_BITS = 2048;

type Report = (where: string, what: string) => void;

/**
 * Reads CALLERS_FILE strictly: an unknown member is as wrong as a bad one, since a mistyped `keys` would let a caller in unsigned.
 * @returns the callers by code, and one line per problem; a line names the place and never holds a value of the file
 */
export function parseCallers(text: string): { callers: Map<string, Caller>; problems: string[] } {
  const problems: string[] = [];
  const callers = new Map<string, Caller>();
  const report: Report = (where, what) => problems.push(`CALLERS_FILE: ${where}: ${what}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return { callers, problems: ["CALLERS_FILE: cannot be read as JSON"] };
  }
  if (!isObject(parsed)) return { callers, problems: ["CALLERS_FILE: expected an object of callers"] };
  for (const [code, entry] of Object.entries(parsed)) {
    if (CODE.test(code)) callers.set(code, readCaller(code, entry, report));
    else report("a caller's code", "expected 1 to 64 letters, digits, _ or -");
  }
  return { callers, problems };
}

function readCaller(code: string, entry: unknown, report: Report): Caller {
  const members = membersOf(entry, ["keys", "callbackHosts", "webhookSecrets"], code, report);
  const keys = listOf(members["keys"], `${code}.keys`, report).map((key, at) => readKey(key, `${code}.keys[${at}]`, report));
  if (new Set(keys.map((key) => key.keyId)).size !== keys.length) report(`${code}.keys`, "the same keyId stands twice");
  const webhookSecrets = listOf(members["webhookSecrets"], `${code}.webhookSecrets`, report).filter((secret, at): secret is string => {
    const good = typeof secret === "string" && secret.startsWith("whsec_") && isSecret(secret.slice("whsec_".length));
    if (!good) report(`${code}.webhookSecrets[${at}]`, `expected whsec_ and base64 of at least ${LEAST_SECRET_BYTES} bytes`);
    return good;
  });
  if (webhookSecrets.length > 2) report(`${code}.webhookSecrets`, "at most two, newest first");
  const callbackHosts = listOf(members["callbackHosts"], `${code}.callbackHosts`, report).map((host, at) =>
    readHost(host, `${code}.callbackHosts[${at}]`, report),
  );
  return { code, keys, callbackHosts, webhookSecrets };
}

function readKey(entry: unknown, where: string, report: Report): CallerKey {
  const members = membersOf(entry, ["keyId", "signType", "publicKey", "secret", "notBefore", "notAfter"], where, report);
  const { keyId, signType, publicKey, secret } = members;
  const key: CallerKey = { keyId: "", signType: "ED25519" };
  if (typeof keyId === "string" && /^[A-Za-z0-9_.-]{1,64}$/.test(keyId)) key.keyId = keyId;
  else report(`${where}.keyId`, "expected 1 to 64 letters, digits, _ . or -");
  for (const bound of ["notBefore", "notAfter"] as const) {
    if (members[bound] === undefined) continue;
    const at = typeof members[bound] === "string" ? Date.parse(members[bound]) : NaN;
    if (Number.isNaN(at)) report(`${where}.${bound}`, "expected an ISO 8601 time");
    else key[bound] = at;
  }
  if (!SIGN_TYPES.includes(signType as SignType)) {
    report(`${where}.signType`, `expected one of ${SIGN_TYPES.join(", ")}`);
    return key;
  }
  key.signType = signType as SignType;
  if (key.signType === "HMAC-SHA256") {
    if (publicKey !== undefined) report(`${where}.publicKey`, "an HMAC key has a secret only");
    if (typeof secret === "string" && isSecret(secret)) key.secret = secret;
    else report(`${where}.secret`, `expected base64 of at least ${LEAST_SECRET_BYTES} bytes`);
    return key;
  }
  if (secret !== undefined) report(`${where}.secret`, "a public key type has a publicKey only");
  const problem = publicKeyProblem(publicKey, key.signType);
  if (problem) report(`${where}.publicKey`, problem);
  else key.publicKey = publicKey as string;
  return key;
}

function publicKeyProblem(pem: unknown, signType: SignType): string | null {
  // createPublicKey also accepts a private key, which has no business in this file.
  if (typeof pem !== "string" || !/^-----BEGIN (RSA )?PUBLIC KEY-----/.test(pem.trim())) return "expected a PEM public key";
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch {
    return "expected a PEM public key";
  }
  const wanted = signType === "ED25519" ? "ed25519" : "rsa";
  if (key.asymmetricKeyType !== wanted) return `expected a key for ${signType}`;
  const bits = key.asymmetricKeyDetails?.modulusLength ?? LEAST_RSA_BITS;
  return bits < LEAST_RSA_BITS ? `expected at least ${LEAST_RSA_BITS} bits` : null;
}

function readHost(entry: unknown, where: string, report: Report): CallbackHost {
  const members = typeof entry === "string" ? { host: entry } : membersOf(entry, ["host", "allow"], where, report);
  const host = typeof members["host"] === "string" ? hostName(members["host"]) : null;
  if (host === null) report(where, "expected a host name without scheme, port and path");
  const allow = listOf(members["allow"], `${where}.allow`, report).filter((range, at): range is string => {
    const good = typeof range === "string" && ipaddr.isValidCIDR(range);
    if (!good) report(`${where}.allow[${at}]`, "expected a CIDR such as 10.0.0.0/8");
    return good;
  });
  return { host: host ?? "", allow };
}

/** The host as a URL would show it, so that both are compared in one spelling; null for anything that is not just a host. */
function hostName(text: string): string | null {
  const url = URL.parse(`https://${text}/`);
  return url && url.href === `https://${url.hostname}/` && !/[/?#@]/.test(text) && !/:\d*$/.test(text.replace(/^\[.*\]$/, "")) ? url.hostname : null;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const isSecret = (text: string): boolean => BASE64.test(text) && Buffer.from(text, "base64").length >= LEAST_SECRET_BYTES;

function membersOf(entry: unknown, known: string[], where: string, report: Report): Record<string, unknown> {
  if (!isObject(entry)) {
    report(where, "expected an object");
    return {};
  }
  if (Object.keys(entry).some((name) => !known.includes(name))) report(where, `an unknown member; known are ${known.join(", ")}`);
  return entry;
}

function listOf(value: unknown, where: string, report: Report): unknown[] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  report(where, "expected a list");
  return [];
}
