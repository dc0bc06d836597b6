/** What the schemas of this folder are made of: plain JSON Schema 2020-12, which both Ajv and the OpenAPI document read. */

/** Visible text of at most `maxLength` characters (lengths of §3.1). */
export const text = (maxLength: number) => ({ type: "string", format: "visible-text", minLength: 1, maxLength });

/** The same, or null: an optional field that is null is an absent one. */
export const nullable = <T extends { type: string }>(schema: T) => ({ ...schema, type: [schema.type, "null"] });
