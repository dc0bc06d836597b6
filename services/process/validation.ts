import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { FieldError } from "../../contract/errors.ts";
import { ajvFormats, FORMATS } from "../../contract/schemas/formats.ts";
import { initiateSchema, type InitiateRequest } from "../../contract/schemas/initiate.ts";
import { answerSchema, openSchema, reasonSchema, signSchema } from "../../contract/schemas/signer.ts";

const ajv = new Ajv({
  allErrors: true,
  removeAdditional: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  formats: ajvFormats(),
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
      return FORMATS[params["format"] as string]?.message ?? "格式不正确";
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
