import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { collections } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { sweep, type Sweeping } from "../../mixins/sweep.ts";
import type { ExpireOutcome } from "../process/process.api.ts";
import type { SetWakeParams } from "./expiry.api.ts";
import { wakeUpModel, type WakeUp } from "./wake-up.model.ts";
import { setWakeUp, wakeOne } from "./waking.ts";

/** The process may have to ask the verification system before it decides (CONTRACT.md §2.1 "Expiry"). */
const EXPIRE_TIMEOUT = { timeout: 15_000 };
/** While that system is silent, deadlines about which nobody need be asked do not stand behind the others. */
const PATIENCE_MS = 1_000;

export interface ExpiryService extends Service, Sweeping {
  collections: { wakeUps: Collection<WakeUp> };
}

export default {
  name: "expiry",
  mixins: [
    collections({ wakeUps: wakeUpModel }),
    sweep<ExpiryService>({
      every: config.expiryScanInterval,
      patience: PATIENCE_MS,
      async due(now, limit) {
        const due = await this.collections.wakeUps.find({ dueAt: { $lte: new Date(now) } }, { sort: ["dueAt"], limit });
        return due.map((wakeUp) => wakeUp._id);
      },
      handle(processId) {
        const expire = (id: string) => this.broker.call<ExpireOutcome, { processId: string }>("process.expire", { processId: id }, EXPIRE_TIMEOUT);
        return wakeOne(this.collections.wakeUps, processId, expire);
      },
    }),
  ],
  actions: {
    set: {
      async handler(this: ExpiryService, ctx: Context<SetWakeParams>): Promise<void> {
        await setWakeUp(this.collections.wakeUps, ctx.params.processId, new Date(ctx.params.at));
      },
    },
  },
} as unknown as ServiceSchema;
