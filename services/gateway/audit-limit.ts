import { failure } from "../../contract/errors.ts";
import { clock } from "../../mixins/clock.ts";
import type { Audit } from "./audit.ts";

/** How often one name may take personal data out of the platform, each way (docs/operations.md). */
const TIMES = 30;
const WINDOW_MS = 3_600_000;

/**
 * Refuses who has done the same more than 30 times within the hour. The audit itself is what is counted, so that all gateways count
 * together and a restart forgets nothing; each try counts, this one among them. Two at once may both be refused, never both be let through.
 * @throws RATE_LIMITED with the seconds until a try is possible again
 */
export async function withinAuditLimit({ records }: Audit, name: string, action: string): Promise<void> {
  const now = clock.now();
  const lately = await records.find({ name, action, at: { $gt: new Date(now - WINDOW_MS) } }, { sort: ["-at", "-_id"], limit: TIMES + 1 });
  if (lately.length <= TIMES) return;
  // When the oldest of the thirty youngest is an hour old, there is room for one.
  const free = lately[TIMES - 1]!.at.getTime() + WINDOW_MS;
  throw failure("RATE_LIMITED", { message: `一小时内最多 ${TIMES} 次，请稍后再试`, retryAfter: Math.max(1, Math.ceil((free - now) / 1000)) });
}
