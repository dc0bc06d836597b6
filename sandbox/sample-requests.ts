import { randomBase32 } from "../contract/ids.ts";
import { isoSeconds } from "../contract/time.ts";

export { flowOf, mobileOf, sampleRequest, SAMPLE_FLOWS, type Flow } from "../contract/sample-requests.ts";

/** A request id of at most 32 characters (§3.1), fresh each time. @param now milliseconds since the epoch */
export const freshRequestId = (now: number): string => `SBX_REQ_${isoSeconds(now).slice(0, 10).replaceAll("-", "")}${randomBase32(12)}`;
