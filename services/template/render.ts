import ejs from "ejs";
import { variableNames } from "./placeholders.ts";
import { cleanForSms } from "./sms-text.ts";
import type { TemplateKind, TemplateRef, TemplateVariables } from "./template.api.ts";

/** Texts of the signer's page, in the order they are answered (CONTRACT.md §2.4). */
export const PAGE_TEXTS = ["title", "intro", "consent", "button"] as const;

/** What an agreement says where the request gave nothing. A blank cell could be filled in later. */
const NOT_GIVEN = "（未提供）";

/** A compiled version. Throws when a variable the text uses was not given at all; null is a given absence. */
export type Fill = (variables: TemplateVariables) => string;

/**
 * Compiles a version's content, which lint must have passed. PROTOCOL escapes every variable for HTML; SMS is plain text with
 * cleaned variables; H5 fills each text of the page and answers JSON, in which no value can break out of its string.
 */
export function compile(kind: TemplateKind, content: string): Fill {
  switch (kind) {
    case "PROTOCOL":
      return compileText(content, (_name, value) => (value === null ? NOT_GIVEN : ejs.escapeXML(value)));
    case "SMS":
      return compileText(content, (name, value) => (value === null ? "" : cleanForSms(name, value)));
    case "H5": {
      const texts = JSON.parse(content) as Record<string, string>;
      const fills = PAGE_TEXTS.map((key) => [key, compileText(texts[key]!, (_name, value) => value ?? "")] as const);
      return (variables) => JSON.stringify(Object.fromEntries(fills.map(([key, fill]) => [key, fill(variables)])));
    }
  }
}

/** `shape` turns each variable into what is printed, so that EJS itself has nothing left to escape. */
function compileText(text: string, shape: (name: string, value: string | null) => string): Fill {
  const names = variableNames(text);
  const print = ejs.compile(text, { strict: true, destructuredLocals: names, escape: String, compileDebug: false });
  return (variables) => {
    const values: Record<string, string> = {};
    for (const name of names) {
      const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
      if (value === undefined) throw new Error(`the template uses ${name}, which was not given`);
      values[name] = shape(name, value);
    }
    return print(values);
  };
}

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
