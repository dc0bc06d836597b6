import { config } from "./settings-of-this-test.ts";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Service, ServiceSchema } from "moleculer";
import { callers } from "../../config/callers.ts";
import { ensureOutboundKey } from "../../config/development-outbound.ts";
import type { Rate } from "../../config/parsers.ts";
import { gatewaySchema } from "../../services/gateway/gateway-schema.ts";
import notifierSchema from "../../services/notifier/notifier.service.ts";
import smsSchema, { type SmsService } from "../../services/sms/sms.service.ts";
import { WALLET, type Told } from "./gateway-harness.ts";
import { documentedCall as call } from "./openapi/documented-call.ts";
import { json, outsideSystem, type Call } from "./outside-system.ts";
import { processWorld } from "./process-world.ts";

export interface Limits {
  walletRate?: Rate | null;
  h5Rate?: Rate | null;
  smsMobileLimit?: Rate | null;
}

const SENT = json({ code: "SUCCESS", data: { smsId: "S1" } });

/** Wallet and signer by HTTP: the real gateway, process, sms and notifier services over an SMS gateway that keeps what it is given. */
export async function walletWorld(limits: Limits = {}) {
  ensureOutboundKey(config);
  const phone = await outsideSystem(SENT);
  const settings = { ...config, walletRate: null, h5Rate: null, smsMobileLimit: null, ...limits, port: 0, host: "127.0.0.1" };
  const sms = { ...smsSchema, settings: { ...smsSchema.settings, url: `${phone.url}/sms`, timeoutMs: 500, mobileLimit: settings.smsMobileLimit } } as unknown as ServiceSchema;
  const on = await processWorld([sms, notifierSchema, gatewaySchema({ config: settings, callers })]);
  on.node.desk.config = settings;
  const service = (name: string) => on.broker.getLocalService(name) as unknown as Service;
  const { port } = (service("gateway") as unknown as { server: Server }).server.address() as AddressInfo;

  /** Messages the gateway was given of a process: the invitations, the codes or all; one of an id however often it was posted. */
  const messages = (processId: string): Call["json"][] => [...new Map(phone.calls.filter((one) => String(one.json["messageId"]).includes(processId)).map((one) => [one.json["messageId"], one.json])).values()];

  return {
    ...on,
    settings,
    phone,
    service,
    sms: service("sms") as unknown as SmsService,
    messages,
    ids: (processId: string) => messages(processId).map((one) => String(one["messageId"])),
    get: (path: string, headers: Record<string, string> = {}): Promise<Told> => call(port, "GET", path, headers),
    post: (path: string, body: unknown = {}, headers: Record<string, string> = WALLET): Promise<Told> => call(port, "POST", path, headers, typeof body === "string" ? body : JSON.stringify(body)),
    initiate: (body: object = on.body()): Promise<Told> => call(port, "POST", "/api/v1/esign/process/initiate", WALLET, JSON.stringify(body)),
    resend: (processId: string, headers: Record<string, string> = WALLET): Promise<Told> => call(port, "POST", `/api/v1/esign/process/${processId}/sms/resend`, headers, "{}"),
    signer: (token: string, path: string, body: unknown = {}): Promise<Told> =>
      call(port, "POST", `/h5/api/${path}`, { authorization: `Bearer ${token}`, "content-type": "application/json" }, JSON.stringify(body)),
    async end() {
      await on.end();
      await phone.close();
    },
  };
}
export type WalletWorld = Awaited<ReturnType<typeof walletWorld>>;

/** A started signing as its wallet sees it. */
export async function started(on: WalletWorld, change: object = {}): Promise<{ processId: string; token: string; link: string }> {
  const told = await on.initiate({ ...on.body(), ...change });
  const { processId, h5PageUrl } = told.json.data as { processId: string; h5PageUrl: string };
  return { processId, link: h5PageUrl, token: new URL(h5PageUrl).searchParams.get("token")! };
}
