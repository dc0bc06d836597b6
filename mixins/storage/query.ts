import type { FieldType, Model } from "../collection-types.ts";
import { fits } from "./model-rules.ts";

export type Operator = "eq" | "ne" | "lt" | "lte" | "gt" | "gte" | "in";
/** One condition; all conditions of a query hold together. */
export interface Condition {
  field: string;
  type: FieldType;
  operator: Operator;
  /** null, a value of the field's type, or for `in` a list of those. */
  value: unknown;
}
export interface SortKey {
  field: string;
  descending: boolean;
}

const OPERATORS = new Map<string, Operator>([
  ["$ne", "ne"],
  ["$lt", "lt"],
  ["$lte", "lte"],
  ["$gt", "gt"],
  ["$gte", "gte"],
  ["$in", "in"],
]);

/**
 * Reads a query in the one language every engine shares: equality and the operators above, as MongoDB means them (null is an
 * absent field, `$ne` finds documents without the field). A mistyped filter must never match everything, so whatever is
 * not understood is refused.
 * @throws Error naming collection and field, never a value
 */
export function parseQuery(model: Model, query: Record<string, unknown>): Condition[] {
  const conditions: Condition[] = [];
  for (const [field, wanted] of Object.entries(query)) {
    const type = typeOf(model, field);
    const add = (operator: Operator, value: unknown): void => {
      if (!allowed(type, operator, value)) refuse(model, field, `is compared with a value that is no ${type}`);
      conditions.push({ field, type, operator, value });
    };
    if (wanted !== null && typeof wanted === "object" && !fits("date", wanted)) {
      const comparisons = Object.entries(wanted);
      if (comparisons.length === 0) refuse(model, field, "has an empty comparison");
      for (const [name, value] of comparisons) {
        add(OPERATORS.get(name) ?? refuse(model, field, `is asked with an operator that is not supported: ${name}`), value);
      }
    } else {
      add("eq", wanted);
    }
  }
  return conditions;
}

/** @throws Error when a key is not a declared field that has an order */
export function parseSort(model: Model, sort: readonly string[]): SortKey[] {
  return sort.map((key) => {
    const descending = key.startsWith("-");
    const field = descending ? key.slice(1) : key;
    if (typeOf(model, field) === "json") refuse(model, field, "is json and has no order");
    return { field, descending };
  });
}

function allowed(type: FieldType, operator: Operator, value: unknown): boolean {
  if (operator === "in") return Array.isArray(value) && value.every((one) => allowed(type, "eq", one));
  if (value === null) return operator === "eq" || operator === "ne";
  return type !== "json" && fits(type, value);
}

function typeOf(model: Model, field: string): FieldType {
  if (field === "_id") return "string";
  if (field === "version") return "number";
  return Object.hasOwn(model.fields, field) ? model.fields[field]! : refuse(model, field, "is not a field");
}

function refuse(model: Model, field: string, why: string): never {
  throw new Error(`${model.name}: ${field} ${why}`);
}
