/** A write is not stored because the database could not take it; the reason is `cause`. It may be tried again. */
export class StorageFailure extends Error {
  readonly type = "STORAGE_FAILED";
  constructor(cause: unknown) {
    super("the database did not take the write", { cause });
    this.name = "StorageFailure";
  }
}
