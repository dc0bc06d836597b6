import { scheduler, setImmediate as nextTurn } from "node:timers/promises";

/** Far beyond what a busy machine needs, and below the time a test has (jest.config.js), so that it says itself what was waited for. */
const LIMIT_MS = 60_000;

/**
 * Asks until the answer is neither null, undefined nor false, and returns it. Gives up loudly, so that a wait whose test is over ends too.
 * @param pauseMs milliseconds between two questions; without, the next turn of the event loop
 */
export async function until<T>(what: string | (() => string), ask: () => T | null | undefined | false | Promise<T | null | undefined | false>, { limitMs = LIMIT_MS, pauseMs = 0 } = {}): Promise<T> {
  const end = performance.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`gave up waiting until ${typeof what === "string" ? what : what()}`);
    await (pauseMs > 0 ? scheduler.wait(pauseMs) : nextTurn());
  }
}
