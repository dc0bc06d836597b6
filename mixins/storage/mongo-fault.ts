import { failure } from "../../contract/errors.ts";
import { StorageFailure } from "./storage-failure.ts";

const DUPLICATE_KEY = 11000;
/** Seconds: a replica set has chosen its next primary by then. */
const RETRY_AFTER = 5;

interface ServerError {
  name?: unknown;
  code?: unknown;
  message?: unknown;
  keyPattern?: Record<string, unknown>;
  hasErrorLabel?(label: string): boolean;
}

/** The name of the index that refused, null for any other error. A server that does not say it answers "". */
export function duplicateIndexOf(error: unknown): string | null {
  const { code, message } = error as ServerError;
  if (code !== DUPLICATE_KEY) return null;
  return / index: (\S+) dup key/.exec(String(message))?.[1] ?? "";
}

/** The fields of the key that refused, where the server names them. */
export const duplicateFieldsOf = (error: unknown): string[] => Object.keys((error as ServerError).keyPattern ?? {});

/**
 * What a caller is told of a failure of the driver or the server: that the database cannot be had now, or that it did not take this.
 * Either way a write may have been stored: the answer is lost, not necessarily the deed. The driver's words stay in `cause`,
 * since they may hold values.
 */
export function storageFault(cause: unknown): Error {
  return isOutage(cause as ServerError) ? Object.assign(failure("SERVICE_UNAVAILABLE", { retryAfter: RETRY_AFTER }), { cause }) : new StorageFailure(cause);
}

/** Network, time-out, no primary, no majority: everything that another try may find gone. */
function isOutage(error: ServerError): boolean {
  const name = String(error.name);
  if (name === "MongoWriteConcernError" || error.hasErrorLabel?.("RetryableWriteError")) return true;
  if (name === "MongoServerError") return NOT_PRIMARY.has(error.code);
  return /^Mongo(?:ose)?.*(Network|Selection|Timeout|Topology|NotConnected|Connection|Pool|Closed|Expired|Stale)/.test(name);
}

/** Of a server that has stepped down, is shutting down or is coming up. */
const NOT_PRIMARY = new Set<unknown>([91, 189, 10058, 10107, 11600, 11602, 13435, 13436]);
