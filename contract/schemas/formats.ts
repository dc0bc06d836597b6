/** A text format of the schemas: what is wrong when it does not hold, in Chinese, and the pattern that people and machines read. */
export interface Format {
  message: string;
  pattern: string;
  /** What a pattern cannot say; judged in its place. */
  holds?: (value: string) => boolean;
}

/** No control or format characters (Unicode Cc, Cf), no lone surrogates, not only white space. */
const isVisibleText = (value: string): boolean => value.trim() !== "" && value.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(value);

const ID_CARD = "^[1-9]\\d{5}(\\d{4})(\\d{2})(\\d{2})\\d{3}[\\dXx]$";
const RATIO = "^(?:0|1)(?:\\.\\d{1,6})?$";

/** 18 characters with a date that exists (GB 11643); the checksum is asked for only by STRICT_CHECKSUMS. */
export function isIdCard(value: string): boolean {
  const match = new RegExp(ID_CARD).exec(value);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1850 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const isRatio = (value: string): boolean => new RegExp(RATIO).test(value) && Number(value) > 0 && Number(value) <= 1;

/** Every format the schemas name (CONTRACT.md §2.1). */
export const FORMATS: Readonly<Record<string, Format>> = {
  "visible-text": { message: "不能为空白，且不得包含控制字符或不可见字符", pattern: "^(?=.*\\S)[^\\p{Cc}\\p{Cf}]+$", holds: isVisibleText },
  mobile: { message: "手机号格式不正确，应为 1 开头的 11 位数字", pattern: "^1[3-9]\\d{9}$" },
  "id-card": { message: "身份证号格式不正确，应为 18 位且出生日期有效", pattern: ID_CARD, holds: isIdCard },
  "bank-card": { message: "银行卡号（账号）格式不正确，应为 8 至 32 位数字", pattern: "^\\d{8,32}$" },
  ratio: { message: "应为大于 0 且不超过 1 的十进制数，例如 0.8", pattern: RATIO, holds: isRatio },
  amount: { message: "金额格式不正确，应为两位小数，例如 0.12", pattern: "^\\d{1,6}\\.\\d{2}$" },
};

/** The formats as Ajv takes them. */
export const ajvFormats = (): Record<string, RegExp | ((value: string) => boolean)> =>
  Object.fromEntries(Object.entries(FORMATS).map(([name, { pattern, holds }]) => [name, holds ?? new RegExp(pattern)]));
