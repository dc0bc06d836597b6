import { types } from "node:util";
import type { Condition, SortKey } from "./query.ts";

export type SqlValue = string | number | null;

/** The column or expression of a field. The name comes from a checked model: letters and digits. */
export function expressionOf(field: string): string {
  return field === "_id" || field === "version" ? field : `json_extract(doc,'$.${field}')`;
}

/** How a value looks to `json_extract`: times as ISO text, which sorts as time; booleans as SQLite's JSON functions give them. */
function sqlValue(value: unknown): SqlValue {
  if (types.isDate(value)) return value.toISOString();
  if (typeof value === "boolean") return value ? 1 : 0;
  return value as SqlValue;
}

/** WHERE clause (empty without conditions) and its parameters. Every value is bound. */
export function whereClause(conditions: readonly Condition[]): { sql: string; values: SqlValue[] } {
  const values: SqlValue[] = [];
  const terms = conditions.map(({ field, operator, value }) => {
    const column = expressionOf(field);
    if (value === null) return `${column} IS ${operator === "ne" ? "NOT " : ""}NULL`;
    if (operator === "in") {
      const wanted = value as unknown[];
      // One parameter for any number of values, so that the statement is prepared once.
      values.push(JSON.stringify(wanted.filter((one) => one !== null).map(sqlValue)));
      const term = `${column} IN (SELECT value FROM json_each(?))`;
      return wanted.includes(null) ? `(${term} OR ${column} IS NULL)` : term;
    }
    values.push(sqlValue(value));
    return `${column} ${COMPARISONS[operator]} ?`;
  });
  return { sql: terms.length ? ` WHERE ${terms.join(" AND ")}` : "", values };
}

/** As in MongoDB, `$ne` finds documents without the field. */
const COMPARISONS = { eq: "=", ne: "IS NOT", lt: "<", lte: "<=", gt: ">", gte: ">=" } as const;

/** ORDER BY clause. Ties keep the order of insertion, which every index has for nothing. */
export function orderClause(keys: readonly SortKey[]): string {
  if (keys.length === 0) return "";
  const terms = [...keys.map(({ field, descending }) => expressionOf(field) + (descending ? " DESC" : "")), keys.at(-1)!.descending ? "rowid DESC" : "rowid"];
  return ` ORDER BY ${terms.join(", ")}`;
}

/**
 * LIMIT and OFFSET, nothing for neither. The numbers stand in the text: SQLite plans a statement anew whenever a bound limit
 * is bound again, which costs as much as the query.
 */
export function pageClause(limit: number | null | undefined, offset: number | null | undefined): string {
  if (!limit && !offset) return "";
  if (![limit || 0, offset || 0].every(Number.isSafeInteger)) throw new Error("limit and offset are whole numbers");
  return ` LIMIT ${limit || -1} OFFSET ${offset || 0}`;
}
