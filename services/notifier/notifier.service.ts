import type { Context, ServiceSchema } from "moleculer";
import { callers } from "../../config/callers.ts";
import { config } from "../../config/index.ts";
import type { Page } from "../../contract/paging.ts";
import { clock } from "../../mixins/clock.ts";
import { collections } from "../../mixins/collection.ts";
import { faultOf } from "../../mixins/fault.ts";
import { queue } from "../../mixins/queue.ts";
import { settingsInForce } from "../../mixins/settings-in-force.ts";
import { sweep } from "../../mixins/sweep.ts";
import { attendDelivery, dueDeliveries } from "./delivering.ts";
import { deliveryModel, type DeliveryRecord } from "./delivery.model.ts";
import { eventsAfter } from "./feed.ts";
import { deliveries } from "./listing.ts";
import { HostLanes } from "./host-lanes.ts";
import type { Notifier } from "./notifier.ts";
import type { DeliveryListParams, DeliveryView, EventPage, EventsParams, OperatorReplay, RecordParams, Replayed } from "./notifier.api.ts";
import { recordEvent } from "./recording.ts";
import { replay, replayByOperator } from "./replaying.ts";
import { signingEventModel } from "./signing-event.model.ts";

const SWEEP_EVERY = 5_000;
const CONCURRENCY = 32;
/** Tries to one host at once. A wallet that is silent holds each for CALLBACK_TIMEOUT; those of others do not wait behind it. */
const HOST_SHARE = 8;
/** Tries that wait in memory for one host; the others are put off in the database. */
const HOST_ROOM = 200;

export default {
  name: "notifier",
  mixins: [
    collections({ events: signingEventModel, deliveries: deliveryModel }),
    settingsInForce(),
    queue<Notifier>({ concurrency: CONCURRENCY, handle(id) { return attendDelivery(this, id); } }),
    sweep<Notifier>({
      every: SWEEP_EVERY,
      concurrency: CONCURRENCY,
      due(now, limit) { return dueDeliveries(this, now, limit); },
      handle(id) { return attendDelivery(this, id); },
    }),
  ],
  settings: {
    schedule: config.callbackSchedule,
    timeoutMs: config.callbackTimeout,
    guardAddresses: config.production,
  },
  actions: {
    record: {
      handler(this: Notifier, ctx: Context<RecordParams>): Promise<{ eventId: string }> {
        return recordEvent(this, ctx.params);
      },
    },
    events: {
      handler(this: Notifier, ctx: Context<EventsParams>): Promise<EventPage> {
        return eventsAfter(this, ctx.params);
      },
    },
    replay: {
      handler(this: Notifier, ctx: Context<{ eventId: string }>): Promise<{ eventId: string; state: DeliveryRecord["state"] }> {
        return replay(this, ctx.params.eventId);
      },
    },
    replayByOperator: {
      handler(this: Notifier, ctx: Context<OperatorReplay>): Promise<Replayed> {
        return replayByOperator(this, ctx.params);
      },
    },
    deliveries: {
      handler(this: Notifier, ctx: Context<DeliveryListParams>): Promise<Page<DeliveryView>> {
        return deliveries(this, ctx.params);
      },
    },
  },
  created(this: Notifier) {
    this.callers = callers();
    this.random = Math.random;
    this.lanes = new HostLanes({
      share: HOST_SHARE,
      room: HOST_ROOM,
      now: () => clock.now(),
      failed: (eventId, error) => this.logger.error("a callback try could not be made", { eventId, fault: faultOf(error) }),
    });
  },
  async stopped(this: Notifier) {
    await this.lanes.stop();
  },
} as unknown as ServiceSchema;
