import { createHash, timingSafeEqual } from "node:crypto";
import ipaddr from "ipaddr.js";
import type { Logger } from "moleculer";
import { RateLimiterMemory, type RateLimiterRes } from "rate-limiter-flexible";
import type { AdminKey } from "../../config/admin-keys.ts";
import { failure } from "../../contract/errors.ts";
import type { AdminRole } from "../../contract/operator.ts";
import type { AdminSession } from "./admin-session.model.ts";
import { isSessionToken, type AdminSessions } from "./admin-sessions.ts";

/** Wrong tokens an address may show in a minute; then nothing from it is looked at until the minute is over. */
const WRONG_TOKENS = 10;
/**
 * The same for what looks like a session's token: nobody can guess one, and every page that is left open shows one that has ended, so
 * these neither keep an address from the keys nor from good sessions of others behind it; only the looking up is bounded.
 */
const ENDED_SESSIONS = 120;
const WINDOW_SECONDS = 60;

/** Who administers. */
export interface Administrator {
  /** The key's. */
  name: string;
  roles: readonly AdminRole[];
  key: AdminKey;
  /** Null for one who shows the key itself. */
  session: AdminSession | null;
}
/** Proves who administers, or refuses. */
export type AdminAuthentication = (authorization: string | undefined, address: string) => Promise<Administrator>;

/**
 * Makes the check of admin tokens and of sessions (CONTRACT.md §2.5). Every refusal is the same 401: no header, no bearer, an unknown
 * token, a session that has ended. All keys are compared each time, by hash and in constant time.
 * @throws ADMIN_UNAUTHORIZED; RATE_LIMITED for an address that guesses
 */
export function adminAuthentication(keys: readonly AdminKey[], sessions: AdminSessions, logger: Logger): AdminAuthentication {
  const wrongKeys = limitOf(WRONG_TOKENS);
  const wrongSessions = limitOf(ENDED_SESSIONS);
  const found = async (token: string): Promise<Administrator | null> => {
    const open = isSessionToken(token) ? await sessions.use(token) : null;
    const key = open?.key ?? keyOf(keys, token);
    return key && { name: key.name, roles: key.roles, key, session: open?.session ?? null };
  };
  return async (authorization, address) => {
    const source = sourceOf(address);
    const token = /^Bearer ([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? "")?.[1] ?? "";
    const wrong = isSessionToken(token) ? wrongSessions : wrongKeys;
    await wrong.check(source);
    const administrator = await found(token);
    if (administrator) return administrator;
    const over = await wrong.count(source);
    if (over) logger.warn("a call of the administration without a good token was refused", { alert: "ADMIN_TOKEN_GUESSED", address });
    else if (wrong === wrongSessions) logger.info("a session of the administration has ended", { address });
    else logger.warn("a call of the administration without a good token was refused", { alert: "ADMIN_UNAUTHORIZED", address });
    throw failure("ADMIN_UNAUTHORIZED");
  };
}

interface WrongTokens {
  /** @throws RATE_LIMITED for an address that has shown too many */
  check(source: string): Promise<void>;
  /** Whether this was the last one that is looked at. */
  count(source: string): Promise<boolean>;
}

function limitOf(points: number): WrongTokens {
  const wrong = new RateLimiterMemory({ points, duration: WINDOW_SECONDS });
  return {
    async check(source) {
      const seen = await wrong.get(source);
      if (seen && seen.consumedPoints >= points) throw failure("RATE_LIMITED", { retryAfter: Math.ceil(seen.msBeforeNext / 1000) });
    },
    async count(source) {
      const counted = await wrong.consume(source).catch((over: RateLimiterRes) => over);
      return counted.consumedPoints >= points;
    },
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
