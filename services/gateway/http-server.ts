import { createServer, type RequestListener, type Server } from "node:http";
import type { Duplex } from "node:stream";
import { randomUUID } from "node:crypto";
import { refusal, type Refusal } from "./refusal.ts";

/**
 * The HTTP server. What Node would answer by itself (bad requests, unknown methods, too large headers, slow senders) is
 * answered with the envelope and the headers of every other answer.
 */
export function createHttpServer(handle: RequestListener): Server {
  const server = createServer(
    {
      // Headers that do not come are as good as none; checked by nobody, so Node need not answer for it.
      requireHostHeader: false,
      maxHeaderSize: 16 * 1024,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Longer than the idle time of common load balancers, so that it is they who close.
      keepAliveTimeout: 65_000,
      connectionsCheckingInterval: 5_000,
    },
    handle,
  );
  // Node remembers a peer's address once it has been asked for; asked only after a reset, there is none.
  server.on("connection", (socket) => void socket.remoteAddress);
  server.on("checkExpectation", handle);
  // Node would hang up on whoever takes this for a proxy.
  server.on("connect", (_req, socket) => void socket.end(rawAnswer(refusal("NOT_FOUND"))));
  server.on("clientError", (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
    socket.end(rawAnswer(refusalOfParser(error.code)));
  });
  return server;
}

function refusalOfParser(code: string | undefined): Refusal {
  if (code === "HPE_INVALID_METHOD") return refusal("NOT_FOUND");
  if (code === "HPE_HEADER_OVERFLOW" || code === "HPE_CHUNK_EXTENSIONS_OVERFLOW") return refusal("PAYLOAD_TOO_LARGE");
  return refusal("PARAM_INVALID", { message: "不是有效的 HTTP 请求" });
}

function rawAnswer({ code, message, http }: Refusal): string {
  const body = JSON.stringify({ code, message, traceId: randomUUID() });
  return [
    `HTTP/1.1 ${http} ${code}`,
    "Content-Type: application/json; charset=utf-8",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "X-Content-Type-Options: nosniff",
    "Referrer-Policy: no-referrer",
    "Cache-Control: no-store",
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
