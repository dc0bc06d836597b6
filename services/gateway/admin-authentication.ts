import { createHash, timingSafeEqual } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Logger } from "moleculer";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { AdminKey } from "../../config/admin-keys.ts";
import { failure } from "../../contract/errors.ts";
import type { AdminRole } from "../../contract/operator.ts";

/** Wrong tokens an address may show in a minute; then nothing from it is looked at until the minute is over. */
const WRONG_TOKENS = 10;
const WINDOW_SECONDS = 60;

/** Who administers. */
export interface Administrator {
  /** The key's. */
  name: string;
  roles: readonly AdminRole[];
}
/** Proves who administers, or refuses. */
export type AdminAuthentication = (authorization: string | undefined, address: string) => Promise<Administrator>;

/**
 * Makes the check of admin tokens (CONTRACT.md §2.5). Every refusal is the same 401: no header, no bearer, an unknown token. All keys
 * are compared each time, by hash and in constant time.
 * @throws ADMIN_UNAUTHORIZED; RATE_LIMITED for an address that guesses
 */
export function adminAuthentication(keys: readonly AdminKey[], logger: Logger): AdminAuthentication {
  const wrong = new RateLimiterMemory({ points: WRONG_TOKENS, duration: WINDOW_SECONDS });
  return async (authorization, address) => {
    const source = sourceOf(address);
    const seen = await wrong.get(source);
    if (seen && seen.consumedPoints >= WRONG_TOKENS) throw failure("RATE_LIMITED", { retryAfter: Math.ceil(seen.msBeforeNext / 1000) });
    const token = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? "")?.[1] ?? "";
    const key = keyOf(keys, token);
    if (key) return { name: key.name, roles: key.roles };
    const counted = await wrong.consume(source).catch((over: RateLimiterRes) => over);
    const alert = counted.consumedPoints >= WRONG_TOKENS ? "ADMIN_TOKEN_GUESSED" : "ADMIN_UNAUTHORIZED";
    logger.warn("a call of the administration without a good token was refused", { alert, address });
    throw failure("ADMIN_UNAUTHORIZED");
  };
}

function keyOf(keys: readonly AdminKey[], token: string): AdminKey | null {
  const given = createHash("sha256").update(token).digest();
  let found: AdminKey | null = null;
  for (const key of keys) if (timingSafeEqual(given, Buffer.from(key.sha256, "hex"))) found ??= key;
  return token === "" ? null : found;
}

/** Whoever has an IPv6 address has its /64. */
function sourceOf(address: string): string {
  if (!address.includes(":") || !ipaddr.isValid(address)) return address;
  return ipaddr.parse(address).toNormalizedString().split(":").slice(0, 4).join(":");
}
