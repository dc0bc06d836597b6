import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { request, type IncomingHttpHeaders, type OutgoingHttpHeaders, type Server } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Context, type Service } from "moleculer";
import type { AdminKey } from "../../config/admin-keys.ts";
import { openCallers } from "../../config/callers.ts";
import { loggerOptions } from "../../config/logging.ts";
import { readConfig, type Config } from "../../config/read.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { gatewaySchema } from "../../services/gateway/gateway-schema.ts";
import type { Nonce } from "../../services/gateway/nonce.model.ts";

export interface Taken {
  action: string;
  params: Record<string, unknown>;
  meta: { level: number; timeout: number | null | undefined; requestID: string | null };
}
export interface Told {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The body as JSON; throws when it is none. */
  json: Record<string, unknown> & { errors?: { field: string; message: string }[]; data?: unknown; traceId?: string };
}
interface GatewayService extends Service {
  server: Server;
  collections: { nonces: Collection<Nonce> };
  drain(): Promise<void>;
  sweepNow(): Promise<number>;
}
type Act = (params: never) => unknown;

const ACTIONS: Record<string, string[]> = {
  process: ["initiate", "get", "cancel", "page", "open", "signCode", "sign", "decline", "answer", "face", "ping", "list", "inspect", "retry", "reveal", "handOver"],
  notifier: ["deliveries", "replayByOperator", "queueHealth", "ping"],
  evidence: ["export", "ping"],
  protocol: ["download", "health", "ping"],
  sms: ["health", "ping"],
  template: ["ping"],
  expiry: ["ping"],
  "verification-bridge": ["callback", "health", "queueHealth", "ping"],
};

/** The gateway on a free port with stand-ins of everything behind it; `acts` answers by action name, otherwise with `{}`. */
export async function startGateway(setup: { callers?: object; production?: boolean; config?: Partial<Config>; acts?: Record<string, Act>; absent?: string[]; adminKeys?: AdminKey[] } = {}) {
  const directory = mkdtempSync(join(tmpdir(), "esign-gateway-"));
  const callersFile = join(directory, "callers.json");
  writeFileSync(callersFile, JSON.stringify(setup.callers ?? { WALLET: {} }));
  const callers = openCallers({ callersFile, production: false, allowHmac: true });
  const settings = readConfig({ DATA_DIR: directory, PORT: "0", HOST: "127.0.0.1", H5_RATE: "off" });
  const config = { ...settings, production: setup.production ?? false, ...setup.config } as Config;

  const acts: Record<string, Act> = { ...setup.acts };
  const taken: Taken[] = [];
  const logged: string[] = [];
  const destination = { write: (line: string) => void logged.push(line) };
  const broker = new ServiceBroker({ nodeID: `gateway-test-${process.pid}`, logger: loggerOptions({ logLevel: "info" }, destination as never), requestTimeout: 5_000 });
  for (const [name, actions] of Object.entries(ACTIONS).filter(([name]) => !setup.absent?.includes(name))) {
    const handlers = actions.map((action) => [
      action,
      (ctx: Context<Record<string, unknown>>) => {
        taken.push({ action: `${name}.${action}`, params: ctx.params, meta: { level: ctx.level, timeout: ctx.options.timeout, requestID: ctx.requestID } });
        return (acts[`${name}.${action}`] ?? (() => ({})))(ctx.params as never);
      },
    ]);
    broker.createService({ name, actions: Object.fromEntries(handlers) });
  }
  const service = broker.createService(gatewaySchema({ config, callers: () => callers, adminKeys: () => setup.adminKeys ?? [] })) as unknown as GatewayService;
  await broker.start();
  const { port } = service.server.address() as AddressInfo;

  return {
    broker,
    service,
    callers,
    callersFile,
    /** Where it keeps its database, for another gateway beside it. */
    dataDir: config.dataDir,
    acts,
    /** Calls that reached a service, oldest first. */
    taken,
    /** Lines of the log. */
    logged,
    port,
    call: (method: string, target: string, headers: OutgoingHttpHeaders = {}, body?: string | Buffer) => call(port, method, target, headers, body),
    raw: (text: string | Buffer) => raw(port, text),
    async stop() {
      await broker.stop();
      callers.close();
      rmSync(directory, { recursive: true });
    },
  };
}
export type Gateway = Awaited<ReturnType<typeof startGateway>>;

/** One request on a connection of its own, target and headers exactly as given. */
export function call(port: number, method: string, target: string, headers: OutgoingHttpHeaders, body?: string | Buffer): Promise<Told> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { "Content-Length": Buffer.byteLength(body) };
    const req = request({ port, host: "127.0.0.1", method, path: target, headers: { ...length, ...headers }, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("end", () => resolve(told(res.statusCode!, res.headers, Buffer.concat(chunks))));
    });
    req.on("error", reject);
    req.end(body);
  });
}

/** Bytes straight onto the wire; what came back until the gateway closed. */
function raw(port: number, text: string | Buffer): Promise<Told> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", reject);
    socket.on("close", () => {
      const [head = "", ...rest] = Buffer.concat(chunks).toString().split("\r\n\r\n");
      const [line = "", ...lines] = head.split("\r\n");
      const headers = Object.fromEntries(lines.map((row) => [row.slice(0, row.indexOf(":")).toLowerCase(), row.slice(row.indexOf(":") + 1).trim()]));
      resolve(told(Number(line.split(" ")[1]), headers, Buffer.from(rest.join("\r\n\r\n"))));
    });
  });
}

const told = (status: number, headers: IncomingHttpHeaders, bytes: Buffer): Told => ({
  status,
  headers,
  bytes,
  get json() {
    return JSON.parse(bytes.toString()) as Told["json"];
  },
});

/** Headers of a wallet without keys. */
export const WALLET = { "X-System-Code": "WALLET", "X-Business-Id": "BIZ-1", "Content-Type": "application/json" };

/** What every answer must have, whatever it is. */
export function expectCleanAnswer(answer: Told): void {
  expect(answer.headers).toMatchObject({ "x-content-type-options": "nosniff", "referrer-policy": "no-referrer" });
  expect(answer.headers["cache-control"]).toBe("no-store");
  for (const name of ["server", "x-powered-by", "access-control-allow-origin", "allow", "etag"]) expect(answer.headers[name]).toBeUndefined();
  expect(answer.bytes.toString()).not.toMatch(/\bat .+:\d+:\d+|node_modules|MoleculerError|SyntaxError/);
}
