import { setTimeout as delay } from "node:timers/promises";

/** How long a stand-in keeps trying to reach the platform. */
export interface Patience {
  /** Milliseconds before the second try; doubles from there. */
  firstWaitMs: number;
  tries: number;
}
export const DEFAULT_PATIENCE: Patience = { firstWaitMs: 1000, tries: 8 };

const TRY_TIMEOUT_MS = 10_000;

/**
 * Posts the same JSON until it is acknowledged by a 2xx whose envelope says SUCCESS, waiting 1 s, 2 s, 4 s … in between.
 * @param headersOf makes the headers of each try anew, for a signature is good for one call only
 * @returns true once acknowledged, false when the tries are used up or the sandbox stops
 */
export async function deliver(
  url: string,
  body: string,
  headersOf: () => Record<string, string>,
  patience: Patience,
  closing: AbortSignal,
): Promise<boolean> {
  for (let attempt = 1; attempt <= patience.tries && !closing.aborted; attempt += 1) {
    if (await acknowledged(url, body, headersOf(), closing)) return true;
    if (attempt < patience.tries) await pause(patience.firstWaitMs * 2 ** (attempt - 1), closing);
  }
  return false;
}

async function acknowledged(url: string, body: string, headers: Record<string, string>, closing: AbortSignal): Promise<boolean> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body,
      redirect: "error",
      signal: AbortSignal.any([closing, AbortSignal.timeout(TRY_TIMEOUT_MS)]),
    });
    const envelope = (await response.json()) as { code?: unknown } | null;
    return response.ok && envelope?.code === "SUCCESS";
  } catch {
    // No answer, or none that can be read, is no acknowledgement.
    return false;
  }
}

const pause = (ms: number, closing: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal: closing, ref: false }).catch(() => undefined);
