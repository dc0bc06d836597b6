import { FORMATS } from "../../../contract/schemas/formats.ts";
import { SCHEMAS } from "./components.ts";

const names = new Map<unknown, string>(Object.entries(SCHEMAS).map(([name, schema]) => [schema, name]));

/**
 * A schema as the document shows it: the same rules, except that unknown fields are not forbidden (they are ignored, CONTRACT.md
 * §2), that our own formats become the pattern by which they are judged, and that a named schema within another is a reference.
 */
export function published(schema: unknown, top = true): unknown {
  if (Array.isArray(schema)) return schema.map((one) => published(one, false));
  if (typeof schema !== "object" || schema === null) return schema;
  const name = names.get(schema);
  if (name && !top) return { $ref: `#/components/schemas/${name}` };
  const { additionalProperties, ...rest } = schema as Record<string, unknown>;
  const shown = additionalProperties === false ? rest : { ...rest, ...(additionalProperties !== undefined && { additionalProperties }) };
  const format = typeof shown["format"] === "string" ? FORMATS[shown["format"]] : undefined;
  if (format) {
    delete shown["format"];
    shown["pattern"] = format.pattern;
  }
  return Object.fromEntries(Object.entries(shown).map(([key, value]) => [key, published(value, false)]));
}
