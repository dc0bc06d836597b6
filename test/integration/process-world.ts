import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { config } from "./settings-of-this-test.ts";
import { ServiceBroker, type Context, type Service, type ServiceSchema } from "moleculer";
import { callers } from "../../config/callers.ts";
import { failure } from "../../contract/errors.ts";
import type { SigningEvent } from "../../contract/events.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import evidenceSchema from "../../services/evidence/evidence.service.ts";
import type { EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";
import expirySchema from "../../services/expiry/expiry.service.ts";
import type { Actor } from "../../services/process/actor.ts";
import type { Initiated } from "../../services/process/process.api.ts";
import processSchema from "../../services/process/process.service.ts";
import type { InitiateRequest } from "../../contract/schemas/initiate.ts";
import type { SignerDesk } from "../../services/process/signer-calls.ts";
import type { SigningProcess } from "../../services/process/signing-process.model.ts";
import type { PrepareParams } from "../../services/protocol/protocol.api.ts";
import type { SendSmsParams, SmsOutcome } from "../../services/sms/sms.api.ts";
import templateSchema from "../../services/template/template.service.ts";
import type { ConfirmParams, Confirmed, QueryAnswer, StartParams } from "../../services/verification-bridge/verification-bridge.api.ts";
import { clientExample } from "../fixtures/client-example.ts";

export const NOON = Date.UTC(2026, 10, 24, 12);
export const ORIGIN = { ip: "203.0.113.9", userAgent: "phone" };
const sha = (text: string): string => createHash("sha256").update(text).digest("hex");

export interface ProcessNode extends Service {
  collections: { processes: Collection<SigningProcess> };
  actor: Actor;
  desk: SignerDesk;
  sweepNow(): Promise<number>;
}

/**
 * The process service with the real template, evidence and expiry services; the ends that reach outside are stand-ins.
 * @param more real services, which take the place of the stand-in of their name
 */
export async function processWorld(more: ServiceSchema[] = []) {
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: {}, STRICT: { callbackHosts: ["wallet.example.com"] }, OTHER: {} }));
  callers().refresh();
  const world = {
    now: NOON,
    sms: [] as SendSmsParams[],
    smsStatus: "SENT" as SmsOutcome["status"],
    started: [] as StartParams[],
    startStatus: "PENDING" as "PENDING" | "NOT_STARTED",
    faceUrlExpiresAt: null as string | null,
    mode: "REMITTANCE" as "REMITTANCE" | "FACE",
    confirmed: [] as ConfirmParams[],
    /** What happens elsewhere while an SMS is on its way. */
    whileSending: null as ((params: SendSmsParams) => Promise<unknown>) | null,
    confirm: (async () => ({ outcome: "MISMATCH", remainingAttempts: 2 })) as (params: ConfirmParams) => Promise<Omit<Confirmed, "answerId">>,
    query: { status: "PENDING", result: null } as QueryAnswer,
    /** What a query finds for one process, where the answer for all is not enough. */
    queryOf: null as ((processId: string) => QueryAnswer) | null,
    queries: 0,
    seals: 0,
    sealed: new Set<string>(),
    pdf: "%PDF-",
    events: [] as SigningEvent[],
  };
  clock.use(() => world.now);
  const iso = () => new Date(world.now).toISOString().replace(/\.\d{3}/, "");
  const htmlOf = (protocolId: string) => `<p data-key-clause="scope">范围 ${protocolId}</p><p data-key-clause="form">形式</p>`;
  const prepared = (protocolId: string) => ({ protocolHash: sha(htmlOf(protocolId)), sm3: createHash("sm3").update(htmlOf(protocolId)).digest("hex"), keyClauses: [{ id: "scope", text: "范围" }, { id: "form", text: "形式" }] });

  const standIns: Record<string, Record<string, (params: never) => unknown>> = {
    protocol: {
      prepare({ protocolId, variables, fields }: PrepareParams) {
        const bad = Object.keys(variables).find((name) => String(variables[name]).includes("\u{e123}"));
        if (bad) throw failure("PARAM_INVALID", { errors: [{ field: fields[bad]!, message: "含有无法打印的字符 U+E123" }] });
        return prepared(protocolId);
      },
      freeze: ({ protocolId }: { protocolId: string }) => ({ protocolId, protocolHash: prepared(protocolId).protocolHash }),
      show: ({ protocolId }: { protocolId: string }) => ({ ...prepared(protocolId), protocolId, protocolName: "协议", html: htmlOf(protocolId) }),
      markSigned: ({ protocolId, signedAt }: { protocolId: string; signedAt: string }) => ({ protocolId, signedAt }),
      seal: ({ protocolId }: { protocolId: string }) => (world.seals++, world.sealed.add(protocolId), { protocolId, pdfSha256: sha(world.pdf), size: world.pdf.length, storagePath: "x", sealedAt: iso(), sealCertSha256: "0".repeat(64) }),
      read({ protocolId }: { protocolId: string }) {
        if (!world.sealed.has(protocolId)) throw failure("PROCESS_STATE_INVALID");
        return { base64: Buffer.from(world.pdf).toString("base64"), sha256: sha(world.pdf) };
      },
      link: ({ protocolId }: { protocolId: string }) => ({ url: `http://localhost/protocol/download/${protocolId}.pdf?n=${++links}` }),
    },
    sms: {
      async send(params: SendSmsParams): Promise<SmsOutcome> {
        world.sms.push(params);
        await world.whileSending?.(params);
        return { messageId: params.messageId, status: world.smsStatus, smsId: "S1", attempts: 1, at: iso(), templateCode: "T", contentForEvidence: "…", contentSha256: "d".repeat(64), failure: world.smsStatus === "SENT" ? null : "HTTP_500" };
      },
    },
    "verification-bridge": {
      mode: () => ({ type: world.mode }),
      start(params: StartParams) {
        world.started.push(params);
        const pending = world.startStatus === "PENDING";
        return { requestId: params.requestId, status: world.startStatus, verificationId: pending ? `VER_${params.processId}${params.attempt === 1 ? "" : `_${params.attempt}`}` : null, startedAt: pending ? iso() : null, faceUrl: pending && world.mode === "FACE" ? `https://face.example.com/${params.attempt}` : null, faceUrlExpiresAt: world.faceUrlExpiresAt };
      },
      async confirm(params: ConfirmParams): Promise<Confirmed> {
        world.confirmed.push(params);
        return { answerId: params.answerId, ...(await world.confirm(params)) };
      },
      query: ({ processId }: { processId: string }) => (world.queries++, world.queryOf?.(processId) ?? world.query),
    },
    notifier: { record: ({ event }: { event: SigningEvent }) => (world.events.push(event), { eventId: event.eventId }) },
  };
  let links = 0;

  const broker = new ServiceBroker({ nodeID: `process-${process.pid}`, logger: false, requestTimeout: 10_000 });
  for (const [name, actions] of Object.entries(standIns).filter(([name]) => !more.some((schema) => schema.name === name))) {
    const handlers = Object.entries(actions).map(([action, act]) => [action, { handler: (ctx: Context<never>) => act(ctx.params) }]);
    broker.createService({ name, actions: Object.fromEntries(handlers) as NonNullable<ServiceSchema["actions"]> });
  }
  for (const schema of [templateSchema, evidenceSchema, expirySchema, processSchema, ...more]) broker.createService(schema);
  await broker.start();
  const node = broker.getLocalService("process") as unknown as ProcessNode;
  const chain = broker.getLocalService("evidence") as unknown as { collections: { records: Collection<EvidenceEvent> } };
  const expiry = broker.getLocalService("expiry") as unknown as { sweepNow(): Promise<number> };
  const call = <R = Record<string, unknown>>(action: string, params: object) => broker.call<R, object>(`process.${action}`, params);

  let number = 0;
  const body = (change: Partial<InitiateRequest> = {}) => clientExample({ requestId: `REQ_${++number}`, ...change });
  const initiate = (request: object = body(), more: object = {}) => call<Initiated>("initiate", { systemCode: "WALLET", businessId: "BIZ-1", body: structuredClone(request), ...more });
  const stored = async (processId: string) => (await node.collections.processes.get(processId))!;
  const settled = () => node.actor.idle();

  /** One signing, step by step, as its signer's page would go. */
  async function signing(request: object = body()) {
    const { processId, h5PageUrl } = await initiate(request);
    const token = new URL(h5PageUrl).searchParams.get("token")!;
    const { agreement } = await stored(processId);
    const asSigner = <R = Record<string, unknown>>(action: string, said: object = {}) => call<R>(action, { token, origin: ORIGIN, body: said });
    const self = {
      processId,
      token,
      hash: agreement.protocolHash,
      asSigner,
      process: () => stored(processId),
      open: () => asSigner("open", { protocolHash: agreement.protocolHash }),
      code: () => asSigner("signCode"),
      digits: () => world.sms.findLast((one) => one.processId === processId && one.kind === "SIGN_CODE")!.variables["code"] as string,
      sign: (change: object = {}) => asSigner("sign", { protocolHash: agreement.protocolHash, ...("smsCode" in change ? {} : { smsCode: self.digits() }), keyClauses: ["scope", "form"], scrolledToEnd: true, consent: true, ...change }),
      async read() {
        await self.open();
        await self.code();
        world.now += 10_000;
        return self;
      },
      async signed() {
        await self.read();
        await self.sign();
        await settled();
        return self;
      },
      answer: (amount = "0.12", remark = "验证码") => asSigner("answer", { amount, remark }),
      result: (status: "SUCCESS" | "FAILED", change: object = {}) => {
        const result = { verificationId: `VER_${processId}`, requestId: `${processId}-1`, status, verifiedAt: iso(), failureReason: null, evidence: null, source: "CALLBACK", ...change };
        return call<{ outcome: string }>("verified", { processId, ...result }).finally(settled);
      },
      expire: () => call<{ next: string | null }>("expire", { processId }).finally(settled),
      get: () => call("get", { systemCode: "WALLET", processId }),
      evidence: async () => (await chain.collections.records.find({ processId }, { sort: ["seq"] })).map((event) => event.evidenceType),
    };
    return self;
  }

  return {
    world,
    broker,
    node,
    expiry,
    call,
    body,
    initiate,
    signing,
    settled,
    /** Between two tests: everybody well again, and the node's own settings. */
    calm() {
      Object.assign(world, { smsStatus: "SENT", whileSending: null, startStatus: "PENDING", faceUrlExpiresAt: null, mode: "REMITTANCE", queryOf: null, query: { status: "PENDING", result: null }, confirm: async () => ({ outcome: "MISMATCH", remainingAttempts: 2 }) });
      for (const list of [world.sms, world.started, world.confirmed, world.events]) list.length = 0;
      clock.use(() => world.now);
      node.desk.config = config;
    },
    config,
    async end() {
      await broker.stop();
      callers().close();
      clock.use(Date.now);
    },
  };
}

/** The code an action is refused with, and what goes with it; throws when it is not refused. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: string; message: string; errors?: string[]; data?: Record<string, unknown>; retryAfter?: number }> {
  const thrown = await promise.then((value) => Promise.reject(new Error(`not refused: ${JSON.stringify(value)}`)), (error: { type?: string; message: string; data?: Record<string, unknown> }) => error);
  if (!thrown.type) throw thrown;
  const { errors, ...rest } = (thrown.data ?? {}) as { errors?: { field: string }[] };
  return { code: thrown.type, message: thrown.message, ...(errors ? { errors: errors.map((one) => one.field) } : {}), ...rest };
}
