import { writeFileSync } from "node:fs";
import { config } from "./settings-of-this-test.ts";
import { callers } from "../../config/callers.ts";
import type { SigningEvent } from "../../contract/events.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import notifierSchema from "../../services/notifier/notifier.service.ts";
import type { DeliveryRecord } from "../../services/notifier/delivery.model.ts";
import type { Notifier } from "../../services/notifier/notifier.ts";
import type { RecordParams } from "../../services/notifier/notifier.api.ts";
import type { AppendParams } from "../../services/evidence/evidence.api.ts";
import { until } from "../until.ts";
import { nodeWith } from "./node-with.ts";
import { json, outsideSystem } from "./outside-system.ts";

export const NOON = Date.UTC(2026, 0, 1, 12);
export const SECRETS = [1, 2].map((byte) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`);

/** Writes CALLERS_FILE as an operator would, and has it read. */
export function listCallers(wallet: object, more: object = {}): void {
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: { webhookSecrets: SECRETS, ...wallet }, ...more }));
  callers().refresh();
}

/** The notifier on a node of its own, against a wallet on loopback and a stand-in of the evidence service. */
export async function notifierWorld(settings: object = {}) {
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: { webhookSecrets: SECRETS } }));
  let now = NOON;
  clock.use(() => now);
  const wallet = await outsideSystem(json({ code: "SUCCESS" }));
  /** `meanwhile` happens once, while an append is under way. */
  const chain = { appended: [] as AppendParams[], failing: false, meanwhile: null as (() => Promise<void>) | null };
  const evidence = {
    name: "evidence",
    actions: {
      async append(params: AppendParams) {
        const { meanwhile } = chain;
        chain.meanwhile = null;
        await meanwhile?.();
        if (chain.failing) throw new Error("the evidence service is down");
        chain.appended.push(params);
        return { head: "h", length: chain.appended.length };
      },
    },
  };
  const schedule = [0, 5_000, 30_000];
  const broadcasts: { name: string; event: SigningEvent }[] = [];
  const start = async (more: object = {}) => {
    const node = await nodeWith<Notifier>(notifierSchema, { schedule, timeoutMs: 1_500, guardAddresses: false, ...settings, ...more }, [evidence]);
    node.service.random = () => 0.5;
    const broadcast = node.broker.broadcast.bind(node.broker);
    node.broker.broadcast = ((name: string, event: SigningEvent) => (broadcasts.push({ name, event }), broadcast(name, event))) as typeof node.broker.broadcast;
    return node;
  };
  const node = await start();
  const deliveryOf = (eventId: string) => node.service.collections.deliveries.get(eventId);
  return {
    wallet,
    chain,
    broadcasts,
    start,
    node,
    deliveryOf,
    /** What is due now, tried and noted. */
    async sweep(on = node): Promise<void> {
      await on.service.sweepNow();
      await on.service.lanes.idle();
    },
    /** Between two tests: what is still to be tried will not be. */
    async giveUp(): Promise<void> {
      const { deliveries } = node.service.collections;
      await node.service.lanes.idle();
      const pending = await deliveries.find({ state: "PENDING" });
      for (const { _id } of pending) await amend(deliveries, _id, (present): DeliveryRecord => ({ ...present, state: "PARKED", nextAt: undefined }));
    },
    record: (params: RecordParams, on = node) => on.call<{ eventId: string }>("notifier.record", params),
    /** The delivery once it has become so. */
    delivery: (eventId: string, so: (delivery: DeliveryRecord) => boolean): Promise<DeliveryRecord> =>
      until(`the delivery of ${eventId} is so: ${so}`, async () => {
        const delivery = await deliveryOf(eventId);
        return delivery && so(delivery) && delivery;
      }),
    at: (ms: number): void => void (now = NOON + ms),
    async end() {
      await node.stop();
      callers().close();
      await wallet.close();
      clock.use(Date.now);
    },
  };
}

let number = 0;
/** An outcome as the process hands it over. */
export function outcomeFor(callbackUrl: string, more: Partial<RecordParams> & { type?: SigningEvent["type"] } = {}): RecordParams {
  const { type = "SIGNING_PROCESS_COMPLETED", ...rest } = more;
  const id = String(++number).padStart(6, "0");
  const event: SigningEvent = {
    eventId: `EVT_SIGN_${id}`,
    type,
    timestamp: "2026-01-01T12:00:00Z",
    payload: {
      processId: `ESIGN_PROC_${id}`,
      requestId: `REQ_${id}`,
      businessType: "TIANCAI_SPLIT_ACCOUNT",
      scene: "BATCH_PAYMENT",
      processType: "RELATION_BINDING",
      status: type === "SIGNING_PROCESS_COMPLETED" ? "COMPLETED" : "FAILED",
      payerMerchantNo: "M100001",
      payeeMerchantNo: "M100002",
      protocolId: "PROTO_1",
      verificationId: "VER1",
      fundPurpose: "股东分红",
    },
    evidence: { chainHead: "a".repeat(64), checkpoint: null },
  };
  return { event, systemCode: "WALLET", businessId: `BIZ-${id}`, callbackUrl, ...rest };
}
