import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { basename, extname, join } from "node:path";
import type { PageData } from "../../../services/process/process.api.ts";
import { sampleProcess } from "./sample.ts";

/** What an endpoint answers: an envelope, or LOST for a connection that breaks after the call has arrived. */
export interface Reply {
  http: number;
  code?: string;
  message?: string;
  data?: unknown;
  errors?: { field: string; message: string }[];
  retryAfter?: number;
}
export const LOST = "lost" as const;
export type Answer = Reply | typeof LOST;
export interface Call {
  method: string;
  path: string;
  authorization: string | undefined;
  body: Record<string, unknown>;
}
type Handler = (call: Call) => Answer | Promise<Answer>;

/** The platform as the page sees it: the static files under the gateway's CSP, and answers that a test chooses. */
export interface FakeApi {
  origin: string;
  link: string;
  data: PageData;
  calls: Call[];
  /** Every path that was asked for, static files too. */
  paths: string[];
  /** The policy the page is served under; null for none. */
  csp: string | null;
  /** Replaces the answer of one endpoint, by its path below /h5/api. */
  on(path: string, handler: Handler): void;
  /** The calls of one endpoint. */
  to(path: string): Call[];
  close(): Promise<void>;
}

export const TOKEN = "token-of-the-test-0123456789abcdef";
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const TYPES: Record<string, string> = { ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };

export const ok = (data: unknown = null): Reply => ({ http: 200, code: "SUCCESS", message: "成功", data });

export async function startFakeApi(data: PageData = sampleProcess()): Promise<FakeApi> {
  const handlers = new Map<string, Handler>();
  const api = { data, calls: [] as Call[], paths: [] as string[], csp: CSP as string | null } as FakeApi;
  api.on = (path, handler) => void handlers.set(path, handler);
  api.to = (path) => api.calls.filter((call) => call.path === path);

  api.on("/process", () => ok(api.data));
  api.on("/open", (call) => (call.body.protocolHash === api.data.protocol.protocolHash ? ok() : { http: 409, code: "PROTOCOL_CHANGED", message: "协议内容与展示时不一致" }));
  api.on("/sign-code", () => ok({ resendAfter: 60 }));
  api.on("/sign", () => {
    api.data = { ...api.data, status: "VERIFICATION_PENDING", expiredAt: "2026-12-01T07:25:00Z", verification: pending(3) };
    return ok({ status: api.data.status, signedAt: "2026-11-24T08:00:00Z", verification: api.data.verification });
  });
  api.on("/decline", () => {
    api.data = { ...api.data, status: "FAILED", expiredAt: null, failureReason: "签署人拒绝签署" };
    return ok();
  });

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    api.paths.push(path);
    if (api.csp !== null) response.setHeader("Content-Security-Policy", api.csp);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    response.setHeader("Cache-Control", path.startsWith("/h5/assets/") ? "no-cache" : "no-store");
    if (path === "/h5/sign") return send(response, "text/html; charset=utf-8", await readFile(join("public-h5", "index.html")));
    if (path.startsWith("/h5/assets/")) {
      const file = basename(path);
      return send(response, TYPES[extname(file)] ?? "application/octet-stream", await readFile(join("public-h5", "assets", file)));
    }
    if (path === "/no-content") {
      response.statusCode = 204;
      response.end();
      return;
    }
    if (!path.startsWith("/h5/api")) return send(response, "text/html; charset=utf-8", Buffer.from("<!doctype html><title>elsewhere</title><p>别处</p>"));
    const call = { method: request.method ?? "", path: path.slice("/h5/api".length), authorization: request.headers.authorization, body: await bodyOf(request) };
    api.calls.push(call);
    const handler = handlers.get(call.path);
    const answer: Answer = call.authorization !== `Bearer ${TOKEN}` ? unknownToken : handler ? await handler(call) : { http: 404, code: "NOT_FOUND" };
    if (answer === LOST) {
      response.destroy();
      return;
    }
    const { http, retryAfter, ...envelope } = answer;
    response.statusCode = http;
    if (retryAfter !== undefined) response.setHeader("Retry-After", String(retryAfter));
    send(response, "application/json; charset=utf-8", Buffer.from(JSON.stringify({ ...envelope, traceId: "t" })));
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  api.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  api.link = `${api.origin}/h5/sign?token=${TOKEN}`;
  api.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return api;
}

const unknownToken: Reply = { http: 401, code: "H5_TOKEN_INVALID", message: "链接无效或已失效，请使用最新短信中的链接" };

export const pending = (remainingAttempts: number): PageData["verification"] => ({
  type: "REMITTANCE",
  status: "PENDING",
  remainingAttempts,
  arrivalHint: "款项一般在 1–3 个工作日内到账",
});

/** A face check that waits for the person. */
export const faceCheck: PageData["verification"] = {
  type: "FACE",
  status: "PENDING",
  remainingAttempts: null,
  arrivalHint: "请在光线充足的环境下，由签署人本人完成人脸识别",
};

function send(response: ServerResponse, type: string, body: Buffer): void {
  response.setHeader("Content-Type", type);
  response.end(body);
}

async function bodyOf(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
