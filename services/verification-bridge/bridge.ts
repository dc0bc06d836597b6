import type { Service } from "moleculer";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Waking } from "../../mixins/queue.ts";
import type { RecentHealth } from "../../mixins/recent-health.ts";
import type { ByLiveSettings } from "../../mixins/settings-in-force.ts";
import type { Sweeping } from "../../mixins/sweep.ts";
import type { Links, VerificationDriver } from "./drivers/http.ts";
import type { ModeRule } from "./mode.ts";
import type { Confirmed, Started } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";

export interface BridgeSettings {
  baseUrl: string;
  timeoutMs: number;
  /** First active query after the start, in milliseconds. */
  queryAfterMs: number;
  /** How long after the window the system is still asked, in milliseconds: an expiry may be held up that long. */
  graceMs: number;
}

/** The running service, as its parts see it. */
export interface Bridge extends Service<BridgeSettings>, Waking, Sweeping, ByLiveSettings {
  collections: { attempts: Collection<VerificationRecord> };
  driver: VerificationDriver;
  health: RecentHealth;
  /** The environment's. */
  rules: readonly ModeRule[];
  startOnce: (requestId: string, work: () => Promise<Started>) => Promise<Started>;
  confirmOnce: (answerId: string, work: () => Promise<Confirmed>) => Promise<Confirmed>;
  linksFor(processId: string): Links;
}

/** What the process is told is answered within this, so that a callback is within the 10 s its relay has. */
export const PROCESS_TIMEOUT = { timeout: 8_000 };
