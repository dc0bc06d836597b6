import { flowOf, sampleRequest } from "../../../sandbox/sample-requests.ts";
import type { Collection, Doc } from "../../../mixins/collection-types.ts";
import type { VerificationRecord } from "../../../services/verification-bridge/verification.model.ts";
import { asVerificationSystem, post, VERIFICATION_CALLBACK, verificationIdOf } from "./arranging.ts";
import { INITIATE_FIELDS, storedForm } from "./declared.ts";
import { WALLET } from "./http-client.ts";
import type { Target } from "./shooting.ts";
import { INITIATE, processPath, Signer } from "./signer.ts";
import type { WholePlatform } from "./whole-platform.ts";

const FLOWS = [
  { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" },
  { processType: "RELATION_BINDING", scene: "MEMBER_SETTLEMENT", signerType: "INDIVIDUAL" },
  { processType: "POOLING_AUTH", scene: "POOLING", signerType: "INDIVIDUAL" },
  { processType: "OPEN_PAYMENT", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" },
];
const parsed = (sent: Buffer) => JSON.parse(sent.toString()) as Record<string, unknown>;

let number = 0;
/** Both ways to initiate. @param accepted takes the ids of the processes that came about */
export function initiation(platform: WholePlatform, accepted: string[]): Target {
  return {
    fields: INITIATE_FIELDS,
    bases: () => FLOWS.map((flow) => sampleRequest(flowOf(flow), `HOSTILE_${++number}`, `${platform.url}/sandbox/gateway/wallet`)),
    fire: (bytes) => platform.http.call("POST", number % 5 ? INITIATE : "/api/v1/notification/sms/send", WALLET, bytes),
    async then(answer, sent, envelope) {
      if (answer.status !== 200) return false;
      const { processId } = envelope.data as { processId: string };
      accepted.push(processId);
      const stored = (await platform.node.collections.processes.get(processId))!;
      expect(stored.request).toEqual(storedForm(parsed(sent)));
      return true;
    },
  };
}

/** A route of the signer. A new signer steps in when the state has moved on. */
function signerRoute(path: string, fields: string[], next: () => Promise<Signer>, words: (signer: Signer) => Promise<object> | object, moved: (status: number, text: string) => boolean): Target {
  let signer: Signer | null = null;
  return {
    fields: new Set(["body", ...fields]),
    async bases() {
      signer ??= await next();
      return [await words(signer)];
    },
    async fire(bytes) {
      signer ??= await next();
      return signer.post(path, bytes);
    },
    then(answer) {
      if (moved(answer.status, answer.text)) signer = null;
      // A wrong answer is evidence, so 422 may leave what was said.
      return answer.status === 200 || (path === "verification/remittance" && answer.status === 422);
    },
  };
}

const over = (status: number): boolean => status === 200 || status === 409;

export const signerRoutes = (platform: WholePlatform): [string, Target][] => [
  ["POST /h5/api/open", signerRoute("open", ["protocolHash"], () => Signer.invited(platform), (signer) => ({ protocolHash: signer.protocolHash }), () => false)],
  ["POST /h5/api/sign-code", signerRoute("sign-code", [], () => Signer.ready(platform), () => ({}), () => false)],
  [
    "POST /h5/api/sign",
    signerRoute("sign", ["protocolHash", "smsCode", "keyClauses", "keyClauses.[]", "scrolledToEnd", "consent"], () => Signer.ready(platform), (signer) => signer.words(), (status, text) => status === 200 || /"remainingAttempts":0/.test(text)),
  ],
  ["POST /h5/api/decline", signerRoute("decline", ["reason"], () => Signer.invited(platform), () => ({ reason: "条款不合适" }), over)],
  ["POST /h5/api/verification/remittance", signerRoute("verification/remittance", ["amount", "remark"], () => Signer.signed(platform), () => ({ amount: "0.12", remark: "验证码" }), over)],
  ["POST /h5/api/verification/face", signerRoute("verification/face", [], () => Signer.signed(platform), () => ({}), () => false)],
];

/** The wallet's cancel. */
export function cancellation(platform: WholePlatform): Target {
  let signer: Signer | null = null;
  return {
    fields: new Set(["body", "reason"]),
    bases: () => [{ reason: "商户信息有误" }],
    async fire(bytes) {
      signer ??= await Signer.invited(platform);
      return platform.http.call("POST", `${processPath(signer.processId)}/cancel`, WALLET, bytes);
    },
    then(answer) {
      if (answer.status === 200) signer = null;
      return answer.status === 200;
    },
  };
}

/** The verification system's callback with the right token; what it says of a failure is stored as it says it. */
export function callback(platform: WholePlatform): Target {
  let signer: Signer | null = null;
  let verificationId = "";
  const bridge = platform.broker.getLocalService("verification-bridge") as unknown as { collections: { attempts: Collection<VerificationRecord & Doc> } };
  const next = async (): Promise<Signer> => {
    signer = await Signer.signed(platform);
    verificationId = await verificationIdOf(platform, signer.processId);
    return signer;
  };
  return {
    fields: new Set(["body", "verificationId", "processId", "status", "verifiedAt", "failureReason", "evidence"]),
    async bases() {
      const { processId } = signer ?? (await next());
      return [{ verificationId, processId, status: "FAILED", verifiedAt: "2026-11-24T08:00:00Z", failureReason: "户名不符", evidence: { remittanceAmount: "0.12", remittanceRemark: "验证码" } }];
    },
    async fire(bytes) {
      const { processId } = signer ?? (await next());
      return post(platform, VERIFICATION_CALLBACK, bytes, asVerificationSystem(platform, processId));
    },
    async then(answer, sent) {
      if (answer.status !== 200) return false;
      // What JSON does not tell apart (-0 and 0) is the same, and a `__proto__` is nobody's member (request-body.ts).
      const said = JSON.stringify(JSON.parse(sent.toString(), (name, value: unknown) => (name === "__proto__" ? undefined : value)));
      const { evidence = null, failureReason = null } = JSON.parse(said) as Record<string, unknown>;
      const attempt = await bridge.collections.attempts.findOne({ verificationId });
      signer = null;
      expect(attempt!.result).toMatchObject({ evidence, failureReason });
      return true;
    },
  };
}
