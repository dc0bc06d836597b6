import { setTimeout as delay } from "node:timers/promises";
import type { FieldError } from "../contract/errors.ts";
import type { Books } from "./books.ts";
import { NO_ANSWER, refusal, type End } from "./http-exchange.ts";

/** How a stand-in misbehaves (CONTRACT.md §2.6). ACT_THEN_FAIL is the answer lost on the way; SILENT never answers. */
export const MODES = ["OK", "SLOW", "FAIL", "SILENT", "ACT_THEN_FAIL"] as const;
export type Mode = (typeof MODES)[number];
export const SYSTEMS = ["sms", "verification", "wallet"] as const;
export type System = (typeof SYSTEMS)[number];

export interface Fault {
  mode: Mode;
  /** Milliseconds that SLOW waits before it acts. */
  delayMs: number;
  /** Calls it still holds for; null is until it is changed. */
  times: number | null;
}
export type Switches = Readonly<Record<System, Fault>> & {
  /** Whether the SMS gateway sends delivery receipts to `receiptUrl`; it does unless it is told not to. */
  readonly receipts: boolean;
};

const HEALTHY: Fault = { mode: "OK", delayMs: 0, times: null };
export const NO_FAULTS: Switches = { sms: HEALTHY, verification: HEALTHY, wallet: HEALTHY, receipts: true };

const DEFAULT_DELAY_MS = 3000;
const whole = (value: unknown, least: number, most: number): value is number =>
  Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most;

/**
 * The switches after `PUT /sandbox/api/faults`; a system that is not named keeps its own.
 * @returns the new switches, or what is wrong with the body
 */
export function readSwitches(now: Switches, body: Record<string, unknown>): { switches: Switches; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const next: Record<System, Fault> & { receipts: boolean } = { ...now };
  for (const system of SYSTEMS) {
    if (body[system] === undefined) continue;
    const { mode, delayMs = DEFAULT_DELAY_MS, times = null } = (body[system] ?? {}) as Record<string, unknown>;
    if (!MODES.includes(mode as Mode)) errors.push({ field: `${system}.mode`, message: `应为 ${MODES.join("、")} 之一` });
    if (!whole(delayMs, 0, 600_000)) errors.push({ field: `${system}.delayMs`, message: "应为 0 到 600000 的整数（毫秒）" });
    if (times !== null && !whole(times, 1, 1_000_000)) errors.push({ field: `${system}.times`, message: "应为正整数" });
    next[system] = { mode: mode as Mode, delayMs: delayMs as number, times: times as number | null };
  }
  if (body["receipts"] !== undefined) {
    if (typeof body["receipts"] !== "boolean") errors.push({ field: "receipts", message: "应为 true 或 false" });
    next.receipts = body["receipts"] === true;
  }
  return { switches: next, errors };
}

/** The fault that holds for this call; one with `times` is used up by it. */
export function takeFault(books: Books, system: System): Fault {
  const fault = books.switches[system];
  if (fault.times !== null) {
    const left = fault.times - 1;
    books.keepSwitches({ ...books.switches, [system]: left > 0 ? { ...fault, times: left } : HEALTHY });
  }
  return fault;
}

const failed = () => refusal(500, "INTERNAL_ERROR", "沙箱故障开关：模拟系统错误");

/**
 * Puts a system's fault in front of one of its ends.
 * @param closing ends the waits of SLOW when the sandbox stops
 */
export const faulty =
  (books: Books, system: System, closing: AbortSignal, end: End): End =>
  async (call) => {
    const fault = takeFault(books, system);
    switch (fault.mode) {
      case "OK":
        return end(call);
      case "SLOW":
        await delay(fault.delayMs, undefined, { signal: closing, ref: false });
        return end(call);
      case "FAIL":
        return failed();
      case "SILENT":
        return NO_ANSWER;
      case "ACT_THEN_FAIL":
        await end(call);
        return failed();
    }
  };
