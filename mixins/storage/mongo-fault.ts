import mongoose from "mongoose";
import { StorageFailure, storageOutage } from "./storage-failure.ts";

const { mongo } = mongoose;
const DUPLICATE_KEY = 11000;

interface ServerError {
  code?: unknown;
  message?: unknown;
  keyPattern?: Record<string, unknown>;
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
  return isOutage(cause) ? storageOutage(cause) : new StorageFailure(cause);
}

/** Network, time-out, no primary, no majority: everything that another try may find gone. */
function isOutage(cause: unknown): boolean {
  if (cause instanceof mongo.MongoServerError) {
    return cause instanceof mongo.MongoWriteConcernError || cause.hasErrorLabel("RetryableWriteError") || PASSING.has(cause.code);
  }
  if (cause instanceof mongo.MongoError) return !(cause instanceof mongo.MongoInvalidArgumentError);
  return cause instanceof mongoose.Error.MongooseServerSelectionError;
}

/** Whether driver, server or mongoose have thrown it, and not the code of the collection. */
export const isForeign = (error: unknown): boolean =>
  error instanceof mongo.MongoError || error instanceof mongoose.Error || error instanceof mongo.BSON.BSONError;

/** Of a server that has stepped down, is shutting down or is coming up; of a router that cannot reach one; of one that ran out of time. Reads carry no label that says so. */
const PASSING = new Set<unknown>([6, 7, 50, 89, 91, 134, 189, 262, 9001, 10058, 10107, 11600, 11602, 13435, 13436]);
