/**
 * Runs the real platform in a process of its own for a test, with things production does not have: a crash point (the process kills
 * itself where CRASH_AT says), the same for a running one (`{arm}` by IPC), and a clock the parent can move (`{clockOffsetMs}`).
 */
import type { Middleware } from "moleculer";
import { clock } from "../../../mixins/clock.ts";
import { startPlatform } from "../../../platform.ts";
import type { OwedEffect, SigningProcess } from "../../../services/process/signing-process.model.ts";

/**
 * Where the process is to end or stand still: `before`, `after` or `struck` and an effect's name, or `before` or `after` and an action's.
 * Disarmed by being reached, and by null.
 */
export interface Arm {
  point: string;
  how: "SIGKILL" | "SIGSTOP";
  /** So long behind the point, to meet it in the middle of what follows. */
  afterMs: number;
}

const crashAt = process.env["CRASH_AT"];
let armed: Arm | null = null;

function trip(point: string): void {
  if (armed?.point !== point) return;
  const { how, afterMs } = armed;
  armed = null;
  const strike = (): void => {
    process.send?.({ struck: point });
    process.kill(process.pid, how);
  };
  if (afterMs > 0) setTimeout(strike, afterMs);
  else strike();
}

/** An answer's key without its random id, a code's without the process: the same name in every run. */
const named = (key: string): string => key.replace(/^record:VERIFICATION_ANSWER:[^:]+/, "record:VERIFICATION_ANSWER").replace(/:(CODE|ESIGN_PROC)_.*$/, (_, kind) => (kind === "CODE" ? ":CODE" : ""));

function reach(moment: string, key: string): void {
  // An effect's key begins with its name.
  trip(`${moment} ${key.split(":")[0]}`);
  const point = `${moment} ${named(key)}`;
  if (point === crashAt) process.kill(process.pid, "SIGKILL");
  // Points are only listed when no crash is planned, so that a test can find them all.
  if (!crashAt) process.send?.({ point });
}

type AnyMethod = (...args: unknown[]) => Promise<unknown>;

const crashPoints: Middleware = {
  name: "CrashPoints",
  /** Around every action: when its call has come, and when its work is done and not answered. */
  localAction(next: AnyMethod, action: { name: string }) {
    return async (...args: unknown[]) => {
      trip(`before ${action.name}`);
      const answer = await next(...args);
      trip(`after ${action.name}`);
      return answer;
    };
  },
  /** Around every effect: before it, after it but before its strike-off, and after the strike-off. */
  localMethod(next: AnyMethod, method: { name: string; service: { name: string } }) {
    if (method.service.name !== "process") return next;
    if (method.name === "performEffect") {
      return async (process: SigningProcess, owed: OwedEffect) => {
        reach("before", owed.key);
        const outcome = await next(process, owed);
        reach("after", owed.key);
        return outcome;
      };
    }
    if (method.name === "strikeOff") {
      return async (id: string, strikes: { key: string }[], ...rest: unknown[]) => {
        const stored = await next(id, strikes, ...rest);
        for (const strike of strikes) reach("struck", strike.key);
        return stored;
      };
    }
    return next;
  },
} as unknown as Middleware;

let offset = 0;
clock.useHost(() => Date.now() + offset);
process.on("message", (message: { clockOffsetMs?: number; arm?: Arm | null }) => {
  if (message.arm !== undefined) {
    armed = message.arm;
    process.send?.({ armed: armed?.point ?? null });
  }
  if (message.clockOffsetMs === undefined) return;
  offset = message.clockOffsetMs;
  process.send?.({ clockOffsetMs: offset });
});

// Whoever started it is gone, however that came: a platform without its test is nobody's.
process.once("disconnect", () => process.kill(process.pid, "SIGKILL"));
const platform = await startPlatform({ middlewares: [crashPoints] });
process.on("SIGTERM", () => void platform.stop().then(() => process.exit(0)));
process.send?.({ ready: true });
