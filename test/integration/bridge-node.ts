import { config } from "./settings-of-this-test.ts";
import { ensureOutboundKey } from "../../config/development-outbound.ts";
import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import { callbackToken } from "../../mixins/callback-token.ts";
import bridgeSchema from "../../services/verification-bridge/verification-bridge.service.ts";
import type { Bridge } from "../../services/verification-bridge/bridge.ts";
import type { StartParams, VerificationResult } from "../../services/verification-bridge/verification-bridge.api.ts";
import type { VerificationRecord } from "../../services/verification-bridge/verification.model.ts";
import { until } from "../until.ts";
import { nodeWith } from "./node-with.ts";
import { verificationStandIn } from "./verification-stand-in.ts";

export const NOON = Date.UTC(2026, 0, 1, 12);

/** What the process was told, and how it takes it. */
export interface ToldProcess {
  verified: (VerificationResult & { processId: string })[];
  started: { processId: string; requestId: string; verificationId: string }[];
  /** Resolves when the process has been told that many results. */
  results(count: number): Promise<void>;
  failing: boolean;
}

/** The bridge on a node of its own, against a stand-in of the verification system and one of the process service. */
export async function bridgeWorld() {
  ensureOutboundKey(config);
  let now = NOON;
  clock.use(() => now);
  const system = await verificationStandIn();
  const waiting: { count: number; resolve: () => void }[] = [];
  const told: ToldProcess = {
    verified: [],
    started: [],
    failing: false,
    results: (count) => (told.verified.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
  };
  const taking = <T>(list: T[], params: T): void => {
    if (told.failing) throw new Error("the process service is down");
    list.push(params);
    for (const waiter of waiting) if (told.verified.length >= waiter.count) waiter.resolve();
  };
  const process = {
    name: "process",
    actions: {
      verified: (params: ToldProcess["verified"][number]) => (taking(told.verified, params), { outcome: "ACCEPTED" }),
      verificationStarted: (params: ToldProcess["started"][number]) => taking(told.started, params),
    },
  };
  const start = () => nodeWith<Bridge>(bridgeSchema, { baseUrl: system.url, timeoutMs: 1_500, queryAfterMs: 30_000, graceMs: 3_600_000 }, [process]);
  const node = await start();
  return {
    system,
    told,
    start,
    node,
    /** Between two tests: noon again, everybody well, and no attempt has anything left to do. */
    async calm() {
      now = NOON;
      system.script.length = 0;
      told.failing = false;
      const { attempts } = node.service.collections;
      for (const { _id } of await attempts.find({ dueAt: { $ne: null } })) await amend(attempts, _id, (present) => ({ ...present, dueAt: undefined }));
    },
    /** The attempt once it has become so: what happens behind an answer is durable a moment later. */
    record: (requestId: string, so: (record: VerificationRecord) => boolean): Promise<VerificationRecord> =>
      until(`the attempt ${requestId} is so: ${so}`, async () => {
        const record = await node.service.collections.attempts.get(requestId);
        return record && so(record) && record;
      }),
    at: (ms: number): void => void (now = NOON + ms),
    async end(...nodes: { stop(): Promise<void> }[]) {
      for (const one of nodes) await one.stop();
      await system.close();
      clock.use(Date.now);
    },
  };
}

let number = 0;
/** A start as the process sends it. */
export function attemptOf(more: Partial<StartParams> = {}): StartParams {
  const processId = more.processId ?? `ESIGN_PROC_${++number}`;
  const attempt = more.attempt ?? 1;
  return {
    processId,
    requestId: `${processId}-${attempt}`,
    attempt,
    type: "REMITTANCE",
    merchantNo: "M100002",
    merchantName: "上海天财门店",
    bankCardInfo: { cardNo: "6228480012345678901", accountName: "上海天财门店", bankCode: "ICBC" },
    name: "张三",
    idCardNo: "110101199001011234",
    protocolHash: "a".repeat(64),
    giveUpAt: new Date(NOON + 7 * 86_400_000).toISOString(),
    ...more,
  };
}

export const tokenFor = (processId: string): string => callbackToken(config.callbackTokenSecret, "verification-callback", processId);
export const resultBody = (processId: string, verificationId: string, more: object = {}) => ({
  verificationId,
  processId,
  status: "SUCCESS",
  verifiedAt: "2026-01-01T11:59:00Z",
  failureReason: null,
  evidence: { remittanceAmount: "0.12" },
  ...more,
});
