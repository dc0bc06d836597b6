import { randomInt } from "node:crypto";
import { readFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { Agent, request, type Dispatcher } from "undici";
import { signRequest, SIGN_TYPES, type SigningKey } from "../contract/request-signature.ts";
import { clock } from "./clock.ts";

/** The longest answer that is read; the other systems answer a few hundred bytes. */
const ANSWER_LIMIT = 64 * 1024;
const ALPHANUMERIC = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/**
 * What became of one try. OK: 2xx with JSON. REFUSED: 4xx, the other side has decided and asking again changes nothing.
 * FAILED: 5xx, no answer, or one that cannot be used; the call may have taken effect all the same.
 */
export interface Exchange {
  outcome: "OK" | "REFUSED" | "FAILED";
  /** HTTP status; null when no answer came. */
  status: number | null;
  /** The parsed body; null when there is none that parses. */
  json: unknown;
}
export interface CallOptions {
  /** Shorter than the default, for a try near the end of a budget. */
  timeoutMs?: number;
  /** Sent on a connection of its own: a call that must not be repeated must not die with an idle connection either. */
  ownConnection?: boolean;
}

/** Calls of CONTRACT.md §3.1 and §3.2. Network trouble is an outcome and never an exception; bodies are never logged. */
export interface Outbound {
  post(url: string, body: unknown, options?: CallOptions): Promise<Exchange>;
  get(url: string, options?: CallOptions): Promise<Exchange>;
  /** Waits for the calls under way, then closes the connections. */
  close(): Promise<void>;
}
export interface OutboundOptions {
  /** One try from connecting to the last byte of the answer, in milliseconds. */
  timeoutMs: number;
  /** OUTBOUND_KEY_FILE; read once, here. Throws when it is no key. */
  keyFile: string;
  /** Connections to one host at most; 32 by default. */
  connections?: number;
}

/** JSON over HTTP(S), each try signed anew as system ESIGN (CONTRACT.md §2.3). Redirects are not followed. */
export function createOutbound({ timeoutMs, keyFile, connections = 32 }: OutboundOptions): Outbound {
  const key = readKey(keyFile);
  const common = { connections, allowH2: false, maxResponseSize: ANSWER_LIMIT, connect: { timeout: timeoutMs } };
  const kept = new Agent({ ...common, keepAliveTimeout: 4_000 });
  const single = new Agent({ ...common, pipelining: 0 });

  async function call(method: "GET" | "POST", url: string, rawBody: string, options: CallOptions): Promise<Exchange> {
    let status: number | null = null;
    try {
      const answer = await request(url, {
        method,
        dispatcher: options.ownConnection ? single : kept,
        signal: AbortSignal.timeout(Math.max(1, Math.min(timeoutMs, options.timeoutMs ?? timeoutMs))),
        headers: { accept: "application/json", ...(rawBody && { "content-type": "application/json" }), ...signedHeaders(key, method, url, rawBody) },
        ...(rawBody && { body: rawBody }),
      });
      status = answer.statusCode;
      return judge(status, await answer.body.text());
    } catch {
      // Of a refusal whose body broke off, the status is all that is needed.
      return status !== null && status >= 400 && status < 500 ? judge(status, "") : { outcome: "FAILED", status, json: null };
    }
  }

  return {
    post: (url, body, options = {}) => call("POST", url, JSON.stringify(body), options),
    get: (url, options = {}) => call("GET", url, "", options),
    close: async () => void (await Promise.all([kept.close(), single.close()] satisfies ReturnType<Dispatcher["close"]>[])),
  };
}

/** Proves the key by signing with it, so that a bad one stops the start and not the first call. */
function readKey(file: string): SigningKey {
  try {
    const key = JSON.parse(readFileSync(file, "utf8")) as SigningKey;
    if (!SIGN_TYPES.includes(key.signType) || typeof key.keyId !== "string") throw new TypeError("no key");
    signRequest(key, { method: "", target: "", timestamp: "", nonce: "", systemCode: "", businessId: "", rawBody: "" });
    return key;
  } catch {
    throw new Error('OUTBOUND_KEY_FILE: expected JSON {"keyId","signType","privateKey" (PEM) or "secret" (base64)}');
  }
}

function judge(status: number, text: string): Exchange {
  const json = parse(text);
  if (status >= 400 && status < 500) return { outcome: "REFUSED", status, json };
  const usable = status >= 200 && status < 300 && typeof json === "object" && json !== null;
  return { outcome: usable ? "OK" : "FAILED", status, json };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function signedHeaders(key: SigningKey, method: string, url: string, rawBody: string): Record<string, string> {
  const { pathname, search } = new URL(url);
  const timestamp = String(Math.floor(clock.now() / 1000));
  const nonce = Array.from({ length: 24 }, () => ALPHANUMERIC[randomInt(ALPHANUMERIC.length)]).join("");
  const parts = { method, target: pathname + search, timestamp, nonce, systemCode: "ESIGN", businessId: "", rawBody };
  return {
    "x-system-code": "ESIGN",
    "x-timestamp": timestamp,
    "x-nonce": nonce,
    "x-key-id": key.keyId,
    "x-sign-type": key.signType,
    "x-signature": signRequest(key, parts),
  };
}

export interface Tries {
  tries: number;
  /** Wait before the second try; doubles before each further one. */
  baseMs: number;
  /** All tries and waits together; a try gets what is left, and none starts without any left. */
  budgetMs: number;
}

/**
 * Exponential back-off (§6 "重试策略"): calls `attempt` until its outcome is not FAILED, at most `tries` times within the budget.
 * @param attempt gets the milliseconds that are left and the number of the try, from 1
 * @returns the last outcome
 */
export async function withTries<T extends { outcome: string }>(
  attempt: (leftMs: number, number: number) => Promise<T>,
  { tries, baseMs, budgetMs }: Tries,
): Promise<T> {
  const end = performance.now() + budgetMs;
  for (let number = 1; ; number++) {
    const result = await attempt(end - performance.now(), number);
    const pause = baseMs * 2 ** (number - 1);
    if (result.outcome !== "FAILED" || number >= tries || performance.now() + pause >= end) return result;
    await wait(pause);
  }
}
