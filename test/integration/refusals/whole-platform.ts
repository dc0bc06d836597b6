import "../fresh-data-dir.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ServiceBroker, type Middleware, type Service, type ServiceSchema } from "moleculer";
import { freePort } from "../../../cli/free-port.ts";
import type { Collection } from "../../../mixins/collection-types.ts";
import type { Actor } from "../../../services/process/actor.ts";
import type { SigningProcess } from "../../../services/process/signing-process.model.ts";
import { HttpClient, JSON_BODY } from "./http-client.ts";
import { until } from "../../until.ts";

/** Services in the order a reader meets them; the sandbox stands for the outside. */
const FILES = {
  template: () => import("../../../services/template/template.service.ts"),
  protocol: () => import("../../../services/protocol/protocol.service.ts"),
  evidence: () => import("../../../services/evidence/evidence.service.ts"),
  sms: () => import("../../../services/sms/sms.service.ts"),
  "verification-bridge": () => import("../../../services/verification-bridge/verification-bridge.service.ts"),
  notifier: () => import("../../../services/notifier/notifier.service.ts"),
  expiry: () => import("../../../services/expiry/expiry.service.ts"),
  process: () => import("../../../services/process/process.service.ts"),
  gateway: () => import("../../../services/gateway/gateway.service.ts"),
  sandbox: () => import("../../../sandbox/sandbox.service.ts"),
};
export type ServiceName = keyof typeof FILES;

interface ProcessNode extends Service {
  collections: { processes: Collection<SigningProcess> };
  actor: Actor;
}

/** Nothing of these runs by itself within a test: what a refusal changes would be lost among what time changes. */
const QUIET = { EXPIRY_SCAN_INTERVAL: "24h", VERIFICATION_QUERY_AFTER: "24h", READ_SECONDS: "0s", METRICS_PORT: "off", LOG_LEVEL: "debug" };

/**
 * The whole platform, sandbox included, in this process: real gateway, real services, real files. The settings are read on import, so
 * everything that reads them is imported here and not above.
 * @param callers more callers beside the sandbox's wallet
 */
export async function wholePlatform({ env = {}, callers = {} }: { env?: Record<string, string>; callers?: object } = {}) {
  const port = await freePort();
  Object.assign(process.env, { PORT: String(port), PUBLIC_BASE_URL: `http://127.0.0.1:${port}` }, QUIET, env);
  const { config } = await import("../../../config/index.ts");
  const { loggerOptions } = await import("../../../config/logging.ts");
  const { brokerOptions } = await import("../../../moleculer.config.ts");
  const { ensureOutboundKey } = await import("../../../config/development-outbound.ts");
  const { ensureSealKey } = await import("../../../config/development-seal.ts");
  const { clock } = await import("../../../mixins/clock.ts");
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: { webhookSecrets: [`whsec_${Buffer.alloc(32, 1).toString("base64")}`] }, ...callers }));
  ensureOutboundKey(config);
  await ensureSealKey(config);

  /** Lines of the log, as they would go to stdout. */
  const logged: string[] = [];
  /** Errors that an action throws in place of its work. */
  const broken = new Map<string, () => unknown>();
  const breaking: Middleware = {
    name: "Breaking",
    localAction: (next: (ctx: unknown) => Promise<unknown>, action: { name: string }) => async (ctx: unknown) => {
      const instead = broken.get(action.name);
      return instead ? instead() : next(ctx);
    },
  } as unknown as Middleware;
  const destination = { write: (line: string) => void logged.push(line) };
  const broker = new ServiceBroker({ ...brokerOptions(config), middlewares: [breaking], logger: loggerOptions({ logLevel: config.logLevel }, destination as never) });
  const start = async (name: ServiceName): Promise<void> => void broker.createService(((await FILES[name]()) as { default: ServiceSchema }).default);
  for (const name of Object.keys(FILES) as ServiceName[]) await start(name);
  await broker.start();
  const node = broker.getLocalService("process") as unknown as ProcessNode;
  const http = new HttpClient(port);
  // A receipt that comes by itself, some time later, is one more thing that changes without having been refused.
  await http.call("PUT", "/sandbox/api/faults", JSON_BODY, JSON.stringify({ receipts: false }));
  const database = new DatabaseSync(join(config.dataDir, "esign.db"), { readOnly: true });

  return {
    config,
    broker,
    node,
    http,
    port,
    logged,
    broken,
    url: `http://127.0.0.1:${port}`,
    /** The platform's clock runs this far ahead from now on. */
    ahead: (ms: number): void => clock.use(() => Date.now() + ms),
    /** Takes one service away; the answer brings it back. */
    async without(name: ServiceName): Promise<() => Promise<void>> {
      await broker.destroyService(broker.getLocalService(name)!);
      return async () => {
        await start(name);
        await broker.waitForServices(name, 30_000);
      };
    },
    /** Every stored row as the database has it, by table. */
    stored: (): Map<string, string[]> => storedRows(database),
    /** Resolves when nothing is under way: no effect owed, no evidence, no callback. */
    async quiet(): Promise<void> {
      await settled(() => owes(database), () => (broker.getLocalService("process") as unknown as ProcessNode).actor.idle());
    },
    async stop(): Promise<void> {
      clock.use(Date.now);
      http.close();
      database.close();
      await broker.stop();
    },
  };
}
export type WholePlatform = Awaited<ReturnType<typeof wholePlatform>>;

function storedRows(database: DatabaseSync): Map<string, string[]> {
  const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name").all() as { name: string }[];
  return new Map(tables.map(({ name }) => [name, (database.prepare(`SELECT * FROM "${name}" ORDER BY 1`).all() as object[]).map((row) => JSON.stringify(row))]));
}

/** Work that is not done yet, of whichever service: effects, evidence, callbacks, results. */
const OWES = /"(?:owedDueAt|owedAt|nextAt|evidenceDueAt)":"|"owesResult":true|"owesStarted":true|"evidenceOwed":[[{](?![\]}])/;
const owes = (database: DatabaseSync): boolean => [...storedRows(database).values()].flat().some((row) => OWES.test((JSON.parse(row) as { doc: string }).doc));

async function settled(owing: () => boolean, idle: () => Promise<void>): Promise<void> {
  await until("nothing is owed any more", async () => (await idle(), !owing()), { pauseMs: 10 });
}
