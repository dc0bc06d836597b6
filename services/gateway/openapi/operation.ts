import type { ErrorCode } from "../../../contract/errors.ts";

/** Who calls: decides the headers, the security scheme and the refusals that every route of this kind has. */
export type Caller = "wallet" | "signer" | "verification" | "sms" | "admin" | "anyone";

/** What one route is for, beside the routes that serve it. Keys of the tables are `METHOD /path/{parameter}`. */
export interface Operation {
  caller: Caller;
  operationId: string;
  summary: string;
  description?: string;
  /** Names of `QUERY` in parameters.ts. Path parameters are read from the path. */
  query?: readonly string[];
  /** Name of a schema of components.ts. Absent: nothing is sent, or nothing is read. */
  body?: string;
  examples?: Record<string, { summary: string; value: unknown }>;
  answer: EnvelopeAnswer | PlainAnswer;
  /** Codes this route answers beside those of its caller (refusals.ts). */
  refusals?: readonly ErrorCode[];
  /** When a code is answered here, in Chinese, where the catalogue's message is not enough. */
  notes?: Partial<Record<ErrorCode, string>>;
}
/** The envelope of CONTRACT.md §2; without `data` the answer has none. */
export interface EnvelopeAnswer {
  message: string;
  /** Name of a schema of components.ts. */
  data?: string;
}
/** An answer without envelope. */
export interface PlainAnswer {
  type: string;
  description: string;
  /** Name of a schema of components.ts; absent for files. */
  schema?: string;
  /** Also answered, with the same body. */
  alsoStatus?: Record<string, string>;
}
export type Operations = Readonly<Record<string, Operation>>;
