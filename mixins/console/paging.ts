import { badField, type PageParams } from "../../contract/paging.ts";

/** `--limit` and `--after` of a list. @throws PARAM_INVALID for a limit that is no number */
export function pagingOf({ limit, after }: Record<string, string>): PageParams {
  if (limit !== undefined && !/^\d{1,6}$/.test(limit)) throw badField("limit", "应为 1 至 100 的整数");
  return { ...(limit === undefined ? {} : { limit: Number(limit) }), ...(after === undefined ? {} : { after }) };
}
