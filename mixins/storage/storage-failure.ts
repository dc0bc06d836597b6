import { failure } from "../../contract/errors.ts";

/** Seconds: a replica set has chosen its next primary by then. */
const RETRY_AFTER = 5;

/** A write is not stored because the database could not take it; the reason is `cause`. It may be tried again. */
export class StorageFailure extends Error {
  readonly type = "STORAGE_FAILED";
  constructor(cause: unknown) {
    super("the database did not take the write", { cause });
    this.name = "StorageFailure";
  }
}

/** The catalogue's way to say that the database cannot be had now. The driver's words stay in `cause`, since they may hold values. */
export const storageOutage = (cause: unknown): Error => Object.assign(failure("SERVICE_UNAVAILABLE", { retryAfter: RETRY_AFTER }), { cause });
