import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context, Service } from "moleculer";
import { sendAnswer, type Answer } from "./envelope.ts";

/** What moleculer-web adds to Node's request. */
export interface GatewayRequest extends IncomingMessage {
  /** Path and query as sent. */
  originalUrl: string;
  $ctx: Context;
  $params: { params?: Record<string, string> };
  $alias?: { fullPath: string };
  $route?: { path: string };
}
export type GatewayResponse = ServerResponse & { traceId: string };

/** One request on its way through an endpoint. */
export interface Exchange {
  req: GatewayRequest;
  res: GatewayResponse;
  ctx: Context;
  /** Decoded parts of the path. */
  params: Record<string, string>;
}

/** Answers one route; throws `failure(…)` otherwise. */
export type Endpoint = (exchange: Exchange) => Promise<Answer>;

/** An endpoint as moleculer-web's alias function. */
export const endpoint = (handle: Endpoint) =>
  function (this: Service, req: GatewayRequest, res: GatewayResponse, next: (error: unknown) => void): void {
    const exchange = { req, res, ctx: req.$ctx, params: req.$params.params ?? {} };
    handle(exchange)
      .then((answer) => sendAnswer(res, answer))
      .catch(next);
  };

/** A set of routes of one kind of caller. Paths match to the letter, and nothing but the aliases is reachable. */
export function routes(name: string, path: string, endpoints: Record<string, Endpoint>): Record<string, unknown> {
  const aliases = Object.fromEntries(Object.entries(endpoints).map(([where, handle]) => [where, endpoint(handle)]));
  return { name, path, aliases, bodyParsers: false, mappingPolicy: "restrict", mergeParams: false, logging: false, pathToRegexpOptions: EXACT };
}

const EXACT = { sensitive: true, trailing: false };

/** The query as sent; a name that is absent or stands twice is null. */
export function queryValue(req: GatewayRequest, name: string): string | null {
  const mark = req.originalUrl.indexOf("?");
  if (mark < 0) return null;
  const values = new URLSearchParams(req.originalUrl.slice(mark + 1)).getAll(name);
  return values.length === 1 ? values[0]! : null;
}

/** A header's value; undefined when it is absent or empty. */
export function header(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name];
  return (Array.isArray(value) ? value.join(", ") : value) || undefined;
}
