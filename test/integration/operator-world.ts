import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { config } from "./settings-of-this-test.ts";
import type { Service, ServiceSchema } from "moleculer";
import type { AdminKey } from "../../config/admin-keys.ts";
import { callers } from "../../config/callers.ts";
import { ensureOutboundKey } from "../../config/development-outbound.ts";
import { ADMIN_ROLES } from "../../contract/operator.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { EvidenceEvent } from "../../services/evidence/evidence-chain.model.ts";
import type { AuditEnd, AuditRecord } from "../../services/gateway/audit.model.ts";
import { gatewaySchema } from "../../services/gateway/gateway-schema.ts";
import notifierSchema from "../../services/notifier/notifier.service.ts";
import type { Notifier } from "../../services/notifier/notifier.ts";
import bridgeSchema from "../../services/verification-bridge/verification-bridge.service.ts";
import type { Bridge } from "../../services/verification-bridge/bridge.ts";
import { documentedCall as call } from "./openapi/documented-call.ts";
import { json, outsideSystem } from "./outside-system.ts";
import { processWorld } from "./process-world.ts";
import { verificationStandIn } from "./verification-stand-in.ts";

export const TOKEN = "the-token-of-ann";
export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
export const ANN: AdminKey = { name: "ann", sha256: sha256(TOKEN), roles: [...ADMIN_ROLES] };
/** Another administrator, whose token is `the-token-of-<name>`. */
const keyOf = (name: string, roles: AdminKey["roles"] = ANN.roles): AdminKey => ({ name, sha256: sha256(`the-token-of-${name}`), roles });
const SECRET = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;

/** The audit's entries with what became of them. */
function withOutcomes(audits: Collection<AuditRecord>, ends: Collection<AuditEnd>) {
  const joined = async (record: AuditRecord) => {
    const end = await ends.get(record._id);
    return { ...record, outcome: end?.outcome ?? null, endedAt: end?.at ?? null };
  };
  return {
    find: async (...query: Parameters<typeof audits.find>) => Promise.all((await audits.find(...query)).map(joined)),
    async findOne(...query: Parameters<typeof audits.findOne>) {
      const record = await audits.findOne(...query);
      return record && joined(record);
    },
    count: (...query: Parameters<typeof audits.count>) => audits.count(...query),
  };
}

/**
 * The real process, evidence, bridge, notifier and gateway in one node, with a wallet and a verification system on loopback:
 * what an operator looks at, and the ends that hang.
 */
export async function operatorWorld() {
  ensureOutboundKey(config);
  const wallet = await outsideSystem(json({ code: "SUCCESS" }));
  const verification = await verificationStandIn();
  const bridge = { ...bridgeSchema, settings: { ...bridgeSchema.settings, baseUrl: verification.url, timeoutMs: 500 } } as ServiceSchema;
  const notifier = { ...notifierSchema, settings: { ...notifierSchema.settings, schedule: [0], timeoutMs: 1_000, guardAddresses: false } } as ServiceSchema;
  const settings = { ...config, port: 0, host: "127.0.0.1", trustedProxies: ["127.0.0.1/32"] };
  const on = await processWorld([bridge, notifier, gatewaySchema({ config: settings, callers, adminKeys: () => [ANN, keyOf("bob"), keyOf("otto", ["operator"]), keyOf("eve", ["auditor"]), keyOf("lee", ["author", "approver"])] })]);
  writeFileSync(config.callersFile, JSON.stringify({ WALLET: { webhookSecrets: [SECRET] } }));
  callers().refresh();
  const service = <T>(name: string) => on.broker.getLocalService(name) as unknown as T;
  const gateway = service<Service & { server: Server; collections: { audits: Collection<AuditRecord>; auditEnds: Collection<AuditEnd> } }>("gateway");
  const chain = service<{ collections: { records: Collection<EvidenceEvent> } }>("evidence").collections.records;
  const { port } = gateway.server.address() as AddressInfo;
  const headers = (token: string | null) => ({ "Content-Type": "application/json", ...(token === null ? {} : { Authorization: `Bearer ${token}` }) });

  return {
    ...on,
    port,
    wallet,
    verification,
    audits: withOutcomes(gateway.collections.audits, gateway.collections.auditEnds),
    auditWrites: gateway.collections.audits,
    auditEnds: gateway.collections.auditEnds,
    chain,
    notifier: service<Notifier>("notifier"),
    bridge: service<Bridge>("verification-bridge"),
    // A millisecond goes by from one call to the next, so that the audit has an order.
    get: (path: string, token: string | null = TOKEN) => (on.world.now++, call(port, "GET", `/api/admin/v1/${path}`, headers(token))),
    post: (path: string, body: unknown, token: string | null = TOKEN) => (on.world.now++, call(port, "POST", `/api/admin/v1/${path}`, headers(token), typeof body === "string" ? body : JSON.stringify(body))),
    /** The signer's page, by the token of a link. */
    page: (token: string) => call(port, "GET", "/h5/api/process", headers(token)),
    /** What the chain of a process says an operator did. */
    incidents: async (processId: string) => (await chain.find({ processId }, { sort: ["seq"] })).filter((event) => event.evidenceKey.startsWith("OPERATOR:")),
    /** The verification system takes nothing until `well`. */
    ill(): void {
      verification.script.push(...Array.from({ length: 500 }, () => json({ code: "DOWN" }, 503)));
    },
    well(): void {
      verification.script.length = 0;
    },
    /** A request whose result goes to the wallet on loopback. */
    request: (change: object = {}) => on.body({ callbackUrl: `${wallet.url}/callback`, ...change }),
    async end() {
      await on.end();
      await wallet.close();
      await verification.close();
    },
  };
}
export type OperatorWorld = Awaited<ReturnType<typeof operatorWorld>>;
