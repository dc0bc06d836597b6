import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import type { Rate } from "../../config/parsers.ts";
import { collections } from "../../mixins/collection.ts";
import { Mailbox } from "../../mixins/mailbox.ts";
import { recentHealth, type RecentHealth } from "../../mixins/recent-health.ts";
import { singleFlight } from "../../mixins/single-flight.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { settingsInForce, type ByLiveSettings } from "../../mixins/settings-in-force.ts";
import { sweep, type Sweeping } from "../../mixins/sweep.ts";
import { SMS_DRIVERS } from "./drivers/index.ts";
import type { SmsDriver } from "./drivers/driver.ts";
import { reserve, Reservations } from "./mobile-limit.ts";
import { receive } from "./receipts.ts";
import { dueReceipts, payReceipts } from "./receipt-evidence.ts";
import { recordedMessage, sendRecorded } from "./sending.ts";
import { outcomeOf } from "./message.ts";
import { smsRecordModel, type SmsRecord } from "./sms-record.model.ts";
import type { ReceiptParams, ReserveParams, SendSmsParams, SmsOutcome } from "./sms.api.ts";

const SWEEP_EVERY_MS = 5_000;

interface SmsSettings {
  driver: keyof typeof SMS_DRIVERS;
  url: string;
  timeoutMs: number;
  mobileLimit: Rate | null;
}
export interface SmsService extends Service<SmsSettings>, Sweeping, ByLiveSettings {
  collections: { records: Collection<SmsRecord> };
  driver: SmsDriver;
  health: RecentHealth;
  /** Who asks for one mobile waits for who asked before. */
  reserving: Mailbox;
  reservations: Reservations;
  once: (messageId: string, work: () => Promise<SmsOutcome>) => Promise<SmsOutcome>;
}

export default {
  name: "sms",
  mixins: [
    collections({ records: smsRecordModel }),
    settingsInForce(),
    /** Evidence of receipts that a crash or an outage has left owed. */
    sweep<SmsService>({
      every: SWEEP_EVERY_MS,
      due(now, limit) { return dueReceipts(this, now, limit); },
      handle(id) { return payReceipts(this, id); },
    }),
  ],
  settings: {
    driver: config.smsDriver,
    url: config.smsHttpUrl,
    timeoutMs: config.smsTimeout,
    mobileLimit: config.smsMobileLimit,
    $secureSettings: ["url"],
  },
  actions: {
    send: {
      /**
       * Sends one message and answers how that went; FAILED is an answer and not an error. Twice at the same time sends once,
       * twice in a row gives the recorded outcome. After a crash the gateway recognises the `messageId`.
       */
      async handler(this: SmsService, ctx: Context<SendSmsParams>): Promise<SmsOutcome> {
        return this.once(ctx.params.messageId, async () => {
          const record = await recordedMessage(this.collections.records, ctx);
          if (record.status === "SENT") return outcomeOf(record);
          return outcomeOf(await sendRecorded(this.collections.records, this.driver, record, this.health));
        }).finally(() => this.reservations.drop(ctx.params.messageId));
      },
    },
    reserve: {
      handler(this: SmsService, ctx: Context<ReserveParams>): Promise<void> {
        return reserve(this, ctx.params);
      },
    },
    release: {
      handler(this: SmsService, ctx: Context<{ messageId: string }>): void {
        this.reservations.drop(ctx.params.messageId);
      },
    },
    receipt: {
      /** Durable when it answers; a repeat changes nothing. */
      handler(this: SmsService, ctx: Context<ReceiptParams>): Promise<void> {
        return receive(this, ctx.params.token, ctx.params.body);
      },
    },
    health: {
      handler(this: SmsService): "UP" | "DOWN" {
        return this.health.state();
      },
    },
  },
  created(this: SmsService) {
    const { driver, url, timeoutMs } = this.settings;
    this.driver = SMS_DRIVERS[driver]({ url, timeoutMs, keyFile: config.outboundKeyFile });
    this.health = recentHealth();
    this.once = singleFlight();
    this.reserving = new Mailbox();
    this.reservations = new Reservations();
  },
  async stopped(this: SmsService) {
    await this.driver.close();
  },
} as unknown as ServiceSchema;
