import { failure, type FieldError } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { EVIDENCE_TYPES } from "../../contract/vocabulary.ts";
import { storable } from "./chain.ts";
import type { EvidenceItem } from "./evidence.api.ts";

/** §3.1 evidence_key VARCHAR(128). */
const KEY_LENGTH = 128;

/**
 * The items as they are hashed and stored: times without fractions, data in storable form.
 * @throws PARAM_INVALID naming each field that cannot be evidence
 */
export function checkedItems(items: readonly EvidenceItem[]): EvidenceItem[] {
  const errors = items.flatMap((item, index) => itemErrors(item).map(({ field, message }) => ({ field: `items.${index}.${field}`, message })));
  if (errors.length) throw failure("PARAM_INVALID", { errors });
  return items.map(({ key, type, at, data }) => ({ key, type, at: isoSeconds(new Date(at)), data: storable(data) }));
}

function itemErrors({ key, type, at, data }: EvidenceItem): FieldError[] {
  const rows: [boolean, string, string][] = [
    [typeof key === "string" && key.length > 0 && key.length <= KEY_LENGTH, "key", `应为 1–${KEY_LENGTH} 个字符`],
    [EVIDENCE_TYPES.includes(type), "type", "不是已知的证据类型"],
    [typeof at === "string" && !Number.isNaN(Date.parse(at)), "at", "应为 ISO 8601 时间"],
    [typeof data === "object" && data !== null && !Array.isArray(data), "data", "应为对象"],
  ];
  return rows.filter(([holds]) => !holds).map(([, field, message]) => ({ field, message }));
}
