import { writeFileSync } from "node:fs";
import { config } from "./settings-of-this-test.ts";
import type { ServiceSchema } from "moleculer";
import { callers } from "../../config/callers.ts";
import { ensureOutboundKey } from "../../config/development-outbound.ts";
import { VERIFICATION_COMPLETED } from "../../contract/events.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { ExpiryService } from "../../services/expiry/expiry.service.ts";
import type { DeliveryRecord } from "../../services/notifier/delivery.model.ts";
import { statusOf } from "../../services/process/decision.ts";
import notifierSchema from "../../services/notifier/notifier.service.ts";
import type { Notifier } from "../../services/notifier/notifier.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";
import smsSchema from "../../services/sms/sms.service.ts";
import type { Bridge } from "../../services/verification-bridge/bridge.ts";
import bridgeSchema from "../../services/verification-bridge/verification-bridge.service.ts";
import { until } from "../until.ts";
import { tokenFor } from "./bridge-node.ts";
import { json, outsideSystem, type Reply } from "./outside-system.ts";
import { ORIGIN, processWorld, type ProcessNode } from "./process-world.ts";
import { verificationStandIn } from "./verification-stand-in.ts";

/** One try at an outside system; short, since silence is waited out, and not too short for a busy machine. */
const TRY_MS = 1_500;
const SENT = json({ code: "SUCCESS", data: { smsId: "S1" } });

/**
 * A whole signing in one node, the real sms, verification-bridge and notifier in front of the three outside systems, which are HTTP
 * servers on loopback that misbehave by script. Only the printing is a stand-in.
 */
export async function outsideWorld() {
  ensureOutboundKey(config);
  const phones = new Set<string>();
  const gateway = await outsideSystem((response, call) => (phones.add(String(call.json["messageId"])), SENT(response, call)));
  const verification = await verificationStandIn();
  const wallet = await outsideSystem(json({ code: "SUCCESS" }));
  const set = (schema: ServiceSchema, settings: object): ServiceSchema => ({ ...schema, settings: { ...schema.settings, ...settings } });
  const on = await processWorld([
    set(smsSchema, { url: `${gateway.url}/sms`, timeoutMs: TRY_MS }),
    set(bridgeSchema, { baseUrl: verification.url, timeoutMs: TRY_MS, queryAfterMs: 30_000 }),
    set(notifierSchema, { schedule: [0, 5_000, 30_000], timeoutMs: TRY_MS, guardAddresses: false }),
  ]);
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: { webhookSecrets: [`whsec_${Buffer.alloc(24, 7).toString("base64")}`] } }));
  callers().refresh();
  const service = <T>(name: string) => on.broker.getLocalService(name) as unknown as T;
  const bridge = service<Bridge>("verification-bridge");
  const notifier = service<Notifier>("notifier");
  notifier.random = () => 0.5;

  /** What is due now is done, by every service that has something to do. */
  async function sweep(): Promise<void> {
    for (const one of [bridge, service<ProcessNode>("process"), on.expiry, notifier]) {
      await one.sweepNow();
      await on.settled();
    }
    // A wake-up may have been leasing what the sweep found leased: it is in its lane a turn later.
    let calm = 0;
    await until("no delivery is due three turns long", async () => {
      await notifier.lanes.idle();
      await new Promise(setImmediate);
      const due = await notifier.collections.deliveries.find({ nextAt: { $lte: new Date(on.world.now) } }, { limit: 1 });
      calm = due.length === 0 ? calm + 1 : 0;
      return calm === 3;
    });
  }

  /** A signing whose wallet is the one on loopback; no code, since SIGN_SMS_CODE has tests of its own. */
  async function initiated(change: Partial<InitiateRequest> = {}) {
    on.node.desk.config = { ...config, signSmsCode: false };
    return on.signing(on.body({ callbackUrl: `${wallet.url}/callback`, ...change }));
  }
  async function signed(change: Partial<InitiateRequest> = {}) {
    const one = await initiated(change);
    await one.open();
    on.world.now += 10_000;
    await one.sign({ smsCode: undefined });
    await on.settled();
    return one;
  }

  const postsOf = (processId: string) => verification.calls.filter((call) => call.method === "POST" && String(call.json["requestId"]).startsWith(processId));
  const callbacksOf = (processId: string) => wallet.calls.filter((call) => (call.json["payload"] as { processId: string }).processId === processId);
  const eventsOf = async (processId: string) => notifier.collections.events.find({ processId });

  /** What the outside has seen of one process, so that a doubling shows. */
  async function seen(processId: string) {
    const invitations = gateway.calls.filter((call) => String(call.json["messageId"]).includes(processId));
    const callbacks = callbacksOf(processId);
    return {
      sms: { posts: invitations.length, ids: new Set(invitations.map((call) => call.json["messageId"])).size, phones: [...phones].filter((id) => id.includes(processId)).length },
      remittances: { posts: postsOf(processId).length, moved: verification.attempts.filter((attempt) => attempt.requestId.startsWith(processId)).length },
      callbacks: { posts: callbacks.length, ids: new Set(callbacks.map((call) => call.headers["webhook-id"])).size, bodies: new Set(callbacks.map((call) => call.raw)).size },
      events: (await eventsOf(processId)).map((event) => (JSON.parse(event.body) as { payload: { status: string } }).payload.status),
    };
  }

  return {
    ...on,
    gateway,
    phones,
    verification,
    wallet,
    bridge,
    notifier,
    sweep,
    initiated,
    signed,
    seen,
    postsOf,
    /** What the wallet reads of it. */
    async reads(processId: string) {
      const { status, verificationInfo } = await on.call<{ status: string; verificationInfo: { status: string; verificationId: string | null } | null }>("get", { systemCode: "WALLET", processId });
      return { status, verification: verificationInfo?.status ?? null };
    },
    /** Resolves when the verification has been started for good. */
    pending: (processId: string) =>
      until(`the verification of ${processId} is PENDING`, async () => (await on.call<{ verificationInfo: { status: string } | null }>("get", { systemCode: "WALLET", processId })).verificationInfo?.status === "PENDING"),
    /** What the signer's page reads of it. */
    page: (token: string) => on.call<{ status: string; verification: { status: string; arrivalHint: string | null } | null }>("page", { token, origin: ORIGIN }),
    stateOf: async (processId: string) => statusOf((await on.node.collections.processes.get(processId))!),
    /** The process once it has come to this state. */
    async reaches(processId: string, status: string): Promise<void> {
      let present = "";
      await until(() => `${processId} is ${status}, it is ${present}`, async () => (present = statusOf((await on.node.collections.processes.get(processId))!)) === status);
      await on.settled();
    },
    /** A result as the verification system brings it: §2.1.3 with its token. */
    callback: (processId: string, change: object = {}, token: string | null = tokenFor(processId)) =>
      on.broker.call("verification-bridge.callback", { token, body: resultOf(processId, change) }).finally(on.settled),
    /** The same on the bus; resolves when the bridge has taken it. */
    event: (processId: string, change: object = {}, token = tokenFor(processId)) =>
      on.broker.emit(VERIFICATION_COMPLETED, { ...resultOf(processId, change), callbackToken: token }).then(on.settled),
    /** The clock moves and everybody does what has become due. */
    async later(ms: number): Promise<void> {
      on.world.now += ms;
      await sweep();
    },
    /** The bridge does nothing about this attempt by itself any more. */
    quiet: (requestId: string) => amend(bridge.collections.attempts, requestId, (present) => ({ ...present, dueAt: undefined })),
    /** Nothing gets through to a system, whatever is called, until it is well. */
    ill: (system: { script: Reply[] }, reply: Reply) => void system.script.push(...Array.from({ length: 2_000 }, () => reply)),
    well: (system: { script: Reply[] }) => void (system.script.length = 0),
    /** Between two tests: everybody well, and nothing of the last one due any more. */
    async calmAll() {
      for (const system of [gateway, verification, wallet]) system.script.length = 0;
      await notifier.lanes.idle();
      const { attempts } = bridge.collections;
      for (const { _id } of await attempts.find({ dueAt: { $ne: null } })) await amend(attempts, _id, (present) => ({ ...present, dueAt: undefined }));
      const { deliveries } = notifier.collections;
      for (const { _id } of await deliveries.find({ state: "PENDING" })) await amend(deliveries, _id, (present): DeliveryRecord => ({ ...present, state: "PARKED", nextAt: undefined }));
      const { wakeUps } = service<ExpiryService>("expiry").collections;
      for (const wakeUp of await wakeUps.find({})) await wakeUps.removeIfVersion(wakeUp);
      on.calm();
    },
    async end() {
      await on.end();
      for (const system of [gateway, verification, wallet]) await system.close();
      clock.use(Date.now);
    },
  };
}
export type OutsideWorld = Awaited<ReturnType<typeof outsideWorld>>;

export const resultOf = (processId: string, change: object = {}) => ({
  verificationId: `VER-${processId}-1`,
  processId,
  status: "SUCCESS",
  verifiedAt: "2026-11-24T12:30:00Z",
  failureReason: null,
  evidence: { remittanceAmount: "0.12" },
  ...change,
});

/** Takes its time, in turns of the event loop, and then does what it should. */
export const slowly =
  (reply: Reply): Reply =>
  (response, call) => {
    let turns = 300;
    const wait = (): void => void (turns-- > 0 ? setImmediate(wait) : reply(response, call));
    wait();
  };
