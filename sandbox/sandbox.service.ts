import { config } from "../config/index.ts";
import { sandboxService } from "./sandbox-schema.ts";

/** Loaded by `main.ts` when SANDBOX is on; the settings refuse it in production. */
export default sandboxService({
  stateDir: `${config.dataDir}-sandbox`,
  publicBaseUrl: config.publicBaseUrl,
  host: config.host,
  callersFile: config.callersFile,
});
