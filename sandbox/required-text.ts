import type { FieldError } from "../contract/errors.ts";
import { invalid, Refused } from "./http-exchange.ts";

/**
 * Reads dotted fields that must be non-empty strings.
 * @throws Refused (400) naming every one that is not
 */
export function requiredTexts<const F extends string>(body: Record<string, unknown>, fields: readonly F[]): Record<F, string> {
  const errors: FieldError[] = [];
  const found = fields.map((field): [string, string] => {
    const value = field.split(".").reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], body);
    if (typeof value !== "string" || !value.trim()) errors.push({ field, message: "必填" });
    return [field, value as string];
  });
  if (errors.length) throw new Refused(invalid(errors));
  return Object.fromEntries(found) as Record<F, string>;
}

/** The text of a field, or null. */
export const optionalText = (value: unknown): string | null => (typeof value === "string" && value ? value : null);
