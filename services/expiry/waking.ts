import { amend } from "../../mixins/amend.ts";
import { clock } from "../../mixins/clock.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { ExpireOutcome } from "../process/process.api.ts";
import type { WakeUp } from "./wake-up.model.ts";

/** Longer than the process may take to decide (it may have to ask the verification system), so that no other node asks meanwhile. */
const LEASE = 30_000;

/** Sets the one wake-up of a process; whoever sets last wins, and a later look at the process corrects a stale one. */
export async function setWakeUp(wakeUps: Collection<WakeUp>, processId: string, dueAt: Date): Promise<void> {
  // It may be removed between reading and replacing, or inserted between reading and inserting: then it is looked at again.
  for (;;) {
    if (await amend(wakeUps, processId, (present) => ({ ...present, dueAt }))) return;
    try {
      await wakeUps.insert({ _id: processId, dueAt });
      return;
    } catch (error) {
      if (!isUniqueViolation(error)) throw error;
    }
  }
}

/**
 * Asks one due process what is to become of it. The wake-up moves forward before, so that a call that fails is repeated after a
 * pause; afterwards it is removed or set to the process's answer, unless somebody has set it meanwhile: theirs is newer.
 */
export async function wakeOne(wakeUps: Collection<WakeUp>, processId: string, expire: (processId: string) => Promise<ExpireOutcome>): Promise<void> {
  const present = await wakeUps.get(processId);
  const now = clock.now();
  if (!present || present.dueAt.getTime() > now) return;
  const leased = await wakeUps.replaceIfVersion({ ...present, dueAt: new Date(now + LEASE) });
  if (!leased) return;
  const { next } = await expire(processId);
  if (next === null) await wakeUps.removeIfVersion(leased);
  else await wakeUps.replaceIfVersion({ ...leased, dueAt: new Date(next) });
}
