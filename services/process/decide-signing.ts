import { deadline, effect, ended, evidence, moved, nothing, record, refuse, type Decision } from "./decision.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { FieldError } from "../../contract/errors.ts";
import type { CommandOf } from "./commands.ts";
import { attemptOf } from "./decide-verification.ts";
import type { SignCode, SigningProcess } from "./signing-process.model.ts";

/** A code is good for 5 minutes and 5 tries; a process has 5 codes, a minute apart (CONTRACT.md §2.4). */
export const CODE_LIFE_MS = 5 * 60_000;
export const CODE_TRIES = 5;
export const CODES_PER_PROCESS = 5;
export const CODE_PAUSE_MS = 60_000;

/** §4.1.1 steps 5-6: the invitation is out, or will never be. */
export function invited(process: SigningProcess, command: CommandOf<"invited">): Decision {
  if (command.sms.status === "FAILED") return ended(process, "FAILED", "SMS_SEND_FAILED", command.at, "invited");
  return { process: moved(process, "SMS_SENT", command.at, "invited"), effects: [] };
}

/** The agreement is on the signer's screen: starts the reading clock, once. */
export function open(process: SigningProcess, command: CommandOf<"open">): Decision {
  if (command.protocolHash !== process.agreement.protocolHash) return refuse("PROTOCOL_CHANGED");
  if (process.openedAt) return nothing();
  return {
    process: { ...process, openedAt: new Date(command.at), updatedAt: new Date(command.at) },
    effects: [
      record(
        evidence("LINK_OPENED", "LINK_OPENED", command.at, { ...command.origin, tokenSha256: process.h5PageToken }),
        evidence("READING", "READING", command.at, { protocolHash: command.protocolHash, displayedAt: isoSeconds(command.at) }),
      ),
    ],
  };
}

/**
 * Whether a (further) code may be sent now; asked before the SMS goes out, so a failing gateway changes nothing.
 * @returns a refusal, or null when it may
 */
export function codeRefusal(process: SigningProcess, at: number): Decision["refusal"] | null {
  const code = process.signCode;
  if (!code) return null;
  const wait = Math.ceil((code.sentAt + CODE_PAUSE_MS - at) / 1000);
  if (wait > 0) return { code: "RATE_LIMITED", retryAfter: wait, message: `验证码已发送，请在 ${wait} 秒后再获取` };
  if (code.sent >= CODES_PER_PROCESS) {
    return { code: "RATE_LIMITED", retryAfter: 3600, message: "本次签约的验证码获取次数已用完，请联系发起方重新发起签约" };
  }
  return null;
}

/** A code reached the phone: a newer one voids the older; one recorded already leaves nothing to do. */
export function codeSent(process: SigningProcess, command: CommandOf<"codeSent">, current: boolean): Decision {
  const { sms, n, kid, at } = command;
  if (n <= (process.signCode?.sent ?? 0)) return nothing();
  const code: SignCode = { sent: n, kid, messageId: sms.messageId, sentAt: at, tries: 0 };
  return {
    process: current ? { ...process, signCode: code, updatedAt: new Date(at) } : process,
    effects: [record(evidence("SMS_RECORD", `SMS_RECORD:${sms.messageId}`, at, { ...smsFacts(process, sms), kind: "SIGN_CODE" }))],
  };
}

/** What the chain keeps of an SMS: everything but the link's token and the code's digits. */
export const smsFacts = (process: SigningProcess, sms: CommandOf<"invited">["sms"]): Record<string, unknown> => ({
  messageId: sms.messageId,
  mobile: process.payeeContactMobile,
  templateCode: sms.templateCode,
  content: sms.contentForEvidence,
  contentSha256: sms.contentSha256,
  status: sms.status,
  smsId: sms.smsId,
  attempts: sms.attempts,
  failure: sms.failure,
});

/** The signature, judged in the order of CONTRACT.md §2.4: state (by the table), hash, reading, code. */
export function sign(process: SigningProcess, command: CommandOf<"sign">): Decision {
  if (command.protocolHash !== process.agreement.protocolHash) return refuse("PROTOCOL_CHANGED");
  const missing = unread(process, command);
  if (missing.length) return refuse("READING_INCOMPLETE", { errors: missing });
  if (command.codeRequired) {
    const wrong = judgeCode(process, command);
    if (wrong) return wrong;
  }
  return signed(process, command);
}

function unread(process: SigningProcess, command: CommandOf<"sign">): FieldError[] {
  const missing: FieldError[] = [];
  const readFor = process.openedAt ? command.at - process.openedAt.getTime() : -1;
  if (readFor < 0) missing.push({ field: "protocolHash", message: "请先打开并阅读协议" });
  else if (readFor < command.readMs) missing.push({ field: "readSeconds", message: `请至少阅读 ${Math.ceil(command.readMs / 1000)} 秒` });
  if (!command.scrolledToEnd) missing.push({ field: "scrolledToEnd", message: "请阅读至协议末尾" });
  if (!command.consent) missing.push({ field: "consent", message: "请勾选同意协议" });
  const wanted = new Set(process.agreement.keyClauseIds);
  const given = new Set(command.keyClauses);
  if (wanted.difference(given).size || given.difference(wanted).size) missing.push({ field: "keyClauses", message: "请逐项确认重点条款" });
  return missing;
}

function judgeCode(process: SigningProcess, command: CommandOf<"sign">): Decision | null {
  const code = process.signCode;
  if (!code) return refuse("SMS_CODE_INVALID", { message: "请先获取短信验证码" });
  if (command.at >= code.sentAt + CODE_LIFE_MS) return refuse("SMS_CODE_INVALID", { message: "验证码已过期，请重新获取" });
  if (code.tries >= CODE_TRIES) return refuse("SMS_CODE_INVALID", { message: "验证码错误次数过多，请重新获取", data: { remainingAttempts: 0 } });
  if (command.codeMatches === null) return refuse("SMS_CODE_INVALID", { message: "请输入短信验证码" });
  if (command.codeMatches) return null;
  const tries = code.tries + 1;
  const remainingAttempts = CODE_TRIES - tries;
  const message = remainingAttempts ? `验证码不正确，还可尝试 ${remainingAttempts} 次` : "验证码错误次数过多，请重新获取";
  return {
    process: { ...process, signCode: { ...code, tries }, updatedAt: new Date(command.at) },
    effects: [],
    refusal: { code: "SMS_CODE_INVALID", message, data: { remainingAttempts } },
  };
}

function signed(process: SigningProcess, command: CommandOf<"sign">): Decision {
  const { at, origin } = command;
  const readMs = at - process.openedAt!.getTime();
  const smsCode = { required: command.codeRequired, messageId: command.codeRequired ? process.signCode!.messageId : null };
  const attempt = 1;
  const signature = { ip: origin.ip, userAgent: origin.userAgent, keyClauses: process.agreement.keyClauseIds, readMs, smsCode };
  const item = evidence("SIGNATURE", "SIGNATURE", at, {
    protocolHash: command.protocolHash,
    signedAt: isoSeconds(at),
    readSeconds: Math.floor(readMs / 1000),
    scrolledToEnd: command.scrolledToEnd,
    consent: command.consent,
    keyClauses: process.agreement.keyClauseIds,
    smsCode,
    ...origin,
    signer: { name: process.payeeContactName, mobile: process.payeeContactMobile, idCardNo: process.payeeContactIdCard },
  });
  const next = moved(process, "PROTOCOL_SIGNED", at, "sign", {
    signedAt: new Date(at),
    signature,
    expiredAt: deadline(at, command.windowMs),
    verification: attemptOf(process, attempt),
  });
  return {
    process: next,
    effects: [effect("wake:verification", "wake"), effect("markSigned", "markSigned", { items: [item] }), effect(`startVerification:${attempt}`, "startVerification")],
  };
}

/** The signer says no. The reason is the signer's own words: evidence, never the wallet's `failureReason`. */
export const decline = (process: SigningProcess, command: CommandOf<"decline">): Decision =>
  withReason(ended(process, "FAILED", "SIGNER_DECLINED", command.at, "decline"), command.at, "SIGNER", command.reason, command.origin);

/** The wallet takes the request back. */
export const cancel = (process: SigningProcess, command: CommandOf<"cancel">): Decision =>
  withReason(ended(process, "FAILED", "CANCELLED", command.at, "cancel"), command.at, "WALLET", command.reason, {});

function withReason(decision: Decision, at: number, by: string, reason: string, origin: object): Decision {
  const item = evidence("INCIDENT", `ENDED_BY_${by}`, at, { by, reason, ...origin });
  return { ...decision, effects: [record(item), ...decision.effects] };
}
