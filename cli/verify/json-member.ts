import { jsonText } from "../../services/evidence/bundle-format.ts";
import { Broken } from "./finding.ts";

/**
 * A JSON member in the one spelling the platform writes. Anything else, such as a name that stands twice, could be read
 * differently by another parser than by this one.
 * @throws Broken naming the member
 */
export function readJson(bytes: Uint8Array, path: string): unknown {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Broken("JSON_UNREADABLE", path, "不是有效的 UTF-8 JSON");
  }
  if (jsonText(value) !== text) throw new Broken("JSON_SPELLING", path, "JSON 的写法不是平台的唯一写法（可能被改动）");
  return value;
}

export const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

export const isSha256 = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);

/** True when the object's members are the required ones and some of the optional ones, and no others. */
export function hasMembers(value: Record<string, unknown>, required: readonly string[], optional: readonly string[] = []): boolean {
  const names = Object.keys(value);
  return required.every((name) => names.includes(name)) && names.every((name) => required.includes(name) || optional.includes(name));
}
