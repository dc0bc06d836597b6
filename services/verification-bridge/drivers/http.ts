import { isoSeconds } from "../../../contract/time.ts";
import { createOutbound, type Exchange } from "../../../mixins/outbound.ts";
import type { RecentHealth } from "../../../mixins/recent-health.ts";
import { evidenceProblem, isIsoTime, isVerificationId, LONGEST_REASON } from "../result-fields.ts";
import type { Confirmed, StartParams, VerificationResult } from "../verification-bridge.api.ts";

/** An attempt as the system has it. */
export interface RemoteAttempt {
  verificationId: string;
  status: "PENDING" | "SUCCESS" | "FAILED";
  /** There as soon as the status is terminal. */
  result: Omit<VerificationResult, "requestId" | "source"> | null;
  faceUrl: string | null;
  faceUrlExpiresAt: string | null;
}
/** OK: the system has the attempt. REFUSED: it says no. FAILED: nobody knows. */
export type StartAnswer = { outcome: "OK"; attempt: RemoteAttempt } | { outcome: "REFUSED" | "FAILED" };
/** UNKNOWN is the system's 404; UNREACHABLE is anything that is no usable answer. */
export type LookUp = { outcome: "FOUND"; attempt: RemoteAttempt } | { outcome: "UNKNOWN" | "UNREACHABLE" };

/** The verification system of CONTRACT.md §3.2. Nothing here throws for trouble on the network. */
export interface VerificationDriver {
  start(params: StartParams, links: Links, timeoutMs: number): Promise<StartAnswer>;
  /** Sent once on a connection of its own; UNREACHABLE when no usable answer came. */
  confirm(verificationId: string, answer: { answerId: string; amount: string; remark: string }): Promise<Pick<Confirmed, "outcome" | "remainingAttempts">>;
  byId(verificationId: string): Promise<LookUp>;
  byRequestId(requestId: string, timeoutMs: number): Promise<LookUp>;
  close(): Promise<void>;
}
/** Where the system brings the result and sends the signer back to. */
export interface Links {
  callbackUrl: string;
  callbackToken: string;
  returnUrl: string;
}

export function httpVerificationDriver(options: { baseUrl: string; timeoutMs: number; keyFile: string; health: RecentHealth }): VerificationDriver {
  const outbound = createOutbound(options);
  const base = `${options.baseUrl}/api/v1/verification`;
  const noted = (exchange: Exchange): Exchange => {
    options.health.note(exchange.outcome);
    return exchange;
  };
  return {
    async start(params, links, timeoutMs) {
      const path = params.type === "REMITTANCE" ? "remittance" : "face";
      const exchange = noted(await outbound.post(`${base}/${path}`, startBody(params, links), { timeoutMs }));
      const data = dataOf(exchange);
      if (exchange.outcome === "REFUSED") return { outcome: "REFUSED" };
      if (codeOf(exchange) !== "SUCCESS" || !isVerificationId(data["verificationId"])) return { outcome: "FAILED" };
      return { outcome: "OK", attempt: { verificationId: data["verificationId"], status: "PENDING", result: null, ...faceOf(data) } };
    },
    async confirm(verificationId, answer) {
      const url = `${base}/remittance/${encodeURIComponent(verificationId)}/confirm`;
      const exchange = noted(await outbound.post(url, answer, { ownConnection: true }));
      const { status, remainingAttempts } = dataOf(exchange);
      const left = Number.isInteger(remainingAttempts) && (remainingAttempts as number) >= 0 ? (remainingAttempts as number) : null;
      if (exchange.outcome !== "OK") return { outcome: "UNREACHABLE", remainingAttempts: null };
      if (codeOf(exchange) === "SUCCESS" && status === "SUCCESS") return { outcome: "SUCCESS", remainingAttempts: left };
      if (codeOf(exchange) !== "VERIFICATION_MISMATCH") return { outcome: "UNREACHABLE", remainingAttempts: null };
      return status === "FAILED" ? { outcome: "FAILED", remainingAttempts: 0 } : { outcome: "MISMATCH", remainingAttempts: left };
    },
    async byId(verificationId) {
      const found = lookUp(noted(await outbound.get(`${base}/${encodeURIComponent(verificationId)}`)));
      // Whoever answers about another verification has not answered: its result is somebody else's.
      return found.outcome === "FOUND" && found.attempt.verificationId !== verificationId ? { outcome: "UNREACHABLE" } : found;
    },
    byRequestId: async (requestId, timeoutMs) => lookUp(noted(await outbound.get(`${base}?requestId=${encodeURIComponent(requestId)}`, { timeoutMs }))),
    close: () => outbound.close(),
  };
}

function startBody(params: StartParams, links: Links): Record<string, unknown> {
  const { requestId, processId, merchantNo, merchantName, bankCardInfo, name, idCardNo, protocolHash } = params;
  const { callbackUrl, callbackToken, returnUrl } = links;
  return params.type === "REMITTANCE"
    ? { requestId, processId, merchantNo, merchantName, bankCardInfo, protocolHash, callbackUrl, callbackToken }
    : { requestId, processId, name, idCardNo, protocolHash, returnUrl, callbackUrl, callbackToken };
}

function lookUp(exchange: Exchange): LookUp {
  if (exchange.status === 404) return { outcome: "UNKNOWN" };
  const data = dataOf(exchange);
  const { verificationId, status, verifiedAt, failureReason, evidence } = data;
  // §3.2 gives the query's answer by its data alone; a code that says otherwise takes the data back.
  const said = codeOf(exchange) ?? "SUCCESS";
  if (exchange.outcome !== "OK" || said !== "SUCCESS" || !isVerificationId(verificationId)) return { outcome: "UNREACHABLE" };
  if (status === "PENDING") return { outcome: "FOUND", attempt: { verificationId, status, result: null, ...faceOf(data) } };
  // A result without a time proves nothing; it is asked for again.
  if ((status !== "SUCCESS" && status !== "FAILED") || !isIsoTime(verifiedAt)) return { outcome: "UNREACHABLE" };
  const result = {
    verificationId,
    status,
    verifiedAt: isoSeconds(Date.parse(verifiedAt)),
    failureReason: typeof failureReason === "string" ? failureReason.slice(0, LONGEST_REASON).toWellFormed() : null,
    evidence: keepable(evidence),
  } as const;
  return { outcome: "FOUND", attempt: { verificationId, status, result, ...faceOf(data) } };
}

/** Nobody can be told that evidence is unfit, and the result must not be lost for it: then its place says why it is not there. */
function keepable(evidence: unknown): Record<string, unknown> | null {
  const unfit = evidenceProblem(evidence);
  return unfit === null ? ((evidence as Record<string, unknown> | null | undefined) ?? null) : { unusable: unfit };
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);
const codeOf = (exchange: Exchange): unknown => (exchange.outcome === "OK" && isObject(exchange.json) ? exchange.json["code"] : undefined);

function dataOf(exchange: Exchange): Record<string, unknown> {
  const data = isObject(exchange.json) ? exchange.json["data"] : undefined;
  return isObject(data) ? data : {};
}

function faceOf(data: Record<string, unknown>): { faceUrl: string | null; faceUrlExpiresAt: string | null } {
  const { faceUrl, faceUrlExpiresAt } = data;
  return {
    faceUrl: typeof faceUrl === "string" && /^https?:\/\//.test(faceUrl) ? faceUrl : null,
    faceUrlExpiresAt: isIsoTime(faceUrlExpiresAt) ? isoSeconds(Date.parse(faceUrlExpiresAt)) : null,
  };
}
