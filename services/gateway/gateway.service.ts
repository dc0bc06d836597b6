import { ensureAdminKeys } from "../../config/admin-keys.ts";
import { callers } from "../../config/callers.ts";
import { config } from "../../config/index.ts";
import { gatewaySchema } from "./gateway-schema.ts";

/** The platform's HTTP side: takes calls in, proves who calls, hands on and answers in one shape. It decides nothing. */
export default gatewaySchema({ config, callers, adminKeys: () => ensureAdminKeys(config) });
