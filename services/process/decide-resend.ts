import { effect, nothing, statusOf, type Decision, type Refusal } from "./decision.ts";
import type { CommandOf } from "./commands.ts";
import type { Resends, SigningProcess } from "./signing-process.model.ts";

/** CONTRACT.md §2: three more invitations at most, a minute apart. */
export const RESENDS_PER_PROCESS = 3;
export const RESEND_PAUSE_MS = 60_000;
/** Longest that sending one takes while all is well: the budget of its effect. */
const SENDING_MS = 12_000;

const NONE: Resends = { sent: 0, lastAt: null, pending: null };
const resendsOf = (process: SigningProcess): Resends => process.resends ?? NONE;

/** The message that a resend would send: the first invitation is number 1. A number that failed to go out is used again. */
export const nextInvitationId = (process: SigningProcess): string => `${process.invitationId}_${resendsOf(process).sent + 2}`;

/** Whether the invitation still helps: afterwards nobody is to be told to go on with what is over. */
export const isAwaited = (process: SigningProcess): boolean =>
  ["SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING"].includes(statusOf(process));

/** Whether this message has gone out; null while that is not known yet. */
export function resendOutcome(process: SigningProcess, messageId: string): boolean | null {
  const { pending } = resendsOf(process);
  if (pending?.messageId === messageId) return null;
  return nextInvitationId(process) !== messageId;
}

/** The wallet asks for the invitation again. What goes out, and under which id, is fixed here. */
export function resend(process: SigningProcess, command: CommandOf<"resend">): Decision {
  const refusal = tooSoon(process, command.at);
  if (refusal) return { effects: [], refusal };
  const messageId = nextInvitationId(process);
  const text = statusOf(process) === "SMS_SENT" ? "INVITATION" : "CONTINUE";
  return {
    process: { ...process, resends: { ...resendsOf(process), pending: { messageId, at: command.at } }, updatedAt: new Date(command.at) },
    effects: [effect(`reinvite:${messageId}`, "reinvite", { messageId, text })],
  };
}

/** It is out, or the gateway would not have it: only what went out counts and starts the pause. */
export function resent(process: SigningProcess, command: CommandOf<"resent">): Decision {
  const resends = resendsOf(process);
  if (resends.pending?.messageId !== command.messageId) return nothing();
  const sent = command.sms?.status === "SENT";
  const next: Resends = { sent: resends.sent + (sent ? 1 : 0), lastAt: sent ? command.at : resends.lastAt, pending: null };
  return { process: { ...process, resends: next }, effects: [] };
}

/** A used-up count does not come back: what ends the waiting is the deadline, after which the wallet starts anew. */
function tooSoon(process: SigningProcess, at: number): Refusal | null {
  const { sent, lastAt, pending } = resendsOf(process);
  if (sent >= RESENDS_PER_PROCESS) return limited(process.expiredAt!.getTime() - at, "签约短信的重发次数已用完，请使用已发送的短信，或者重新发起签约");
  if (pending) {
    const left = pending.at + SENDING_MS + RESEND_PAUSE_MS - at;
    return limited(left > 0 ? left : RESEND_PAUSE_MS, "签约短信正在发送，请勿重复操作");
  }
  const left = (lastAt ?? invitedAt(process)) + RESEND_PAUSE_MS - at;
  return left > 0 ? limited(left, `签约短信已发送，请在 ${Math.ceil(left / 1000)} 秒后再重发`) : null;
}

const limited = (waitMs: number, message: string): Refusal => ({ code: "RATE_LIMITED", retryAfter: Math.max(1, Math.ceil(waitMs / 1000)), message });

/** When the first invitation went out; the history keeps whole seconds. */
function invitedAt(process: SigningProcess): number {
  const entry = process.history.find(({ command }) => command === "invited");
  return Date.parse(entry!.at);
}
