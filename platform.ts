import { ServiceBroker, type Middleware, type ServiceSchema } from "moleculer";
import brokerOptions from "./moleculer.config.ts";
import { ensureAdminKeys } from "./config/admin-keys.ts";
import { ensureCallersFile } from "./config/callers.ts";
import { ensureOutboundKey } from "./config/development-outbound.ts";
import { ensureSealKey } from "./config/development-seal.ts";
import { loggerOptions } from "./config/logging.ts";
import { config, ConfigProblems } from "./config/index.ts";
import { SERVICE_NAMES } from "./contract/vocabulary.ts";
import { clock } from "./mixins/clock.ts";
import { keyAdmission } from "./mixins/storage/key-admission.ts";
import { admittedKeys } from "./mixins/storage/personal-collections.ts";
import { lockDataDir } from "./mixins/storage/data-dir-lock.ts";

export interface Platform {
  broker: ServiceBroker;
  /** Lets running calls and effects end, then gives DATA_DIR free. */
  stop(): Promise<void>;
}

/**
 * Brings this node up: lock, keys, broker, the services this node runs, the sandbox where it is on.
 * @param withConsole the log goes to stderr, since stdout is the operators' console
 * @param middlewares more of the framework's middlewares; crash points are ones that only a test loads
 * @throws DataDirLocked naming the process that holds DATA_DIR, ConfigProblems
 */
export async function startPlatform({ middlewares = [], withConsole = false }: { middlewares?: Middleware[]; withConsole?: boolean } = {}): Promise<Platform> {
  // Without a bus this is the only process (CONTRACT.md §1), and takes every foreign lease for a dead one's, whatever the database is; and
  // the embedded database is for one process, whatever else is on the bus. An operators' console alone has no database.
  const oneOfSeveral = config.transporter !== undefined && (config.mongoUri !== undefined || config.services?.length === 0);
  const lock = oneOfSeveral ? null : lockDataDir(config.dataDir);
  try {
    const admit = () => admittedKeys(config, clock.now());
    const unreadable = config.mongoUri ? [] : await admit();
    if (unreadable.length) throw new ConfigProblems(unreadable);
    const admission = config.mongoUri ? [keyAdmission(admit, ["gateway"])] : [];
    ensureAdminKeys(config);
    ensureCallersFile(config);
    ensureOutboundKey(config);
    await ensureSealKey(config);
    const logger = withConsole ? { logger: loggerOptions(config, process.stderr) } : {};
    const broker = new ServiceBroker({ ...brokerOptions, ...logger, middlewares: [...(brokerOptions.middlewares ?? []), ...admission, ...middlewares] });
    for (const schema of await schemas()) broker.createService(schema);
    await broker.start();
    warnOfTheUnlikely(broker);
    return {
      broker,
      async stop() {
        await broker.stop();
        lock?.release();
      },
    };
  } catch (error) {
    lock?.release();
    throw error;
  }
}

/** Settings that are accepted and hardly what was meant. */
function warnOfTheUnlikely(broker: ServiceBroker): void {
  if (config.production && /^https?:\/\/localhost\b/.test(config.publicBaseUrl)) {
    broker.logger.warn("links sent to phones lead to localhost", { alert: "PUBLIC_BASE_URL_LOCAL", setting: "PUBLIC_BASE_URL" });
  }
  if (config.production && runsAsRoot() && (config.services ?? SERVICE_NAMES).includes("protocol")) {
    broker.logger.warn("this node runs as root, to whom Chromium gives no sandbox", { alert: "CHROMIUM_UNSANDBOXED" });
  }
}

async function schemas(): Promise<ServiceSchema[]> {
  const files = (config.services ?? SERVICE_NAMES).map((name) => `./services/${name}/${name}.service.ts`);
  if (config.sandbox) files.push("./sandbox/sandbox.service.ts");
  // A build has compiled these to .js; the extension of this very file says which of the two it is.
  const extension = import.meta.filename.slice(-3);
  return Promise.all(files.map(async (file) => ((await import(file.replace(/\.ts$/, extension))) as { default: ServiceSchema }).default));
}

const runsAsRoot = (): boolean => process.getuid?.() === 0;
