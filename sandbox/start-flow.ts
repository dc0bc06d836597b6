import { clock } from "../mixins/clock.ts";
import { callerHeaders } from "./caller-keys.ts";
import { json, refusal, type End } from "./http-exchange.ts";
import { flowOf, freshRequestId, mobileOf, sampleRequest } from "./sample-requests.ts";

/** Longer than `process.initiate` may take, so that its own answer is the one that is shown. */
const INITIATE_TIMEOUT_MS = 15_000;

/**
 * `POST /sandbox/api/start`: does what the wallet does, over HTTP at the platform's own address, and answers what it was answered,
 * with the signer's mobile added.
 * @param host address under which this process reaches itself
 */
export const startEnd =
  (host: string, callersFile: string): End =>
  async (call) => {
    const platform = `http://${host}:${call.port}`;
    const url = `${platform}/api/v1/esign/process/initiate`;
    const requestId = freshRequestId(clock.now());
    const request = sampleRequest(flowOf(call.json()), requestId, `${platform}/sandbox/gateway/wallet`);
    const body = JSON.stringify(request);
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...callerHeaders(callersFile, { systemCode: "WALLET", businessId: `BIZ_${requestId}`, url, body }) },
        body,
        redirect: "error",
        signal: AbortSignal.timeout(INITIATE_TIMEOUT_MS),
      });
      const envelope = (await response.json()) as { data?: object };
      return json({ ...envelope, ...(envelope.data && { data: { ...envelope.data, mobile: mobileOf(request) } }) }, response.status);
    } catch {
      return refusal(502, "SERVICE_UNAVAILABLE", "签约平台没有应答");
    }
  };
