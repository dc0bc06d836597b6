import { lookup, type LookupAddress } from "node:dns";
import type { LookupFunction } from "node:net";
import { Agent, errors, request } from "undici";
import { addressAllowed, addressIn } from "../address-policy.ts";

/** The longest answer that is read; a wallet's acknowledgement is one line. */
const ANSWER_LIMIT = 64 * 1024;

/** Finds the addresses of a name, like `dns.lookup` with `all`. */
export type Resolve = (hostname: string, options: { all: true; family?: number }, callback: (error: Error | null, addresses: LookupAddress[]) => void) => void;

export interface WalletCall {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** From connecting to the last byte of the answer, in milliseconds. */
  timeoutMs: number;
  /** Ranges the host may resolve to beside public ones; null means any address may be called (outside production). */
  allow: readonly string[] | null;
  resolve?: Resolve;
}
/** `status` is null when no answer came; `broken` when one came whose body broke off. */
export interface WalletAnswer {
  status: number | null;
  body: string;
  broken: boolean;
  retryAfter: string | null;
}

/**
 * One POST to a wallet, redirects not followed. A connection of its own each time, since what the host may resolve to is judged when
 * it is connected: the address that was checked is the one that is called (CONTRACT.md §3.3). Never throws for trouble on the network.
 */
export async function callWallet({ url, headers, body, timeoutMs, allow, resolve = lookup as Resolve }: WalletCall): Promise<WalletAnswer> {
  const literal = addressIn(url);
  if (allow && literal && !addressAllowed(literal, allow)) return noAnswer;
  const agent = new Agent({
    allowH2: false,
    pipelining: 0,
    maxResponseSize: ANSWER_LIMIT,
    connect: { timeout: timeoutMs, lookup: resolving(resolve, allow) },
  });
  let status: number | null = null;
  let retryAfter: string | null = null;
  try {
    const answer = await request(url, { method: "POST", dispatcher: agent, signal: AbortSignal.timeout(timeoutMs), headers, body });
    status = answer.statusCode;
    retryAfter = [answer.headers["retry-after"]].flat()[0] ?? null;
    return { status, body: await answer.body.text(), broken: false, retryAfter };
  } catch (error) {
    // An answer too long to read is no JSON acknowledgement that takes the status back.
    const tooLong = error instanceof errors.ResponseExceededMaxSizeError;
    return { status, body: "", broken: !tooLong, retryAfter };
  } finally {
    void agent.destroy();
  }
}

const noAnswer: WalletAnswer = { status: null, body: "", broken: true, retryAfter: null };

/** Resolves a name to the addresses that may be called; the socket connects to one of exactly these. */
function resolving(resolve: Resolve, allow: readonly string[] | null): LookupFunction {
  return (hostname, options, callback) => {
    const family = typeof options.family === "number" ? options.family : 0;
    resolve(hostname, { all: true, family }, (error, addresses) => {
      const good = error ? [] : addresses.filter(({ address }) => !allow || addressAllowed(address, allow));
      const [first] = good;
      if (!first) return callback(error ?? new Error("no address of the host may be called"), "", 0);
      if (options.all) return callback(null, good);
      callback(null, first.address, first.family);
    });
  };
}
