import { fill, namesOf, type Shape } from "./language/fill.ts";
import { parse } from "./language/parse.ts";
import { cleanForSms } from "./sms-text.ts";
import type { TemplateKind, TemplateRef, TemplateVariables } from "./template.api.ts";

/** Texts of the signer's page, in the order they are answered (CONTRACT.md §2.4). */
export const PAGE_TEXTS = ["title", "intro", "consent", "button"] as const;

/** What an agreement says where the request gave nothing. A blank cell could be filled in later. */
const NOT_GIVEN = "（未提供）";

/** A version ready to be filled. Throws when a variable the text uses was not given at all; null is a given absence. */
export type Fill = (variables: TemplateVariables) => string;

/**
 * Reads a version's content, which lint must have passed. PROTOCOL escapes every variable for HTML; SMS is plain text with
 * cleaned variables; H5 fills each text of the page and answers JSON, in which no value can break out of its string.
 * @throws Error when the content is not of the language
 */
export function compile(kind: TemplateKind, content: string): Fill {
  switch (kind) {
    case "PROTOCOL":
      return compileText(content, (_name, value) => (value === null ? NOT_GIVEN : escapeHtml(value)));
    case "SMS":
      return compileText(content, (name, value) => (value === null ? "" : cleanForSms(name, value)));
    case "H5": {
      const texts = JSON.parse(content) as Record<string, string>;
      const fills = PAGE_TEXTS.map((key) => [key, compileText(texts[key]!, (_name, value) => value ?? "")] as const);
      return (variables) => JSON.stringify(Object.fromEntries(fills.map(([key, filled]) => [key, filled(variables)])));
    }
  }
}

function compileText(text: string, shape: Shape): Fill {
  const { tree, flaws } = parse(text);
  if (flaws[0]) throw new Error(`the template is not of the language at offset ${flaws[0].index}`);
  const names = namesOf(tree);
  return (variables) => fill(tree, variables, shape, names);
}

/** The very bytes EJS wrote: a process that an older release began is rendered again and must keep its hash. */
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;" };
const escapeHtml = (value: string): string => value.replace(/[&<>'"]/g, (character) => ENTITIES[character]!);

/** Compiled versions, the least recently used ones dropped beyond `limit`: uploads and old pinned versions are unbounded. */
export class CompiledVersions {
  readonly #limit: number;
  readonly #fills = new Map<string, Fill>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(ref: TemplateRef): Fill | undefined {
    const key = keyOf(ref);
    const fill = this.#fills.get(key);
    if (fill) {
      this.#fills.delete(key);
      this.#fills.set(key, fill);
    }
    return fill;
  }

  /** Compiles and keeps; the hash in the key keeps a ref with another hash from finding it. */
  add(ref: TemplateRef, content: string): Fill {
    const fill = compile(ref.kind, content);
    this.#fills.set(keyOf(ref), fill);
    if (this.#fills.size > this.#limit) this.#fills.delete(this.#fills.keys().next().value!);
    return fill;
  }

  get size(): number {
    return this.#fills.size;
  }
}

const keyOf = ({ kind, code, version, sha256 }: TemplateRef): string => `${kind} ${code} ${version} ${sha256}`;
