import { createHash } from "node:crypto";
import { callbackToken } from "../../../mixins/callback-token.ts";
import { JSON_BODY, WALLET, type Told } from "./http-client.ts";
import { faults, processPath, type Signer } from "./signer.ts";
import type { WholePlatform } from "./whole-platform.ts";

export const VERIFICATION_CALLBACK = "/api/internal/esign/callback/verification";

const ADMIN_TOKEN = "an-operator-of-this-test";
const AUDITOR_TOKEN = "an-auditor-of-this-test";
/** Administrators, as ADMIN_KEYS knows them: one with every role, one who only looks. */
const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
export const ADMIN_KEYS = `ops:${hashOf(ADMIN_TOKEN)},watcher:${hashOf(AUDITOR_TOKEN)}:auditor`;
export const OPERATOR = { ...JSON_BODY, Authorization: `Bearer ${ADMIN_TOKEN}` };
export const AUDITOR = { ...JSON_BODY, Authorization: `Bearer ${AUDITOR_TOKEN}` };

export const post = (platform: WholePlatform, path: string, body: unknown, headers: object = WALLET): Promise<Told> =>
  platform.http.call("POST", path, headers as Record<string, string>, typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));

/** Headers of the verification system when it speaks of this process. */
export const asVerificationSystem = (platform: WholePlatform, processId: string) => ({
  ...JSON_BODY,
  "X-Callback-Token": callbackToken(platform.config.callbackTokenSecret, "verification-callback", processId),
});

/** Switches a sandbox system's fault on for one call. */
export const during = (platform: WholePlatform, switches: object, call: () => Promise<Told>) => async (): Promise<Told> => {
  await faults(platform, switches);
  const answer = await call();
  await faults(platform, Object.fromEntries(Object.keys(switches).map((system) => [system, { mode: "OK" }])));
  return answer;
};

export async function verificationIdOf(platform: WholePlatform, processId: string): Promise<string> {
  const query = JSON.parse((await platform.http.call("GET", processPath(processId))).text) as { data: { verificationInfo: { verificationId: string } } };
  return query.data.verificationInfo.verificationId;
}

/** The verification system gives its verdict, so that nobody goes on asking it. */
export async function failVerification(platform: WholePlatform, { processId }: Signer): Promise<void> {
  const result = { verificationId: await verificationIdOf(platform, processId), processId, status: "FAILED", verifiedAt: new Date().toISOString() };
  expect((await post(platform, VERIFICATION_CALLBACK, result, asVerificationSystem(platform, processId))).status).toBe(200);
  await platform.quiet();
}

let decisions = 0;

/** Takes the SMS template of the client's own flow out of service, or puts it back. */
export async function serveInvitation(platform: WholePlatform, isActive: boolean): Promise<void> {
  const operator = { id: `REFUSALS_${++decisions}`, name: "ops", reason: "本测试的理由", via: "ADMIN_API" };
  await platform.broker.call(isActive ? "template.activate" : "template.deactivate", { kind: "SMS", code: "RB_BATCH_ENTERPRISE", version: 1, operator });
}
