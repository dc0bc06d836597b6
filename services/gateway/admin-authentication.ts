import { createHash, timingSafeEqual } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Logger } from "moleculer";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { AdminKey } from "../../config/admin-keys.ts";
import { failure } from "../../contract/errors.ts";

/** Wrong tokens an address may show in a minute; then nothing from it is looked at until the minute is over. */
const WRONG_TOKENS = 10;
const WINDOW_SECONDS = 60;

/** Proves who administers: the name of the key, or a refusal. */
export type AdminAuthentication = (authorization: string | undefined, address: string) => Promise<string>;

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
    const name = nameOf(keys, token);
    if (name !== null) return name;
    const counted = await wrong.consume(source).catch((over: RateLimiterRes) => over);
    const alert = counted.consumedPoints >= WRONG_TOKENS ? "ADMIN_TOKEN_GUESSED" : "ADMIN_UNAUTHORIZED";
    logger.warn("a call of the administration without a good token was refused", { alert, address });
    throw failure("ADMIN_UNAUTHORIZED");
  };
}

function nameOf(keys: readonly AdminKey[], token: string): string | null {
  const given = createHash("sha256").update(token).digest();
  let name: string | null = null;
  for (const key of keys) if (timingSafeEqual(given, Buffer.from(key.sha256, "hex"))) name ??= key.name;
  return token === "" ? null : name;
}

/** Whoever has an IPv6 address has its /64. */
function sourceOf(address: string): string {
  if (!address.includes(":") || !ipaddr.isValid(address)) return address;
  return ipaddr.parse(address).toNormalizedString().split(":").slice(0, 4).join(":");
}
