import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Nonce } from "./nonce.model.ts";

/** How long a nonce stays used up. Timestamps hold ±300 s, so no signature outlives its nonce. */
export const NONCE_LIFE_MS = 600_000;

/**
 * Uses a nonce up. Of any number of requests at the same time, on any node, exactly one gets true.
 * @returns false when it was used within the last 600 s
 */
export async function useNonce(nonces: Collection<Nonce>, caller: string, keyId: string, nonce: string): Promise<boolean> {
  const usedAt = new Date(clock.now());
  const _id = idOf(caller, keyId, nonce);
  try {
    await nonces.insert({ _id, usedAt });
    return true;
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
  }
  const known = await nonces.get(_id);
  // Pruned in between, and so old enough: the caller may use it, if nobody else does first.
  if (known === null) return useNonce(nonces, caller, keyId, nonce);
  if (known.usedAt.getTime() >= usedAt.getTime() - NONCE_LIFE_MS) return false;
  return (await nonces.replaceIfVersion({ ...known, usedAt })) !== null;
}

/** Whether a nonce was used within the last 600 s. Asked before every verification, so that a replay costs what any refusal costs. */
export async function nonceUsed(nonces: Collection<Nonce>, caller: string, keyId: string, nonce: string): Promise<boolean> {
  const known = await nonces.get(idOf(caller, keyId, nonce));
  return known !== null && known.usedAt.getTime() >= clock.now() - NONCE_LIFE_MS;
}

const idOf = (caller: string, keyId: string, nonce: string): string => `${caller}:${keyId}:${nonce}`;

/** Nonces that may be used again, oldest first: what the sweep forgets. */
export async function agedNonces(nonces: Collection<Nonce>, now: number, limit: number): Promise<string[]> {
  const aged = await nonces.find({ usedAt: { $lt: new Date(now - NONCE_LIFE_MS) } }, { sort: ["usedAt"], limit });
  return aged.map((nonce) => nonce._id);
}

/** Forgets one, unless it was used again in between. */
export async function forgetNonce(nonces: Collection<Nonce>, id: string): Promise<void> {
  const nonce = await nonces.get(id);
  if (nonce && nonce.usedAt.getTime() < clock.now() - NONCE_LIFE_MS) await nonces.removeIfVersion(nonce);
}
