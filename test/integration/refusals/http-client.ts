import { Agent, request, type IncomingHttpHeaders, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";

export interface Told {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}
export interface Envelope {
  code: string;
  message: string;
  data?: Record<string, unknown>;
  errors?: { field: string; message: string }[];
  traceId: string;
}

/** Calls over a few kept connections, target and headers exactly as given. A reset connection rejects. */
export class HttpClient {
  readonly #port: number;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 8 });

  constructor(port: number) {
    this.#port = port;
  }

  call(method: string, target: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer): Promise<Told> {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    return new Promise((resolve, reject) => {
      const req = request({ port: this.#port, host: "127.0.0.1", method, path: target, headers: { ...length, ...headers }, agent: this.#agent }, (res) => {
        const chunks: Buffer[] = [];
        res.on("data", (chunk: Buffer) => chunks.push(chunk));
        res.on("error", reject);
        res.on("end", () => resolve({ status: res.statusCode!, headers: res.headers, text: Buffer.concat(chunks).toString() }));
      });
      req.on("error", reject);
      req.end(body);
    });
  }

  /** Bytes straight onto a connection of their own; what came back until the platform closed it. */
  raw(...parts: (string | Buffer)[]): Promise<Told> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const socket = connect(this.#port, "127.0.0.1", () => parts.forEach((part) => socket.write(part)));
      socket.on("data", (chunk) => chunks.push(chunk));
      socket.on("error", reject);
      socket.on("close", () => resolve(parsed(Buffer.concat(chunks).toString())));
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function parsed(answer: string): Told {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [line = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(lines.map((row) => [row.slice(0, row.indexOf(":")).toLowerCase(), row.slice(row.indexOf(":") + 1).trim()]));
  return { status: Number(line.split(" ")[1]), headers, text: rest.join("\r\n\r\n") };
}

/** Headers of the sandbox's wallet, which has no keys. */
export const WALLET = { "X-System-Code": "WALLET", "X-Business-Id": "BIZ-1", "Content-Type": "application/json" };
export const JSON_BODY = { "Content-Type": "application/json" };
export const bearer = (token: string) => ({ ...JSON_BODY, Authorization: `Bearer ${token}` });
