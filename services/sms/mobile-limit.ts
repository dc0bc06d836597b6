import { failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import type { ReserveParams } from "./sms.api.ts";
import type { SmsService } from "./sms.service.ts";

/** A message that has not been composed by then will not be; while this process lives, its place is kept so long. */
const RESERVED_FOR_MS = 10 * 60_000;

/** Messages that have been allowed and are not recorded yet, by `messageId`; oldest first. */
export class Reservations {
  readonly #all = new Map<string, { mobile: string; at: number }>();

  take(messageId: string, mobile: string, at: number): void {
    for (const [id, { at: taken }] of this.#all) {
      if (taken > at - RESERVED_FOR_MS) break;
      this.#all.delete(id);
    }
    this.#all.delete(messageId);
    this.#all.set(messageId, { mobile, at });
  }

  drop(messageId: string): void {
    this.#all.delete(messageId);
  }

  /** When each message to this mobile was allowed (ms), by its id. */
  of(mobile: string, now: number): [string, number][] {
    return [...this.#all].filter(([, one]) => one.mobile === mobile && one.at > now - RESERVED_FOR_MS).map(([id, { at }]) => [id, at]);
  }
}

/**
 * Keeps a place for one more message to this mobile (SMS_MOBILE_LIMIT), over all processes and restarts: what counts are the stored
 * messages, but for those that certainly failed, and the places kept. One node never gives out more than there are; several may
 * overshoot by what they allow in the same moment. The same message again needs no second place.
 * @throws RATE_LIMITED with the seconds until the oldest of them no longer counts
 */
export async function reserve(sms: SmsService, { messageId, mobile }: ReserveParams): Promise<void> {
  const rate = sms.inForce.value("smsMobileLimit", sms.settings.mobileLimit);
  if (!rate) return;
  await sms.reserving.run(mobile, async () => {
    const now = clock.now();
    const stored = await sms.collections.records.find({ mobile, lastTriedAt: { $gt: new Date(now - rate.perMs) } });
    const counted = new Map<string, number>(stored.filter(({ status }) => status !== "FAILED").map((record) => [record._id, record.lastTriedAt!.getTime()]));
    for (const [id, at] of sms.reservations.of(mobile, now)) counted.set(id, Math.max(at, counted.get(id) ?? 0));
    counted.delete(messageId);
    const times = [...counted.values()].sort((a, b) => a - b);
    if (times.length >= rate.count) {
      const wait = times[times.length - rate.count]! + rate.perMs - now;
      throw failure("RATE_LIMITED", { retryAfter: Math.max(1, Math.ceil(wait / 1000)), message: "该手机号接收的短信已达上限，请稍后再试" });
    }
    sms.reservations.take(messageId, mobile, now);
  });
}
