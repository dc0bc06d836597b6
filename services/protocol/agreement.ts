import { createHash } from "node:crypto";
import { Parser } from "htmlparser2";
import type { KeyClause, Prepared } from "./protocol.api.ts";

/** What can be said about an agreement from its HTML alone. */
export interface Agreement extends Prepared {
  /** All text, entities decoded: what will have to be printed. */
  text: string;
}

/** Elements that do not end a line; all others separate words of a clause's plain text. */
const INLINE = new Set(["a", "abbr", "b", "bdi", "em", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u", "wbr"]);

/**
 * Reads an agreement: its two hashes over the UTF-8 bytes as they are, and its key clauses in document order.
 * @param html exactly what the signer is shown
 * @throws Error when a key clause has no id or an id stands twice: an acknowledgement of it would mean nothing
 */
export function readAgreement(html: string): Agreement {
  const open: { depth: number; clause: KeyClause }[] = [];
  const keyClauses: KeyClause[] = [];
  let depth = 0;
  let text = "";
  const write = (part: string) => {
    text += part;
    for (const { clause } of open) clause.text += part;
  };
  const parser = new Parser({
    onopentag(name, attributes) {
      depth += 1;
      if (!INLINE.has(name)) write(" ");
      const id = attributes["data-key-clause"];
      if (id === undefined) return;
      if (!id || keyClauses.some((clause) => clause.id === id)) throw new Error("a key clause has no id of its own");
      const clause = { id, text: "" };
      keyClauses.push(clause);
      open.push({ depth, clause });
    },
    ontext: write,
    onclosetag(name) {
      if (!INLINE.has(name)) write(" ");
      if (open.at(-1)?.depth === depth) open.pop();
      depth -= 1;
    },
  });
  parser.end(html);
  return {
    ...fingerprints(html),
    keyClauses: keyClauses.map(({ id, text }) => ({ id, text: text.replace(/\s+/g, " ").trim() })),
    text,
  };
}

/** SHA-256 and SM3 (GB/T 32905) of the UTF-8 bytes, lower-case hex. */
export function fingerprints(html: string): { protocolHash: string; sm3: string } {
  const bytes = Buffer.from(html, "utf8");
  return {
    protocolHash: createHash("sha256").update(bytes).digest("hex"),
    sm3: createHash("sm3").update(bytes).digest("hex"),
  };
}
