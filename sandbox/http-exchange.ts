import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { FieldError } from "../contract/errors.ts";

/** A call as an end of the sandbox sees it. */
export interface Call {
  headers: Record<string, string>;
  params: Record<string, string>;
  query: Record<string, string>;
  rawBody: Buffer;
  /** The body as a JSON object, `{}` when there is none; throws a Refused that becomes a 400. */
  json(): Record<string, unknown>;
  /** Port the call came in on: the platform's own, whatever it was configured to. */
  port: number;
}

export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}
/** The end answers nothing and holds the connection until the caller gives up. */
export const NO_ANSWER = Symbol("no answer");
export type End = (call: Call) => Reply | typeof NO_ANSWER | Promise<Reply | typeof NO_ANSWER>;

export class Refused extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super("refused");
    this.reply = reply;
  }
}

/** Nothing from elsewhere, nothing inline, never in a frame (CONTRACT.md §2). */
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const answer = (status: number, type: string, body: string | Buffer, more: Record<string, string> = {}): Reply => ({
  status,
  headers: { "Content-Type": type, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", ...more },
  body,
});

/** Plain JSON, as the operator's API answers (CONTRACT.md §2.6). */
export const json = (value: unknown, status = 200): Reply => answer(status, "application/json; charset=utf-8", JSON.stringify(value));

/** A file of `public/`; a page brings its content security policy. */
export const file = (type: string, body: Buffer): Reply => answer(200, type, body, type.startsWith("text/html") ? { "Content-Security-Policy": CSP } : {});

/** The envelope of CONTRACT.md §2, which the other companies' systems share. */
export const success = (data?: unknown, message = "成功"): Reply => json({ code: "SUCCESS", message, data, traceId: randomUUID() });

/** The envelope with another code. `data` and `errors` are left out when undefined. */
export const refusal = (status: number, code: string, message: string, rest: { data?: unknown; errors?: FieldError[] } = {}): Reply =>
  json({ code, message, ...rest, traceId: randomUUID() }, status);

export const invalid = (errors: FieldError[]): Reply => refusal(400, "PARAM_INVALID", "参数校验失败", { errors });

/** What moleculer-web adds to a request: the body's raw bytes, the path's parameters. The query the gateway leaves unread. */
type RoutedRequest = IncomingMessage & { body?: unknown; $params?: { params?: Record<string, unknown> } };
export type RouteHandler = (req: RoutedRequest, res: ServerResponse, next: (error?: unknown) => void) => void;

/** Makes an end a handler of a moleculer-web alias. Connections it holds without an answer are put into `held`. */
export const handlerOf =
  (end: End, held: Set<ServerResponse>): RouteHandler =>
  (req, res, next) => {
    answerWith(end, req, res, held).catch(next);
  };

async function answerWith(end: End, req: RoutedRequest, res: ServerResponse, held: Set<ServerResponse>): Promise<void> {
  let reply: Awaited<ReturnType<End>>;
  try {
    reply = await end(callOf(req));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    reply = error.reply;
  }
  if (reply === NO_ANSWER) {
    held.add(res);
    res.once("close", () => held.delete(res));
  } else if (!res.destroyed) {
    res.writeHead(reply.status, reply.headers).end(reply.body);
  }
}

function callOf(req: RoutedRequest): Call {
  const rawBody = Buffer.isBuffer(req.body) ? req.body : Buffer.alloc(0);
  return {
    headers: texts(req.headers),
    params: texts(req.$params?.params),
    query: Object.fromEntries(new URLSearchParams(/\?(.*)$/.exec(req.url ?? "")?.[1])),
    rawBody,
    json: () => objectOf(rawBody),
    port: req.socket.localPort ?? 0,
  };
}

/** Headers that stand more than once are lists: of no use here, left out. */
const texts = (values: Record<string, unknown> = {}): Record<string, string> =>
  Object.fromEntries(Object.entries(values).filter((pair): pair is [string, string] => typeof pair[1] === "string"));

function objectOf(rawBody: Buffer): Record<string, unknown> {
  if (!rawBody.length) return {};
  let value: unknown = null;
  try {
    value = JSON.parse(rawBody.toString("utf8"));
  } catch {
    // No JSON at all is refused below like JSON that is no object.
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Refused(invalid([{ field: "body", message: "应为 JSON 对象" }]));
  }
  return value as Record<string, unknown>;
}
