import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { FieldError } from "../../contract/errors.ts";
import { initiateSchema, type InitiateRequest } from "../../contract/schemas/initiate.ts";
import { answerSchema, openSchema, reasonSchema, signSchema } from "../../contract/schemas/signer.ts";

/** What is wrong with a value of each format, in Chinese. */
const FORMAT_MESSAGES: Readonly<Record<string, string>> = {
  "visible-text": "不能为空白，且不得包含控制字符或不可见字符",
  mobile: "手机号格式不正确，应为 1 开头的 11 位数字",
  "id-card": "身份证号格式不正确，应为 18 位且出生日期有效",
  "bank-card": "银行卡号（账号）格式不正确，应为 8 至 32 位数字",
  ratio: "应为大于 0 且不超过 1 的十进制数，例如 0.8",
  amount: "金额格式不正确，应为两位小数，例如 0.12",
};

/** No control or format characters (Unicode Cc, Cf), no lone surrogates, not only white space. */
const visibleText = (value: string): boolean => value.trim() !== "" && value.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(value);

/** 18 characters with a date that exists (GB 11643); the checksum is asked for only by STRICT_CHECKSUMS. */
export function isIdCard(value: string): boolean {
  const match = /^[1-9]\d{5}(\d{4})(\d{2})(\d{2})\d{3}[\dXx]$/.exec(value);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const date = new Date(Date.UTC(year, month - 1, day));
  return year >= 1850 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

const isRatio = (value: string): boolean => /^(?:0|1)(?:\.\d{1,6})?$/.test(value) && Number(value) > 0 && Number(value) <= 1;

const ajv = new Ajv({
  allErrors: true,
  removeAdditional: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  formats: {
    "visible-text": visibleText,
    mobile: /^1[3-9]\d{9}$/,
    "id-card": isIdCard,
    "bank-card": /^\d{8,32}$/,
    ratio: isRatio,
    amount: /^\d{1,6}\.\d{2}$/,
  },
});

const VALIDATORS = {
  initiate: ajv.compile(initiateSchema),
  open: ajv.compile(openSchema),
  sign: ajv.compile(signSchema),
  reason: ajv.compile(reasonSchema),
  answer: ajv.compile(answerSchema),
} satisfies Record<string, ValidateFunction>;

/** Wrong fields that are named at the most. */
const MOST_ERRORS = 50;

export type Validated<T> = { value: T; errors: null } | { value: null; errors: FieldError[] };

/**
 * Checks a body against a schema and drops what the schema does not know.
 * @param body parsed JSON, taken over: what is unknown is deleted from it (a copy of a deeply nested body could overflow the stack)
 * @returns the cleaned body, or one entry a wrong field with its dotted name and no value
 */
export function validate<T>(name: keyof typeof VALIDATORS, body: unknown): Validated<T> {
  const check = VALIDATORS[name];
  if (check(body)) return { value: dropNulls(body) as T, errors: null };
  const errors = new Map<string, string>();
  // Enough to mend a request by; thousands of wrong items must not make an answer larger than what was sent.
  for (const error of check.errors ?? []) {
    if (errors.size >= MOST_ERRORS) break;
    const field = fieldOf(error);
    if (!errors.has(field)) errors.set(field, messageOf(error));
  }
  return { value: null, errors: Array.from(errors, ([field, message]) => ({ field, message })) };
}

/** Validates §2.1.1 and gives every optional object its explicit null. */
export function validateInitiate(body: unknown): Validated<InitiateRequest> {
  const checked = validate<InitiateRequest>("initiate", body);
  if (checked.errors) return checked;
  return { value: { ...checked.value, payeeInfo: checked.value.payeeInfo ?? null, extInfo: checked.value.extInfo ?? null }, errors: null };
}

/** An optional field that is null is an absent one. */
function dropNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(dropNulls);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== null)
      .map(([key, inner]) => [key, dropNulls(inner)]),
  );
}

/** Dotted name of the field an error speaks of: `payeeInfo.contactInfo.mobile`; the body itself is `body`. */
function fieldOf(error: ErrorObject): string {
  const path = error.instancePath.split("/").slice(1);
  if (error.keyword === "required") path.push(error.params["missingProperty"] as string);
  return path.join(".") || "body";
}

function messageOf(error: ErrorObject): string {
  const params = error.params as Record<string, unknown>;
  switch (error.keyword) {
    case "required":
      return "必填";
    case "type":
      return `类型不正确，应为 ${[params["type"]].flat().filter((one) => one !== "null").join(" 或 ")}`;
    case "enum":
      return `取值不正确，可选值：${(params["allowedValues"] as unknown[]).filter((one) => one !== null).join("、")}`;
    case "minLength":
      return "不能为空";
    case "maxLength":
      return `长度不能超过 ${params["limit"]} 个字符`;
    case "maxItems":
      return `不能超过 ${params["limit"]} 项`;
    case "format":
      return FORMAT_MESSAGES[params["format"] as string] ?? "格式不正确";
    default:
      return "格式不正确";
  }
}

/** The signer's answer; the remark is trimmed and NFKC-normalised before it is measured (CONTRACT.md §2.4). */
export function validateAnswer(body: unknown): Validated<{ amount: string; remark: string }> {
  const given = body as { amount?: unknown; remark?: unknown } | null;
  const remark = typeof given?.remark === "string" ? given.remark.normalize("NFKC").trim() : given?.remark;
  return validate("answer", body !== null && typeof body === "object" && !Array.isArray(body) ? { amount: given?.amount, remark } : body);
}
