import { mkdtempSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type ServiceSchema } from "moleculer";
import ApiGateway from "moleculer-web";
import type { Patience } from "../../sandbox/delivery.ts";
import { sandboxService } from "../../sandbox/sandbox-schema.ts";

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  body: Record<string, unknown>;
}

/** A platform that only listens: it keeps what it is sent and answers as told, then always with SUCCESS. */
export async function listeningPlatform() {
  const received: Received[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const answers: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      received.push({ path: request.url!, headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) as Record<string, unknown> });
      (answers.shift() ?? ((to) => to.end(JSON.stringify({ code: "SUCCESS" }))))(response);
      for (const waiter of waiting) if (received.length >= waiter.count) waiter.resolve();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answers,
    /** Resolves when that many calls have come in altogether. */
    arrived: (count: number) =>
      received.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count, resolve })),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface SandboxSetup {
  directory?: string;
  callers?: object;
  patience?: Patience;
  /** Routes of the gateway itself, beside those the sandbox mounts. */
  aliases?: Record<string, unknown>;
}

/** The sandbox on a bare gateway at a free port. Started again in the same `directory` it remembers. */
export async function startSandbox(setup: SandboxSetup = {}) {
  const directory = setup.directory ?? mkdtempSync(join(tmpdir(), "sandbox-"));
  const callersFile = join(directory, "callers.json");
  if (setup.callers) writeFileSync(callersFile, JSON.stringify(setup.callers));
  const broker = new ServiceBroker({ nodeID: `sandbox-test-${process.pid}`, logger: false });
  const gateway = {
    name: "gateway",
    mixins: [ApiGateway as unknown as ServiceSchema],
    settings: { port: 0, ip: "127.0.0.1", routes: [{ path: "/", aliases: setup.aliases ?? {}, bodyParsers: { json: true } }] },
    // Like the platform's gateway: adding a route is for this process only, and the query is left to who needs it.
    actions: { addRoute: { visibility: "protected" } },
    methods: { parseQueryString: (req: { url: string }) => ({ query: {}, url: req.url.split("?")[0] }) },
  };
  const service = broker.createService(gateway as unknown as ServiceSchema);
  broker.createService(
    sandboxService({
      stateDir: join(directory, "state"),
      publicBaseUrl: "http://sandbox.test",
      host: "127.0.0.1",
      callersFile,
      patience: setup.patience ?? { firstWaitMs: 1, tries: 8 },
    }),
  );
  await broker.start();
  const { port } = (service as unknown as { server: { address(): AddressInfo } }).server.address();
  const url = `http://127.0.0.1:${port}`;

  const call = async (method: string, path: string, body?: unknown, init: RequestInit = {}) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { "Content-Type": "application/json" },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
      ...init,
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as never };
  };
  return { url, port, directory, call, stop: () => broker.stop() };
}
export type Sandbox = Awaited<ReturnType<typeof startSandbox>>;
export type Platform = Awaited<ReturnType<typeof listeningPlatform>>;

export const REMITTANCE = "/sandbox/gateway/api/v1/verification/remittance";

/** A valid `POST …/remittance` of CONTRACT.md §3.2. */
export const remittanceRequest = (platformUrl: string, requestId = "ESIGN_PROC_1-1") => ({
  requestId,
  processId: requestId.split("-")[0],
  merchantNo: "M100002",
  merchantName: "上海天财门店",
  bankCardInfo: { cardNo: "6228480012345678901", accountName: "上海天财门店", bankCode: "ICBC" },
  protocolHash: "ab".repeat(32),
  callbackUrl: `${platformUrl}/api/internal/esign/callback/verification`,
  callbackToken: "token-of-this-process",
});
