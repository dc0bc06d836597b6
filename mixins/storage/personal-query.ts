import type { Comparison, Model, Query } from "../collection-types.ts";
import type { FieldCipher } from "./field-cipher.ts";
import { blindIndexOf } from "./model-rules.ts";
import type { StoredQuery } from "./store-adapter.ts";

/**
 * Rewrites what a query says about personal fields into what is stored: equality and `$in` on a blind field become its keyed
 * hashes under all live keys; absence can be asked of any field. Everything else is refused, since a token never equals its text.
 * @throws Error naming collection and field
 */
export function personalQuery(model: Model, cipher: FieldCipher | undefined, query: Query): StoredQuery {
  const personal = model.personal ?? [];
  if (!Object.keys(query).some((field) => personal.includes(field))) return query;
  const rewritten: StoredQuery = {};
  for (const [field, wanted] of Object.entries(query)) {
    const aboutAbsence = wanted === null || (isComparison(wanted) && keysAre(wanted, "$ne") && wanted.$ne === null);
    if (!personal.includes(field) || aboutAbsence) {
      rewritten[field] = wanted;
      continue;
    }
    const texts = typeof wanted === "string" ? [wanted] : isComparison(wanted) && keysAre(wanted, "$in") ? wanted.$in : undefined;
    if (!model.blind?.includes(field) || !Array.isArray(texts) || !texts.every((text) => typeof text === "string")) {
      throw new Error(`${model.name}: ${field} is encrypted and cannot be asked like this`);
    }
    rewritten[blindIndexOf(field)] = { $in: texts.flatMap((text: string) => cipher!.blindIndexes(text, { collection: model.name, field })) };
  }
  return rewritten;
}

const isComparison = (wanted: Query[string]): wanted is Comparison => typeof wanted === "object" && wanted !== null;
const keysAre = (comparison: Comparison, only: string): boolean => Object.keys(comparison).join() === only;
