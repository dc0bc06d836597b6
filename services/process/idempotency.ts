import type { FieldError } from "../../contract/errors.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";

/** What decides whether two requests say the same (§4.2.5, CONTRACT.md §2.1 "Idempotency"). */
export interface Said {
  businessId: string;
  request: InitiateRequest;
}

/**
 * The fields in which a repeat differs from the request that came first; key order, white space and unknown fields do not count.
 * @returns undefined when it says the same, so that `errors` stays absent from the answer
 */
export function differences(first: Said, repeat: Said): FieldError[] | undefined {
  const before = leaves(first.request);
  const after = leaves(repeat.request);
  const fields = new Set([...before.keys(), ...after.keys()]);
  const differing = Array.from(fields).filter((field) => before.get(field) !== after.get(field));
  if (first.businessId !== repeat.businessId) differing.push("X-Business-Id");
  if (!differing.length) return undefined;
  return differing.map((field) => ({ field, message: "与首次请求不一致" }));
}

/** Every leaf under its dotted name; an absent object has none. */
function leaves(value: unknown, prefix = "", found = new Map<string, unknown>()): Map<string, unknown> {
  if (value === null || value === undefined) return found;
  if (typeof value !== "object") return found.set(prefix, value);
  for (const [key, inner] of Object.entries(value)) leaves(inner, prefix ? `${prefix}.${key}` : key, found);
  return found;
}
