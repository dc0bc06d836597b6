/**
 * What an agreement is written with: what a contract needs, what prints the same everywhere, and nothing that runs, loads or hides. Each
 * element says where it may stand and whether it holds text by itself; text elsewhere would be moved by a browser.
 */
export const ELEMENTS: Readonly<Record<string, { in: readonly string[]; text: boolean }>> = {
  h1: { in: ["root"], text: true },
  h2: { in: ["root", "section"], text: true },
  p: { in: ["root", "section", "li", "td"], text: true },
  ol: { in: ["root", "section", "li", "td"], text: false },
  li: { in: ["ol"], text: true },
  table: { in: ["root", "section"], text: false },
  tbody: { in: ["table"], text: false },
  tr: { in: ["tbody"], text: false },
  th: { in: ["tr"], text: true },
  td: { in: ["tr"], text: true },
  section: { in: ["root"], text: false },
  strong: { in: ["h1", "h2", "p", "li", "th", "td"], text: true },
};
export const TAGS: readonly string[] = Object.keys(ELEMENTS);

/** The stylesheets of the page and of the print know these classes: facts under the title, the warning box, the parties' table. */
export const CLASSES: Readonly<Record<string, readonly string[]>> = { p: ["meta", "notice"], table: ["parties"] };

/** Marks a clause that the signer acknowledges by itself. */
export const KEY_CLAUSE = "data-key-clause";
/** Marks a clause that no agreement may lack. */
export const CLAUSE = "data-clause";
export const ATTRIBUTES: readonly string[] = ["class", KEY_CLAUSE, CLAUSE];
/** Elements that can be marked as such a clause. */
export const CLAUSE_HOLDERS: readonly string[] = ["section", "p", "h2", "li"];

/** Elements within one another. */
export const MAX_DEPTH = 12;

/** The clauses every agreement has, and the least that each must say (electronic signature law art. 13 and 14; civil code art. 502). */
export const MANDATORY_CLAUSES: Readonly<Record<string, { label: string; says: readonly { what: string; pattern: RegExp }[] }>> = {
  "electronic-signature": {
    label: "电子签名的形式与效力",
    says: [
      { what: "电子签名", pattern: /电子签名/ },
      { what: "可靠或者同等法律效力", pattern: /可靠|法律效力/ },
    ],
  },
  effectiveness: {
    label: "身份认证通过后生效",
    says: [
      { what: "生效", pattern: /生效/ },
      { what: "身份认证（或者变量 verificationMethod）", pattern: /认证|核验|验证|verificationMethod/ },
    ],
  },
  disputes: {
    label: "争议解决",
    says: [
      { what: "争议", pattern: /争议|纠纷/ },
      { what: "人民法院或者仲裁", pattern: /人民法院|仲裁/ },
    ],
  },
  delivery: {
    label: "送达地址确认",
    says: [
      { what: "送达", pattern: /送达/ },
      { what: "地址或者号码", pattern: /地址|号码|住所/ },
    ],
  },
};
