/** What the schemas of this folder are made of: plain JSON Schema 2020-12, which both Ajv and the OpenAPI document read. */

/** Visible text of at most `maxLength` characters (lengths of §3.1). */
export const text = (maxLength: number, description?: string) => ({ type: "string", format: "visible-text", minLength: 1, maxLength, ...(description && { description }) });

/** The same, or null: an optional field that is null is an absent one. */
export const nullable = <T extends { type: string }>(schema: T) => ({ ...schema, type: [schema.type, "null"] });

/**
 * An object with the fields we know. In a request "no more" means dropped and not refused (CONTRACT.md §2), which the published
 * document leaves out.
 */
export const object = <P extends Record<string, object>>(properties: P, required: readonly string[] = Object.keys(properties), description?: string) => ({
  type: "object",
  additionalProperties: false,
  required: [...required],
  properties,
  ...(description && { description }),
});

/** ISO 8601 UTC without fractions (CONTRACT.md §2). */
export const time = (description: string) => ({ type: "string", format: "date-time", description });

/** One of the words. */
export const word = (words: readonly (string | null)[], description: string) => ({ enum: [...words], description });
