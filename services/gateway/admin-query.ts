import { badField } from "../../contract/paging.ts";
import { queryValue, type GatewayRequest } from "./exchange.ts";

/** Cursor and size of a page as they were asked for; absent ones are absent. @throws PARAM_INVALID when one stands there twice */
export function paging(req: GatewayRequest): { after?: string; limit?: number } {
  const { limit } = optional(req, "limit");
  // What is no number is refused by whoever keeps the list, like a number that is too large.
  return { ...optional(req, "after"), ...(limit === undefined ? {} : { limit: /^\d{1,6}$/.test(limit) ? Number(limit) : NaN }) };
}

/** The parameter as an object's member; absent when it is absent or empty. @throws PARAM_INVALID when it stands there twice */
export function optional(req: GatewayRequest, name: string): Record<string, string> {
  const value = queryValue(req, name);
  if (value === null && new RegExp(`[?&]${name}(=|&|$)`).test(req.originalUrl)) throw badField(name, "只能出现一次");
  return value ? { [name]: value } : {};
}
