import type { Condition } from "./query.ts";

/**
 * A filter of conditions that `parseQuery` has read: nothing else ever becomes part of one. What is only equal stands there as its bare
 * value, which it may, since no value that was read is an object with operators: servers like MongoDB look for their index by that.
 */
export function mongoFilter(conditions: readonly Condition[]): Record<string, unknown> {
  const filter: Record<string, unknown> = {};
  for (const [field, all] of Map.groupBy(conditions, (condition) => condition.field)) {
    const [{ operator, value }] = all as [Condition];
    filter[field] = all.length === 1 && operator === "eq" ? value : Object.fromEntries(all.map((one) => [`$${one.operator}`, one.value]));
  }
  return filter;
}
