import type { Model } from "../../mixins/collection-types.ts";
import { parseQuery, parseSort } from "../../mixins/storage/query.ts";
import type { Filters } from "../../mixins/storage/store-adapter.ts";

/** A query's shape without its values: `signing_process status= dueAt<> sort dueAt,_id`. */
export function shapeOf(model: Model, { query = {}, sort, limit }: Filters): string {
  const { equal, range, odd } = partsOf(model, query);
  const keys = [...equal.map((field) => `${field}=`), ...range.map((field) => `${field}<>`), ...odd.map((field) => `${field}?`)];
  return [model.name, ...keys, ...(sort?.length ? [`sort ${String(sort)}`] : []), ...(limit ? ["limit"] : [])].join(" ");
}

/**
 * The declared index by which an engine finds exactly what a query asks for, in the order it asks for; null when there is none and it
 * would read or sort more. The rule is MongoDB's, the stricter engine's: what is equal comes first in the index, then what is sorted by,
 * then what has a range. Where what is equal leaves one row, or the rows of one moment, nothing more is asked of the index.
 */
export function coveringIndex(model: Model, { query = {}, sort }: Filters): string | null {
  const { equal, range, odd } = partsOf(model, query);
  if (odd.length > 0) return null;
  const keys = parseSort(model, typeof sort === "string" ? [sort] : (sort ?? []));
  const indexes = [{ fields: ["_id"], unique: true, sparse: false }, ...model.indexes];
  for (const { fields, unique, sparse } of indexes) {
    // A sparse index is used only by a query that rules out what it leaves out.
    if (sparse && !equal.includes(fields[0]!) && !range.includes(fields[0]!)) continue;
    const prefix = fields.findIndex((field) => !equal.includes(field));
    const found = prefix === -1 ? fields : fields.slice(0, prefix);
    const few = (unique && found.length === fields.length) || found.some((field) => model.fields[field] === "date");
    if (few) return fields.join(",");
    if (found.length < equal.length) continue;
    const rest = fields.slice(found.length);
    const sorted = keys.filter(({ field }) => !equal.includes(field));
    const oneWay = new Set(sorted.map(({ descending }) => descending)).size < 2;
    if (!oneWay || !sorted.every(({ field }, at) => rest[at] === field)) continue;
    // One range at most, on the field the index goes on with.
    if (range.length > 1 || (range[0] !== undefined && rest[0] !== range[0])) continue;
    if (found.length + sorted.length + range.length > 0) return fields.join(",");
  }
  return null;
}

function partsOf(model: Model, query: NonNullable<Filters["query"]>): { equal: string[]; range: string[]; odd: string[] } {
  const conditions = parseQuery(model, query);
  const of = (wanted: (operator: string, value: unknown) => boolean) => [...new Set(conditions.filter(({ operator, value }) => wanted(operator, value)).map(({ field }) => field))];
  return {
    equal: of((operator, value) => (operator === "eq" && value !== null) || operator === "in"),
    range: of((operator) => ["lt", "lte", "gt", "gte"].includes(operator)),
    odd: of((operator, value) => operator === "ne" || (operator === "eq" && value === null)),
  };
}
