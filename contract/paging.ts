import { failure } from "./errors.ts";

/** One page of a list of the administration: `next` is null when nothing follows (CONTRACT.md §2.5). */
export interface Page<T> {
  items: T[];
  next: string | null;
}
export interface PageParams {
  after?: string;
  limit?: number;
}

export const DEFAULT_LIMIT = 50;
export const HIGHEST_LIMIT = 100;

/**
 * The number of rows of a page.
 * @throws PARAM_INVALID outside 1–100
 */
export function pageLimit(limit: number | undefined): number {
  if (limit === undefined) return DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > HIGHEST_LIMIT) throw badField("limit", `必须是 1 至 ${HIGHEST_LIMIT} 的整数`);
  return limit;
}

/** An opaque cursor over a list's own position. */
export const cursorAt = (...parts: (string | number)[]): string => Buffer.from(parts.join("~")).toString("base64url");

/**
 * The parts of a cursor that `cursorAt` has written; null at the start of the list.
 * @param form what each part looks like
 * @throws PARAM_INVALID for anything else: base64url decoding alone would forgive a lot
 */
export function readCursor(cursor: string | undefined, ...form: RegExp[]): string[] | null {
  if (!cursor) return null;
  const parts = Buffer.from(cursor, "base64url").toString().split("~");
  const good = parts.length === form.length && parts.every((part, at) => form[at]!.test(part)) && cursorAt(...parts) === cursor;
  if (!good) throw badField("after", "游标无效");
  return parts;
}

export const badField = (field: string, message: string): ReturnType<typeof failure> => failure("PARAM_INVALID", { errors: [{ field, message }] });
