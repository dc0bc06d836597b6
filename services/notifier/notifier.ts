import type { Service } from "moleculer";
import type { Callers } from "../../config/callers.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Waking } from "../../mixins/queue.ts";
import type { ByLiveSettings } from "../../mixins/settings-in-force.ts";
import type { Sweeping } from "../../mixins/sweep.ts";
import type { DeliveryRecord } from "./delivery.model.ts";
import type { Resolve } from "./drivers/lookup.ts";
import type { HostLanes } from "./host-lanes.ts";
import type { SigningEventRecord } from "./signing-event.model.ts";

export interface NotifierSettings {
  /** CALLBACK_SCHEDULE: waits before each try, in milliseconds. */
  schedule: number[];
  timeoutMs: number;
  /** Only addresses that §3.3 permits are called; off outside production. */
  guardAddresses: boolean;
}

/** The running service, as its parts see it. */
export interface Notifier extends Service<NotifierSettings>, Waking, Sweeping, ByLiveSettings {
  collections: { events: Collection<SigningEventRecord>; deliveries: Collection<DeliveryRecord> };
  callers: Callers;
  lanes: HostLanes;
  /** From 0 to 1; the source of jitter. */
  random: () => number;
  resolve: Resolve | undefined;
}
