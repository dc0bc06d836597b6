import { codeOf, ERROR_TABLE, type ErrorCode, type FieldError } from "../../contract/errors.ts";

/** How an error is answered. */
export interface Refusal {
  code: ErrorCode;
  http: number;
  message: string;
  data?: Record<string, unknown>;
  errors?: FieldError[];
  /** Seconds for `Retry-After`. */
  retryAfter?: number;
}

interface AnyError {
  type?: unknown;
  code?: unknown;
  message?: unknown;
  data?: unknown;
}

/** The framework's own ways to say that nobody could take the call now. */
const UNAVAILABLE = new Set<unknown>([
  "SERVICE_NOT_FOUND",
  "SERVICE_NOT_AVAILABLE",
  "REQUEST_TIMEOUT",
  "REQUEST_SKIPPED",
  "REQUEST_REJECTED",
  "QUEUE_FULL",
  "BAD_GATEWAY",
]);
/** Seconds after which a retry makes sense when the error itself does not say. */
const RETRY_AFTER: Partial<Record<ErrorCode, number>> = { SERVICE_UNAVAILABLE: 5, RATE_LIMITED: 60 };

/** The table's answer to a code. */
export const refusal = (code: ErrorCode, rest: Partial<Refusal> = {}): Refusal => ({ code, ...ERROR_TABLE[code], retryAfter: RETRY_AFTER[code], ...rest });

/**
 * What a caller is told of any error. Only errors of the catalogue speak for themselves; of all others neither message nor
 * data gets out, since the framework puts rejected values there.
 */
export function refusalOf(thrown: unknown): Refusal {
  const error = (typeof thrown === "object" && thrown !== null ? thrown : {}) as AnyError;
  if (UNAVAILABLE.has(error.type)) return refusal("SERVICE_UNAVAILABLE");
  if (error.type === "UNABLE_DECODE_PARAM") return refusal("NOT_FOUND");
  if (error.type === "VALIDATION_ERROR") return refusal("PARAM_INVALID", { errors: fieldErrors(error.data) });
  if (isBodyParserError(error)) return refusal(error.code === 413 ? "PAYLOAD_TOO_LARGE" : "PARAM_INVALID");
  const code = codeOf(error);
  if (code === null || code === "INTERNAL_ERROR") return refusal("INTERNAL_ERROR");
  return refusal(code, ownWords(code, error));
}

/** Message, data, field errors and waiting time that `failure(…)` put into the error. */
function ownWords(code: ErrorCode, error: AnyError): Partial<Refusal> {
  const details = (typeof error.data === "object" && error.data !== null ? error.data : {}) as Partial<Refusal>;
  const words: Partial<Refusal> = {};
  // moleculer-web throws NOT_FOUND in English: then the catalogue's is the one to show.
  if (typeof error.message === "string" && (code !== "NOT_FOUND" || /\p{Script=Han}/u.test(error.message))) words.message = error.message;
  if (details.data) words.data = details.data;
  if (details.errors) words.errors = details.errors;
  if (details.retryAfter !== undefined) words.retryAfter = details.retryAfter;
  return words;
}

/** body-parser serves routes that others add; its types read like `entity.parse.failed`. */
const isBodyParserError = (error: AnyError): boolean => typeof error.type === "string" && /^(entity|encoding|charset|request)\.[a-z.]+$/.test(error.type);

/** Names without values from the framework's validator. */
function fieldErrors(data: unknown): FieldError[] | undefined {
  if (!Array.isArray(data)) return undefined;
  return data
    .filter((row): row is { field: string; type?: string } => typeof row?.field === "string")
    .map(({ field, type }) => ({ field, message: type === "required" ? "必填" : "格式不正确" }));
}
