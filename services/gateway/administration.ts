import type { AdminKey } from "../../config/admin-keys.ts";
import type { Logger } from "moleculer";
import { adminAuthentication } from "./admin-authentication.ts";
import type { AdminParts } from "./admin-operation.ts";
import type { AdminSessions } from "./admin-sessions.ts";
import { adminRoutes } from "./admin.routes.ts";
import type { Audit } from "./audit.ts";
import type { GatewayRequest } from "./exchange.ts";
import { templateRoutes } from "./template.routes.ts";
import { sessionRoutes } from "./session.routes.ts";
import { settingsRoutes } from "./settings.routes.ts";

export interface AdministrationParts {
  keys: readonly AdminKey[];
  sessions: AdminSessions;
  audit: Audit;
  addressOf(req: GatewayRequest): string;
  logger: Logger;
}

/** All routes of the administration (CONTRACT.md §2.5). Without a key there are none: it is off. */
export function administration({ keys, sessions, audit, addressOf, logger }: AdministrationParts): Record<string, unknown>[] {
  if (keys.length === 0) return [];
  const parts: AdminParts = { authenticate: adminAuthentication(keys, sessions, logger), addressOf, audit };
  return [adminRoutes(parts), templateRoutes(parts), sessionRoutes(parts, sessions), settingsRoutes(parts)];
}
