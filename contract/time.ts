/** ISO 8601 UTC without fractions, as every answer shows times (CONTRACT.md §2). */
export const isoSeconds = (at: Date | number): string => new Date(at).toISOString().replace(/\.\d{3}Z$/, "Z");

/** The same for an absent time. */
export const isoOrNull = (at: Date | number | null | undefined): string | null => (at == null ? null : isoSeconds(at));
