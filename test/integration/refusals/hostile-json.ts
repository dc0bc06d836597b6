import fc from "fast-check";

/** Stands for the marker of a shot until it is fired: what is searched for afterwards. */
export const MARK = "ZqMARKERqZ";

/** JSON text as it stands, which no JavaScript value would become: duplicate keys, `1e999`, lone surrogates. */
export class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** Bytes that are not UTF-8 stand for these private characters on the wire. */
const BAD_BYTES = new Map<string, number[]>(Object.entries({ "\uf001": [0xff], "\uf002": [0xed, 0xa0, 0x80], "\uf003": [0xc0, 0xaf], "\uf004": [0xf4, 0x90, 0x80, 0x80], "\uf005": [0xe4, 0xb8] }));

/** The JSON text of a value that may hold Raw. */
export function textOf(value: unknown): string {
  if (value instanceof Raw) return value.text;
  // Not by the array's own `map`: a hostile `constructor` may have been added to it.
  if (Array.isArray(value)) return `[${Array.from(value, textOf).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  return `{${Object.entries(value)
    .map(([key, member]) => `${JSON.stringify(key)}:${textOf(member)}`)
    .join(",")}}`;
}

/** The text as bytes, marker and bad bytes put in. */
export function bytesOf(text: string, marker: string): Buffer {
  const parts = text.replaceAll(MARK, marker).split(/([\uf001-\uf005])/);
  return Buffer.concat(parts.map((part) => Buffer.from(BAD_BYTES.get(part) ?? Buffer.from(part))));
}

const nested = (levels: number): Raw => new Raw(`${'{"a":['.repeat(levels)}"${MARK}"${"]}".repeat(levels)}`);

/** Text that something on the way might take for more than text. */
const NASTY = [
  "\u202e\u2066", "\u200b\u200d\ufeff", `e${"\u0301".repeat(40)}`, "𬭎😀", "\u{e123}", "\u{10ffff}", "\ud800", "\udfff\ud800", "\u0000", "\u2028", "\u0085", "\u001b[31m",
  "<script>alert(1)</script>", "<%= process.env %>", "<%- include('/etc/passwd') %>", "${7*7}", "{{7*7}}", "' OR 1=1 --", '{"$gt":""}', "../../etc/passwd", "%00", "\r\nSet-Cookie: a=b",
  "=cmd|' /C calc'!A0", "【银行】https://evil.example", "NaN", "Infinity", "1e400", "0x10", "-0", "true", "null", "undefined", "[object Object]", "ﷺ", "Å", "ſ", "Ω",
];
const nastyText = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...NASTY).map((nasty) => MARK + nasty) },
  { weight: 5, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.string({ unit: "binary", maxLength: 30 }).map((text) => text.replace(/[\uf001-\uf005]/g, "") + MARK) },
  { weight: 2, arbitrary: fc.constantFrom(33, 65, 129, 600, 20_000, 66_000).map((length) => MARK + "长".repeat(length)) },
  { weight: 1, arbitrary: fc.constantFrom("\uf001", "\uf002", "\uf003", "\uf004", "\uf005").map((bad) => new Raw(`"${MARK}${bad}"`)) },
  { weight: 1, arbitrary: fc.constantFrom("\\ud800", "\\udfff", "\\u0000", "\\uE123", "\\u202E").map((escaped) => new Raw(`"${MARK}${escaped}"`)) },
);

/** Any value where another is expected. */
const anyValue = fc.oneof(
  { weight: 5, arbitrary: nastyText },
  { weight: 3, arbitrary: fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, "", " ", "0", "12", [], {}, [[]], new Raw("1e999"), new Raw("-0"), new Raw("1".repeat(400)), new Raw("NaN"), new Raw("0x10"), new Raw("01")) },
  { weight: 1, arbitrary: fc.constantFrom(nested(3), nested(15), nested(17), nested(2_000)) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>([MARK], { [MARK]: MARK }, { $ne: MARK }, { length: 5, toString: MARK }, Array.from({ length: 300 }, () => MARK)) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

const PROTOTYPE_KEYS = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf", "then", "toJSON"];
const anyKey = fc.oneof(fc.constantFrom(...PROTOTYPE_KEYS), fc.constantFrom(MARK, `${MARK}.a`, "", " ", "$where", "a.b", "\u0000", "body", "version", "_id"), nastyText.filter((text) => typeof text === "string"));

/** One change at one place of a body; `at` counts through all its places. */
type Change = { at: number } & ({ kind: "put"; value: unknown } | { kind: "take" } | { kind: "add"; key: string; value: unknown } | { kind: "wrap" } | { kind: "twice"; value: unknown } | { kind: "rename" });
const change: fc.Arbitrary<Change> = fc.record({ at: fc.nat(999) }).chain(({ at }) =>
  fc.oneof(
    { weight: 6, arbitrary: anyValue.map((value): Change => ({ at, kind: "put", value })) },
    { weight: 2, arbitrary: fc.constant<Change>({ at, kind: "take" }) },
    { weight: 2, arbitrary: fc.tuple(anyKey, anyValue).map(([key, value]): Change => ({ at, kind: "add", key: key as string, value })) },
    { weight: 1, arbitrary: fc.constantFrom<Change>({ at, kind: "wrap" }, { at, kind: "rename" }) },
    { weight: 1, arbitrary: anyValue.map((value): Change => ({ at, kind: "twice", value })) },
  ),
);

/** What is done to the whole text. */
const ENVELOPES: ((text: string) => string)[] = [
  (text) => `\ufeff${text}`, (text) => `${text}${text}`, (text) => text.slice(0, -1), (text) => `[${text}]`, (text) => `${text}//${MARK}`, (text) => text.replaceAll('"', "'"),
  (text) => ` \r\n\t${text} \n`, (text) => text.replace("{", `{"__proto__":{"${MARK}":1},`), (text) => text.replace("{", `{"\\u005f_proto__":{"requestId":"${MARK}"},`), () => "", () => "null", () => `"${MARK}"`,
];

const SIGNS = [..."<>&\"'`%=${}()[];:/\\|*?!#@^~+-_.,", ..."天财有限公司（）【】《》“”、。￥·…㎡①ⅣＡｂ　𬭎䶮é", ..."aZ09 "];
/** Six texts of what can be seen and printed, as wild as that allows. */
export const visibleNames: fc.Arbitrary<string[]> = fc.array(
  fc.oneof(
    fc.array(fc.constantFrom(...SIGNS), { minLength: 1, maxLength: 64 }).map((signs) => signs.join("")).filter((text) => text.trim() !== ""),
    fc.constantFrom("<script>alert(1)</script>", "<%= process.env %>", "${7*7}", "{{7*7}}", "' OR 1=1 --", "__proto__", "constructor", "null", "NaN", "1e999", "-0", "[object Object]", "\\u0000", "$&", "%s%d%n"),
  ),
  { minLength: 6, maxLength: 6 },
);

export interface Mutation {
  base: number;
  changes: Change[];
  envelope: number | null;
}
/** One to three changes to one of the valid bodies, now and then to the text as a whole. */
export const mutation: fc.Arbitrary<Mutation> = fc.record({
  base: fc.nat(99),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
  envelope: fc.oneof({ weight: 9, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(ENVELOPES.length - 1) }),
});

/** A body made of anything. */
export const anyBody: fc.Arbitrary<string> = fc.oneof(
  fc.json().map((text) => text.replace(/[\uf001-\uf005]/g, "")),
  anyValue.map(textOf),
  fc.dictionary(anyKey as fc.Arbitrary<string>, anyValue, { maxKeys: 4 }).map(textOf),
  fc.string({ unit: "binary", maxLength: 60 }).map((text) => text.replace(/[\uf001-\uf004]/g, "")),
  fc.constantFrom("\uf001", `{"\uf002":"${MARK}"}`, "{", "}", "[]", '{"a":1,}', "{a:1}", "\u0000"),
);

/** The text of a valid body after the mutation. */
export function mutated({ changes, envelope }: Mutation, valid: object): string {
  const body = structuredClone(valid) as Record<string, unknown>;
  for (const one of changes) apply(body, one);
  const text = textOf(body);
  return envelope === null ? text : ENVELOPES[envelope]!(text);
}

type Holder = Record<string, unknown>;
function places(holder: Holder, found: [Holder, string][] = []): [Holder, string][] {
  for (const key of Object.keys(holder)) {
    found.push([holder, key]);
    const member = holder[key];
    if (typeof member === "object" && member !== null && !(member instanceof Raw)) places(member as Holder, found);
  }
  return found;
}

/** A later change must not change the value itself, which further bodies are made with. */
const copy = (value: unknown): unknown => (value instanceof Raw ? value : structuredClone(value));

function apply(body: Holder, one: Change): void {
  const all = places(body);
  if (all.length === 0) return;
  const [holder, key] = all[one.at % all.length]!;
  // `__proto__` must become a member of its own and not the prototype.
  const put = (name: string, value: unknown): void => void Object.defineProperty(holder, name, { value, enumerable: true, configurable: true, writable: true });
  if (one.kind === "put") put(key, copy(one.value));
  else if (one.kind === "take") delete holder[key];
  else if (one.kind === "wrap") put(key, [holder[key]]);
  else if (one.kind === "twice") put(key, new Raw(`${textOf(holder[key])},${JSON.stringify(key)}:${textOf(one.value)}`));
  else if (one.kind === "add") put(one.key, copy(one.value));
  else {
    put(`${key} `, holder[key]);
    delete holder[key];
  }
}
