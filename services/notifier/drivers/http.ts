import { Agent, buildConnector, errors, request } from "undici";
import { addressAllowed, addressIn } from "../../../config/address-policy.ts";
import { ADDRESS_REFUSED, judgedLookup, resolveOnce, type Resolve } from "./lookup.ts";

/** The longest answer that is read; a wallet's acknowledgement is one line. */
const ANSWER_LIMIT = 64 * 1024;
const HEADER_LIMIT = 16 * 1024;
/** Everything on the wire, framing and interim answers too: whatever comes endlessly, the connection ends here. */
const WIRE_LIMIT = 512 * 1024;
const TOO_MUCH = "ESIGN_TOO_MUCH";

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
  /** Nothing was sent: the host is, or resolves to, an address that may not be called. */
  addressRefused: boolean;
}

/**
 * One POST to a wallet, redirects not followed. A connection of its own each time, since what the host may resolve to is judged when
 * it is connected: the address that was checked is the one that is called (CONTRACT.md §3.3). Never throws for trouble on the network.
 */
export async function callWallet({ url, headers, body, timeoutMs, allow, resolve = resolveOnce }: WalletCall): Promise<WalletAnswer> {
  const literal = addressIn(url);
  if (allow && literal && !addressAllowed(literal, allow)) return { status: null, body: "", broken: true, retryAfter: null, addressRefused: true };
  const connect = buildConnector({ timeout: timeoutMs, allowH2: false, lookup: judgedLookup(resolve, allow) });
  const agent = new Agent({
    allowH2: false,
    pipelining: 0,
    maxResponseSize: ANSWER_LIMIT,
    maxHeaderSize: HEADER_LIMIT,
    connect: (options, callback) => connect(options, (...[error, socket]) => (error ? callback(error, null) : callback(null, measured(socket)))),
  });
  let status: number | null = null;
  let retryAfter: string | null = null;
  try {
    const answer = await request(url, { method: "POST", dispatcher: agent, signal: AbortSignal.timeout(timeoutMs), headers, body });
    status = answer.statusCode;
    retryAfter = [answer.headers["retry-after"]].flat()[0] ?? null;
    return { status, body: await answer.body.text(), broken: false, retryAfter, addressRefused: false };
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    // An answer too long to read is no JSON acknowledgement that takes the status back.
    const tooLong = error instanceof errors.ResponseExceededMaxSizeError || code === TOO_MUCH;
    return { status, body: "", broken: !tooLong, retryAfter, addressRefused: code === ADDRESS_REFUSED };
  } finally {
    void agent.destroy();
  }
}

/** The socket, which ends itself when more has come over it than any answer needs. */
function measured<T extends { bytesRead: number; on(event: "readable", listener: () => void): unknown; destroy(error: Error): unknown }>(socket: T): T {
  socket.on("readable", () => {
    if (socket.bytesRead > WIRE_LIMIT) socket.destroy(Object.assign(new Error("the answer has no end"), { code: TOO_MUCH }));
  });
  return socket;
}
