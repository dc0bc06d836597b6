import { failure } from "../contract/errors.ts";
import type { Collection, Doc } from "./collection-types.ts";

/** Eight commands in the life of a process: who loses this often is not racing, something is wrong. */
const ROUNDS = 50;

/**
 * Compare-and-set until it holds: reads the document, lets `change` make the next one, and starts over when somebody was faster.
 * @param change gets the present document and returns the next one, or null when nothing is left to do; it may run several times
 * @returns the document as it stands afterwards, and whether this call wrote it; null when there is no such document
 */
export async function amend<T extends Doc>(
  collection: Collection<T>,
  id: string,
  change: (present: T) => T | null,
): Promise<{ doc: T; written: boolean } | null> {
  for (let round = 0; round < ROUNDS; round++) {
    const present = await collection.get(id);
    if (!present) return null;
    const next = change(present);
    if (!next) return { doc: present, written: false };
    const stored = await collection.replaceIfVersion(next);
    if (stored) return { doc: stored, written: true };
  }
  throw failure("SERVICE_UNAVAILABLE", { retryAfter: 1 });
}
