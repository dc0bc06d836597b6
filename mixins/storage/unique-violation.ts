/**
 * A unique key is taken. Stays inside the service that owns the collection, which turns it into an error of the catalogue
 * or into the answer of a repeat. Names the key's fields, never their values.
 */
export class UniqueViolation extends Error {
  readonly type = "UNIQUE_VIOLATION";
  readonly data: { collection: string; fields: string[]; inserted: number };

  /** @param inserted how many documents of an ordered insert went in before this one */
  constructor(collection: string, fields: string[], inserted = 0) {
    super(`${collection}: a document with the same ${fields.join(", ")} exists`);
    this.name = "UniqueViolation";
    this.data = { collection, fields, inserted };
  }
}

/** True for the refusal of a document whose `_id` or unique key is taken, whichever engine refused. */
export const isUniqueViolation = (error: unknown): error is UniqueViolation =>
  (error as { type?: unknown } | null)?.type === "UNIQUE_VIOLATION";
