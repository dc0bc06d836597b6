import { sampleRequest } from "../sandbox/sample-requests.ts";
import { randomBase32 } from "../contract/ids.ts";

const FLOW = { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" };
/** Unlike that of any other run, whatever the database holds. */
const RUN = randomBase32(8);
let made = 0;

/** A request id nobody has used. */
export const freshRequestId = (): string => `BENCH_${RUN}_${String((made += 1)).padStart(8, "0")}`;

/** Bodies of the client's own flow, about 1.1 kB: one text with the request id put in, since the generator must cost little. */
export function initiateBodies(platformUrl: string): () => string {
  const [before, after] = JSON.stringify(sampleRequest(FLOW, "<id>", `${platformUrl}/sandbox/gateway/wallet`)).split("<id>");
  return () => before! + freshRequestId() + after!;
}

/** The client's own flow with a signer of its own. */
export function requestOf(platformUrl: string, mobile: string): object {
  const request = sampleRequest(FLOW, freshRequestId(), `${platformUrl}/sandbox/gateway/wallet`);
  return { ...request, payeeInfo: { ...request.payeeInfo, contactInfo: { ...request.payeeInfo!.contactInfo, mobile } } };
}
