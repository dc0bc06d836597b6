import type { IncomingMessage, ServerResponse } from "node:http";
import type { Context } from "moleculer";
import { failure } from "../../contract/errors.ts";
import { sendAnswer, type Answer } from "./envelope.ts";

/** What moleculer-web adds to Node's request. */
export interface GatewayRequest extends IncomingMessage {
  /** Path and query as sent. */
  originalUrl: string;
  $ctx: Context;
  $params: { params?: Record<string, string> };
  $alias?: { fullPath: string };
  $route?: { path: string; onError?: (req: GatewayRequest, res: GatewayResponse, error: unknown) => void };
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

/** The part of the gateway that endpoints run in. */
export interface Draining {
  draining: boolean;
  /** Answers that are not out yet. */
  open: Set<GatewayResponse>;
}

/** An endpoint as moleculer-web's alias function. A gateway that is about to stop takes nothing new. */
export const endpoint = (handle: Endpoint) =>
  function (this: Draining, req: GatewayRequest, res: GatewayResponse, next: (error: unknown) => void): void {
    if (this.draining) return next(failure("SERVICE_UNAVAILABLE", { retryAfter: 1 }));
    this.open.add(res);
    res.on("close", () => this.open.delete(res));
    handle({ req, res, ctx: req.$ctx, params: req.$params.params ?? {} })
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
