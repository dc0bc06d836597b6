import { createHash } from "node:crypto";
import canonicalize from "canonicalize";
import type { EvidenceType } from "../../contract/vocabulary.ts";

/**
 * The salted hash chain of one process. Everything here is arithmetic on what it is given, so the service that writes the chain
 * and the verifier that doubts it share these few lines and nothing else.
 *
 * Bytes, exactly:
 * - `JCS(x)` is the RFC 8785 form of x in UTF-8.
 * - `salt` is 32 random bytes, written as 64 lower-case hex digits; the bytes are hashed, not the digits.
 * - `dataHash = hex(SHA-256(salt ‖ JCS(data)))`
 * - `hash = hex(SHA-256(JCS({at,dataHash,pid,prev,seq,type,v})))`
 * - `seq` counts from 1 without a gap; `prev` is the `hash` of the event before, for the first one 64 zeros.
 *
 * The head names the data only by its salted hash, so data and salt can be erased and the chain still holds, and nobody can
 * guess a mobile number from what stays.
 */
export const GENESIS = "0".repeat(64);
export const SALT_BYTES = 32;

/** What the hash of an event covers. */
export interface EventHead {
  v: 1;
  pid: string;
  seq: number;
  type: EvidenceType;
  /** ISO 8601 UTC without fractions: when it happened, as told by whoever saw it. */
  at: string;
  prev: string;
  dataHash: string;
}

/** An event as the bundle carries it; `pid` is the bundle's. `data` and `salt` are absent together, when erased or redacted. */
export interface ChainEvent {
  seq: number;
  type: EvidenceType;
  at: string;
  prev: string;
  dataHash: string;
  hash: string;
  data?: Record<string, unknown>;
  /** 64 lower-case hex digits. */
  salt?: string;
}

const sha256 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
};

/** RFC 8785 text. Throws on what JSON cannot hold and on lone surrogates. */
export function jcs(value: unknown): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError("not a JSON value");
  return text;
}

/** @param salt hex digits */
export const hashData = (salt: string, data: unknown): string => sha256(Buffer.from(salt, "hex"), jcs(data));

export const hashHead = (head: EventHead): string => sha256(jcs(head));

/**
 * The next event after `tail`.
 * @param tail the last event, or null for the first of a process
 * @param salt 64 hex digits, fresh for every event
 */
export function nextEvent(
  pid: string,
  tail: Pick<ChainEvent, "seq" | "hash"> | null,
  fact: { type: EvidenceType; at: string; data: Record<string, unknown> },
  salt: string,
): Required<ChainEvent> {
  const { type, at, data } = fact;
  const seq = (tail?.seq ?? 0) + 1;
  const prev = tail?.hash ?? GENESIS;
  const dataHash = hashData(salt, data);
  return { seq, type, at, prev, dataHash, hash: hashHead({ v: 1, pid, seq, type, at, prev, dataHash }), data, salt };
}

export type ChainFaultCode = "CHAIN_SEQ" | "CHAIN_PREV" | "CHAIN_HASH" | "CHAIN_DATA";
export interface ChainFault {
  code: ChainFaultCode;
  /** The event's place in the list, from 1. */
  position: number;
}

/** Everything that is wrong with a whole chain, in order; empty when it holds. Erased data is not a fault. */
export function chainFaults(pid: string, events: readonly ChainEvent[]): ChainFault[] {
  const faults: ChainFault[] = [];
  let prev = GENESIS;
  events.forEach((event, index) => {
    const position = index + 1;
    const fault = (code: ChainFaultCode) => faults.push({ code, position });
    const { seq, type, at, dataHash } = event;
    if (seq !== position) fault("CHAIN_SEQ");
    if (event.prev !== prev) fault("CHAIN_PREV");
    if (hashHead({ v: 1, pid, seq, type, at, prev: event.prev, dataHash }) !== event.hash) fault("CHAIN_HASH");
    if ((event.data === undefined) !== (event.salt === undefined)) fault("CHAIN_DATA");
    else if (event.data !== undefined && hashData(event.salt!, event.data) !== dataHash) fault("CHAIN_DATA");
    prev = event.hash;
  });
  return faults;
}

/**
 * The form in which data is hashed and stored: what JSON keeps of it (a Date becomes its text, an undefined member goes). A lone
 * surrogate, which UTF-8 and so JCS cannot hold, becomes the visible text `\ud800`: a hostile user agent or outside answer
 * must not be able to stop the chain.
 */
export function storable(data: Record<string, unknown>): Record<string, unknown> {
  // JSON.stringify writes exactly the lone surrogates as \udXXX; the first alternative steps over escaped backslashes.
  const text = JSON.stringify(data).replace(/\\(?:u(d[89a-f][0-9a-f]{2})|.)/g, (all, lone?: string) => (lone ? `\\\\u${lone}` : all));
  return JSON.parse(text) as Record<string, unknown>;
}
