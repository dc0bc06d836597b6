import { isoSeconds } from "../../contract/time.ts";
import type { AttemptState } from "../verification-bridge/verification-bridge.api.ts";
import { statusOf } from "./decision.ts";
import type { EffectName, OwedEffect, SigningProcess } from "./signing-process.model.ts";

/** A deadline is handled within seconds; after a minute somebody should look. So should they after a lease has run out that long. */
export const LATE_MS = 60_000;

/** What an effect is, to an operator who does not know its name. */
export const EFFECT_TEXTS: Readonly<Record<EffectName, string>> = {
  wake: "设置到期提醒",
  agree: "固化协议",
  invite: "发送签约短信",
  reinvite: "重发签约短信",
  record: "写入证据",
  markSigned: "登记签署",
  startVerification: "移交身份认证",
  seal: "封签协议",
  announce: "登记结果通知",
};

/** Failed and not done since, or taken by somebody who never came back. The first try of a healthy one is neither. */
export const isStuckEffect = (one: OwedEffect, now: number): boolean =>
  one.lastError !== null || (one.leaseUntil !== null && one.leaseUntil + LATE_MS <= now);

export const owesStuckEffect = (process: SigningProcess, now: number): boolean => process.owed.some((one) => isStuckEffect(one, now));

/** Every state without a deadline has none stored, so a deadline that has passed is of one that has not ended. */
export const isOverdue = (process: SigningProcess, now: number): boolean => process.expiredAt !== null && process.expiredAt.getTime() + LATE_MS <= now;

/** The system has not taken the start yet, and was asked. */
export const isUnstarted = (attempt: AttemptState | null): boolean => attempt?.status === "NOT_STARTED" && attempt.tries > 0;

/**
 * Why a process hangs, as Chinese sentences without personal data; empty when it does not.
 * @param attempt what the bridge knows of its verification; null without one, or when the bridge could not be asked
 * @param now ms
 */
export function reasonsOf(process: SigningProcess, attempt: AttemptState | null, now: number): string[] {
  const reasons = process.owed.filter((one) => isStuckEffect(one, now)).map(effectReason);
  if (isOverdue(process, now)) {
    const cause = process.signedAt ? "可能正在等待认证系统的答复，或认证系统无法访问" : "到期扫描尚未处理";
    reasons.push(`期限 ${isoSeconds(process.expiredAt!)} 已过而流程未结束：${cause}`);
  }
  if (isUnstarted(attempt)) reasons.push(`身份认证尚未发起：认证系统 ${attempt!.tries} 次未受理，${nextTry(attempt!)}`);
  if (attempt?.owesResult) reasons.push(`认证结果已收到，但尚未送达本流程（已失败 ${attempt.tries} 次），${nextTry(attempt)}`);
  if (attempt?.owesStarted) reasons.push(`身份认证已发起，但尚未通知本流程，${nextTry(attempt)}`);
  return reasons;
}

function effectReason(one: OwedEffect): string {
  const what = `${EFFECT_TEXTS[one.name]}（${one.name}）`;
  const last = one.lastError === null ? "" : `，最近的错误 ${one.lastError}`;
  if (one.leaseUntil !== null) return `${what}第 ${one.attempt} 次执行未返回，占用已于 ${isoSeconds(one.leaseUntil)} 到期${last}`;
  return `${what}已失败 ${one.attempt} 次${last}，下次重试 ${isoSeconds(one.dueAt)}`;
}

const nextTry = (attempt: AttemptState): string =>
  attempt.dueAt === null ? "不会再自动重试" : `下次尝试 ${attempt.dueAt}，最迟 ${attempt.giveUpAt}`;

/** What the process is waiting for when nothing is wrong, in Chinese. */
export function waitsFor(process: SigningProcess): string {
  const until = process.expiredAt ? `（截止 ${isoSeconds(process.expiredAt)}）` : "";
  if (process.owed.length) return `平台自身的待办：${process.owed.map((one) => EFFECT_TEXTS[one.name]).join("、")}`;
  switch (statusOf(process)) {
    case "INIT":
      return "发送签约短信";
    case "SMS_SENT":
      return process.openedAt ? `签署人已打开协议，等待签署${until}` : `签署人打开短信链接${until}`;
    case "PROTOCOL_SIGNED":
      return `发起身份认证${until}`;
    case "VERIFICATION_PENDING":
      return process.verification?.status === "NOT_STARTED" ? `认证系统受理${until}` : `身份认证结果${until}`;
    case "VERIFICATION_SUCCESS":
      return "封签协议";
    default:
      return "流程已结束";
  }
}
