/** One `<%= name %>` of a template, or something that begins like a tag and is not one (`name` is null). */
export interface Placeholder {
  name: string | null;
  /** Offset in the text. */
  index: number;
  length: number;
}

const TAG = /<%= ?([A-Za-z][A-Za-z0-9]*) ?%>/y;

/**
 * Every EJS tag in a text. The only form a template may use is the escaped output of one variable; raw output, statements,
 * includes, comments and trimming all come back without a name, and lint refuses them.
 */
export function placeholders(text: string): Placeholder[] {
  const found: Placeholder[] = [];
  for (let index = text.indexOf("<%"); index >= 0; ) {
    TAG.lastIndex = index;
    const match = TAG.exec(text);
    const length = match ? match[0].length : 2;
    found.push({ name: match?.[1] ?? null, index, length });
    index = text.indexOf("<%", index + length);
  }
  return found;
}

/** The variables a text uses, each once. */
export const variableNames = (text: string): string[] => [
  ...new Set(placeholders(text).flatMap(({ name }) => (name === null ? [] : [name]))),
];
