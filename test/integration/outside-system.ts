import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Call {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  raw: string;
  json: Record<string, unknown>;
}
/** Answers one call, or leaves it open for ever. */
export type Reply = (response: ServerResponse, call: Call) => void;

export const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}): Reply =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
/** Takes the call and hangs up: whether it was acted on, the caller cannot know. */
export const hangUp: Reply = (response) => void response.socket!.destroy();
export const silent: Reply = () => undefined;

/** A system on loopback that keeps every call and answers each by the next scripted reply, else by the usual one. */
export async function outsideSystem(usual: Reply) {
  const calls: Call[] = [];
  const script: Reply[] = [];
  const waiting: { enough: () => boolean; resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const raw = Buffer.concat(chunks).toString();
      const call: Call = { method: request.method!, path: request.url!, headers: request.headers, raw, json: raw ? (JSON.parse(raw) as Record<string, unknown>) : {} };
      calls.push(call);
      (script.shift() ?? usual)(response, call);
      for (const waiter of waiting) if (waiter.enough()) waiter.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    port: (server.address() as AddressInfo).port,
    calls,
    script,
    /** Resolves when that many calls have come in altogether. */
    arrived(count: number): Promise<void> {
      const enough = (): boolean => calls.length >= count;
      return enough() ? Promise.resolve() : new Promise((resolve) => waiting.push({ enough, resolve }));
    },
    async close(): Promise<void> {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type OutsideSystem = Awaited<ReturnType<typeof outsideSystem>>;
