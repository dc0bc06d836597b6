import type { Config } from "../../config/index.ts";
import type { RateLimit } from "../../mixins/rate-limit.ts";

/** How long the place of a message may take to be found. */
const RESERVE_MS = 2_000;

export interface Limiter {
  config: Pick<Config, "smsMobileLimit">;
  /** WALLET_RATE, by system code. */
  walletRate: RateLimit;
  call<T>(action: string, params: unknown, timeoutMs: number): Promise<T>;
}

/**
 * SMS_MOBILE_LIMIT for a message that is about to be caused; its owner counts.
 * @returns gives the place back, for who is refused after all
 * @throws RATE_LIMITED
 */
export async function reserveSms(on: Limiter, messageId: string, mobile: string): Promise<() => Promise<void>> {
  if (!on.config.smsMobileLimit) return async () => undefined;
  await on.call("sms.reserve", { messageId, mobile }, RESERVE_MS);
  // A place that cannot be given back now is free by itself in a while; what is thrown meanwhile must not be hidden by it.
  return () => on.call<void>("sms.release", { messageId }, RESERVE_MS).catch(() => undefined);
}
