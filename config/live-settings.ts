import { ruleProblems, type ModeRule, type RuleProblem } from "../contract/verification-rules.ts";
import { duration, durations, onOff, rate, type Rate } from "./parsers.ts";
import type { Config } from "./read.ts";

/**
 * The settings that may change while the platform runs (§7.3 配置中心): the environment gives the first values, an operator's change
 * wins over it everywhere. Whatever is pinned in a process stays as it was when it was pinned.
 */

/** Values as the services use them, under the names of the settings' table; the rules are those of VERIFICATION_RULES_FILE. */
export type LiveValues = Pick<
  Config,
  | "signWindow" | "verificationWindowRemittance" | "verificationWindowFace" | "signSmsCode" | "readSeconds" | "smsMobileLimit" | "walletRate"
  | "h5Rate" | "payeeContactSigns" | "strictChecksums" | "callbackSchedule" | "expiryQueryGrace" | "verificationQueryAfter" | "downloadLinkTtl"
> & { verificationRules: readonly ModeRule[] };
export type LiveName = keyof LiveValues;
export type LiveType = "duration" | "switch" | "rate" | "durations" | "rules";

export interface LiveSetting {
  /** As in the environment; `VERIFICATION_RULES` is the content of VERIFICATION_RULES_FILE. */
  key: string;
  name: LiveName;
  type: LiveType;
  /** For people, in Chinese. */
  label: string;
  doc: string;
  /** What is out of bounds, in Chinese; null for a sane value. Only a change is held against it: the environment may do more. */
  fault(value: never): string | null;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const sane = (): null => null;
const between = (least: number, most: number) => (value: number) => (value >= least && value <= most ? null : `必须在 ${durationText(least)} 至 ${durationText(most)} 之间`);
const rateOf = (fault: (value: Rate) => string | null) => (value: Rate | null) => value && fault(value);

const H5_LEAST_PER_MINUTE = 10;
const h5Fault = ({ count, perMs }: Rate) => ((count / perMs) * MINUTE >= H5_LEAST_PER_MINUTE && count >= H5_LEAST_PER_MINUTE ? null : `过于严格，签署人将无法完成签署：每分钟至少应允许 ${H5_LEAST_PER_MINUTE} 次`);
const mobileFault = ({ count, perMs }: Rate) => (count < 2 ? "至少为 2：一次签约需要邀请与验证码两条短信" : perMs < MINUTE ? "时间范围至少为 1m" : null);
const walletFault = ({ perMs }: Rate) => (perMs < SECOND || perMs > DAY ? "时间范围必须在 1s 至 24h 之间" : null);
function scheduleFault(waits: number[]): string | null {
  if (waits.length > 50) return "最多 50 次";
  if (waits[0]! > HOUR) return "首次回调最多延后 1h";
  if (waits.some((wait) => wait > 7 * DAY)) return "每次等待最长 7d";
  return waits.reduce((sum, wait) => sum + wait, 0) > 30 * DAY ? "总时长最长 30d" : null;
}

const row = <K extends LiveName>(key: string, name: K, type: LiveType, label: string, doc: string, fault: (value: LiveValues[K]) => string | null): LiveSetting => ({ key, name, type, label, doc, fault });

/** In the order in which they are shown. */
export const LIVE_SETTINGS: readonly LiveSetting[] = [
  row("SIGN_WINDOW", "signWindow", "duration", "签署期限", "自发起至签署的最长时间；只影响此后发起的流程", between(MINUTE, 30 * DAY)),
  row("VERIFICATION_WINDOW_REMITTANCE", "verificationWindowRemittance", "duration", "打款验证期限", "自签署至打款验证出结果的最长时间；只影响此后签署的流程", between(HOUR, 60 * DAY)),
  row("VERIFICATION_WINDOW_FACE", "verificationWindowFace", "duration", "人脸验证期限", "自签署至人脸验证出结果的最长时间；只影响此后签署的流程", between(5 * MINUTE, 30 * DAY)),
  row("VERIFICATION_RULES", "verificationRules", "rules", "认证方式规则", "JSON 数组，每行 {processType?, merchantType?, mode}，自上而下首个匹配生效；只影响此后发起的流程", sane),
  row("SIGN_SMS_CODE", "signSmsCode", "switch", "签署短信验证码", "签署时是否须输入短信验证码；只影响此后发起的流程，其协议文本随之不同", sane),
  row("READ_SECONDS", "readSeconds", "duration", "最短阅读时间", "自展示协议至可以签署的最短时间", between(0, 10 * MINUTE)),
  row("SMS_MOBILE_LIMIT", "smsMobileLimit", "rate", "单个手机号短信上限", "一个手机号在一段时间内最多接收的短信数，off 为不限", rateOf(mobileFault)),
  row("WALLET_RATE", "walletRate", "rate", "钱包调用频率", "一个钱包系统的发起与重发次数上限，每个节点各自计数，off 为不限", rateOf(walletFault)),
  row("H5_RATE", "h5Rate", "rate", "签署页调用频率", "一个签署链接的调用次数上限，每个节点各自计数，off 为不限", rateOf(h5Fault)),
  row("PAYEE_CONTACT_SIGNS", "payeeContactSigns", "switch", "付方签署时采用收方联系人", "付方签署的流程是否按 §2.1.1 原文采用 payeeInfo 中的联系人；只影响此后发起的流程", sane),
  row("STRICT_CHECKSUMS", "strictChecksums", "switch", "证件号与卡号校验位", "发起时是否校验身份证号与银行卡号的校验位", sane),
  row("CALLBACK_SCHEDULE", "callbackSchedule", "durations", "回调重试间隔", "每次回调之前的等待时间，以逗号分隔；用尽后暂停，由人工重放", scheduleFault),
  row("EXPIRY_QUERY_GRACE", "expiryQueryGrace", "duration", "到期查询宽限", "认证系统无法应答时，到期最多推迟的时间", between(0, 7 * DAY)),
  row("VERIFICATION_QUERY_AFTER", "verificationQueryAfter", "duration", "首次主动查询", "认证结果迟迟未到时，首次主动查询之前的等待时间；只影响此后发起的认证", between(SECOND, HOUR)),
  row("DOWNLOAD_LINK_TTL", "downloadLinkTtl", "duration", "下载链接有效期", "此后给出的下载链接的有效时间", between(MINUTE, DAY)),
];

const BY_KEY = new Map(LIVE_SETTINGS.map((setting) => [setting.key, setting]));
export const liveSetting = (key: string): LiveSetting | undefined => BY_KEY.get(key);

/** Longer texts are refused unread. */
const LONGEST_TEXT = 4_096;
const rules = (text: string): readonly ModeRule[] => {
  const rows: unknown = JSON.parse(text);
  const [problem] = ruleProblems(rows);
  if (problem) throw new Error(ruleFault(problem));
  return rows as ModeRule[];
};
/** The same parsers as at the start. */
const PARSERS: Record<LiveType, (text: string) => unknown> = { duration, switch: onOff, rate, durations, rules };
const FORMS: Record<LiveType, string> = {
  duration: "应为时长，例如 24h、30s、500ms",
  switch: "应为 on 或 off",
  rate: "应为 次数/时长，例如 60/m、10/24h，或 off",
  durations: "应为以逗号分隔的时长，例如 0s,5s,30s,2m",
  rules: "应为 JSON 数组，每行 {processType?, merchantType?, mode}",
};

/** The value of a text that was stored. @throws Error for one that another version of the platform understands */
export const parseLive = (setting: LiveSetting, text: string): unknown => PARSERS[setting.type](text);

/**
 * Judges a new text.
 * @returns the text in the form in which it is stored, or what is wrong with it, in Chinese and naming the key
 */
export function judgeLive(setting: LiveSetting, text: unknown): { text: string; fault: null } | { text: null; fault: string } {
  const refused = (fault: string) => ({ text: null, fault: `${setting.key} ${fault}` });
  if (typeof text !== "string" || text.length > LONGEST_TEXT) return refused(FORMS[setting.type]);
  const trimmed = text.trim();
  let value: unknown;
  try {
    value = parseLive(setting, trimmed);
  } catch (error) {
    const { message } = error as Error;
    return refused(setting.type === "rules" && /\p{Script=Han}/u.test(message) ? message : FORMS[setting.type]);
  }
  const fault = setting.fault(value as never);
  return fault === null ? { text: textOfLive(setting, value), fault: null } : refused(fault);
}

/**
 * Judges what settings come to together: nobody could sign an agreement whose window is over before it may be signed.
 * @param value the value that would be in force
 * @returns what is wrong, in Chinese, and the keys it is about; null when they go together
 */
export function faultTogether(value: <K extends LiveName>(name: K) => LiveValues[K]): { keys: readonly string[]; fault: string } | null {
  const possible = value("signWindow") >= 2 * value("readSeconds");
  return possible ? null : { keys: ["SIGN_WINDOW", "READ_SECONDS"], fault: "签署期限至少应为最短阅读时间的两倍，否则无人能够完成签署" };
}

/** A value as a person would write it; two texts of one value have one form. */
export function textOfLive({ type }: LiveSetting, value: unknown): string {
  if (type === "duration") return durationText(value as number);
  if (type === "durations") return (value as number[]).map(durationText).join(",");
  if (type === "switch") return value ? "on" : "off";
  if (type === "rules") return JSON.stringify(value);
  return value === null ? "off" : `${(value as Rate).count}/${durationText((value as Rate).perMs).replace(/^1(?=[a-z])/, "")}`;
}

/** `24h` and not `1d`, `7d` and not `168h`: days from two on, otherwise the largest unit without a rest. */
function durationText(value: number): string {
  if (value === 0) return "0s";
  if (value % DAY === 0 && value > DAY) return `${value / DAY}d`;
  const [unit, name] = ([[HOUR, "h"], [MINUTE, "m"], [SECOND, "s"]] as const).find(([unit]) => value % unit === 0) ?? [1, "ms"];
  return `${value / unit}${name}`;
}

function ruleFault({ row: at, problem, member, words, open }: RuleProblem): string {
  const TEXTS: Record<RuleProblem["problem"], string> = {
    NO_LIST: FORMS.rules,
    NO_OBJECT: "应为对象",
    UNKNOWN_MEMBER: "含有未知字段，只能有 processType、merchantType、mode",
    UNKNOWN_WORD: `${member} 取值不正确，可选值：${words?.join("、")}`,
    NO_MODE: "缺少 mode",
    OPEN: `没有适用于 ${open?.processType} 与 ${open?.merchantType} 的规则，签署人将无从认证`,
  };
  return at === undefined ? TEXTS[problem] : `第 ${at} 行${TEXTS[problem]}`;
}
