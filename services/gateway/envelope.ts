import { randomUUID } from "node:crypto";
import type { GatewayResponse } from "./exchange.ts";
import type { Refusal } from "./refusal.ts";

/** A successful answer: the envelope of CONTRACT.md §2, or a file or document of another type. */
export type Answer = { message: string; data?: unknown } | Document;
export interface Document {
  body: Buffer | string;
  type: string;
  status?: number;
  headers?: Record<string, string>;
}

const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Begins an answer: the id under which logs and answer speak of the same request (never one that the caller chose), and the
 * headers of every answer, errors and files included. A file of the page later allows caching for itself.
 */
export function beginAnswer(res: GatewayResponse): string {
  res.traceId = randomUUID();
  res.setHeader("X-Content-Type-Options", "nosniff");
  res.setHeader("Referrer-Policy", "no-referrer");
  res.setHeader("Cache-Control", "no-store");
  return res.traceId;
}

/** Sends a success. For HEAD Node itself leaves the body out. */
export function sendAnswer(res: GatewayResponse, answer: Answer): void {
  if ("body" in answer) return send(res, answer.status ?? 200, answer.body, answer.type, answer.headers);
  const envelope = { code: "SUCCESS", message: answer.message, data: answer.data, traceId: res.traceId };
  send(res, 200, JSON.stringify(envelope), JSON_TYPE);
}

/** Sends an error's envelope; nothing when an answer has begun already. */
export function sendRefusal(res: GatewayResponse, refused: Refusal): void {
  if (res.headersSent || res.destroyed) return;
  // What is still to come of the request is not waited for: whoever sends without end is let go.
  if (!res.req.complete) res.shouldKeepAlive = false;
  const { code, message, data, errors, http, retryAfter } = refused;
  const headers = retryAfter === undefined ? undefined : { "Retry-After": String(Math.ceil(retryAfter)) };
  send(res, http, JSON.stringify({ code, message, data, errors, traceId: res.traceId }), JSON_TYPE, headers);
}

function send(res: GatewayResponse, status: number, body: Buffer | string, type: string, headers?: Record<string, string>): void {
  res.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body), ...headers });
  res.end(body);
}
