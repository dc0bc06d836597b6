import type { Context, Service, ServiceSchema } from "moleculer";
import { config } from "../../config/index.ts";
import { collections } from "../../mixins/collection.ts";
import { recentHealth, type RecentHealth } from "../../mixins/recent-health.ts";
import { singleFlight } from "../../mixins/single-flight.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { SMS_DRIVERS } from "./drivers/index.ts";
import type { SmsDriver } from "./drivers/driver.ts";
import { recordedMessage, sendRecorded } from "./sending.ts";
import { outcomeOf } from "./message.ts";
import { smsRecordModel, type SmsRecord } from "./sms-record.model.ts";
import type { SendSmsParams, SmsOutcome } from "./sms.api.ts";

interface SmsSettings {
  driver: keyof typeof SMS_DRIVERS;
  url: string;
  timeoutMs: number;
}
export interface SmsService extends Service<SmsSettings> {
  collections: { records: Collection<SmsRecord> };
  driver: SmsDriver;
  health: RecentHealth;
  once: (messageId: string, work: () => Promise<SmsOutcome>) => Promise<SmsOutcome>;
}

export default {
  name: "sms",
  mixins: [collections({ records: smsRecordModel })],
  settings: {
    driver: config.smsDriver,
    url: config.smsHttpUrl,
    timeoutMs: config.smsTimeout,
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
        });
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
  },
  async stopped(this: SmsService) {
    await this.driver.close();
  },
} as unknown as ServiceSchema;
