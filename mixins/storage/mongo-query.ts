import type { Condition } from "./query.ts";

/** A filter of conditions that `parseQuery` has read: nothing else ever becomes part of one. */
export function mongoFilter(conditions: readonly Condition[]): Record<string, Record<string, unknown>> {
  const filter: Record<string, Record<string, unknown>> = {};
  for (const { field, operator, value } of conditions) filter[field] = { ...filter[field], [`$${operator}`]: value };
  return filter;
}
