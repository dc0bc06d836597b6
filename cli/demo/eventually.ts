import { setInterval as every } from "node:timers/promises";

/**
 * Asks five times a second until there is an answer (anything but null, undefined and false).
 * @param what is waited for, for the message
 * @param limitMs longest wait
 * @throws Error naming what did not come; whatever `ask` throws
 */
export async function eventually<T>(what: string, ask: () => Promise<T | null | undefined | false>, limitMs = 60_000): Promise<T> {
  const end = performance.now() + limitMs;
  for await (const _ of every(200)) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) break;
  }
  throw new Error(`等了 ${limitMs / 1000} 秒仍未等到：${what}`);
}
