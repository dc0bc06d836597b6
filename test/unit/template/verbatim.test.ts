import fc from "fast-check";
import { Parser } from "htmlparser2";
import { compile } from "../../../services/template/render.ts";
import { cleanForSms, hasLink } from "../../../services/template/sms-text.ts";
import type { TemplateKind, TemplateVariables } from "../../../services/template/template.api.ts";
import { VARIABLES } from "../../../templates/variables.ts";
import { PAYLOADS } from "./bypass-payloads.ts";

/** Whatever string stands in whatever variable comes out as exactly that text. */

const namesOf = (kind: TemplateKind, type: string): string[] => Object.keys(VARIABLES).filter((name) => VARIABLES[name]!.kinds.includes(kind) && VARIABLES[name]!.type === type);
/** Any string at all (halves of characters too), pieces of markup and of other languages, and known payloads. */
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map((units) => String.fromCharCode(...units)),
  fc.array(fc.constantFrom("<", ">", "&", '"', "'", "<%", "%>", "<%=", "&lt;", "&#60;", "&amp;", "${", "}", "{{", "\\", "\\u003c", "`", "$&", "$1", "\n", "\r\n", "\u0000", "\u2028", "【", "】", "http://", ".com", "a", "甲"), { maxLength: 10 }).map((parts) => parts.join("")),
  fc.constantFrom(...PAYLOADS.map(([, payload]) => payload)),
);
/** A value for every text variable of a kind. */
const textsFor = (kind: TemplateKind): fc.Arbitrary<Record<string, string>> => fc.record(Object.fromEntries(namesOf(kind, "text").map((name) => [name, anyText])));

/** The texts of the paragraphs, and every element that was built. */
function paragraphs(html: string): { texts: string[]; tags: Set<string> } {
  const texts: string[] = [];
  const tags = new Set<string>();
  const parser = new Parser({
    onopentag: (name) => void (tags.add(name), texts.push("")),
    ontext: (text) => void (texts[texts.length - 1] += text),
  });
  parser.end(html);
  return { texts, tags };
}

test("on the page of an agreement: every variable and every field of a list, exactly", () => {
  const names = namesOf("PROTOCOL", "text");
  const lists = namesOf("PROTOCOL", "list").map((list) => [list, Object.keys(VARIABLES[list]!.fields!)] as const);
  const loops = lists.map(([list, fields]) => `<% for (const one of ${list}) { %>${fields.map((field) => `<p><%= one.${field} %></p>`).join("")}<% } %>`);
  const fill = compile("PROTOCOL", names.map((name) => `<p><%= ${name} %></p>`).join("") + loops.join(""));
  const entries = (fields: string[]) => fc.array(fc.record(Object.fromEntries(fields.map((field) => [field, anyText]))), { maxLength: 3 });
  const listsOf = fc.record(Object.fromEntries(lists.map(([list, fields]) => [list, entries(fields)])));
  fc.assert(
    fc.property(textsFor("PROTOCOL"), listsOf, (values, given) => {
      const { texts, tags } = paragraphs(fill({ ...values, ...given } as TemplateVariables));
      const expected = [...names.map((name) => values[name]), ...lists.flatMap(([list, fields]) => given[list]!.flatMap((entry) => fields.map((field) => entry[field])))];
      expect(texts).toEqual(expected);
      expect([...tags]).toEqual(["p"]);
    }),
    { numRuns: 150 },
  );
});

test("on the signer's page: every variable in every text, exactly", () => {
  const names = namesOf("H5", "text");
  const all = names.map((name) => `<%= ${name} %>|`).join("");
  const fill = compile("H5", JSON.stringify({ title: all, intro: all, consent: all, button: all }));
  fc.assert(
    fc.property(textsFor("H5"), (values) => {
      const said = names.map((name) => `${values[name]}|`).join("");
      expect(JSON.parse(fill(values))).toEqual({ title: said, intro: said, consent: said, button: said });
    }),
    { numRuns: 150 },
  );
});

describe("in an SMS", () => {
  const names = namesOf("SMS", "text");
  const fill = compile("SMS", `【天财】${names.map((name) => `<%= ${name} %>`).join("；")}`);

  test("every variable, exactly as cleaned for an SMS, and the link and the code untouched", () => {
    fc.assert(
      fc.property(textsFor("SMS"), (values) => {
        expect(fill(values)).toBe(`【天财】${names.map((name) => cleanForSms(name, values[name]!)).join("；")}`);
        for (const name of ["link", "code"]) expect(cleanForSms(name, values[name]!)).toBe(values[name]);
      }),
      { numRuns: 300 },
    );
  });

  test("whatever was in it, no name leaves a link, a bracket, a control character, a break, or nothing", () => {
    fc.assert(
      fc.property(anyText, (value) => {
        const cleaned = cleanForSms("partyAName", value);
        expect(hasLink(cleaned)).toBe(false);
        expect(cleaned).not.toMatch(/[【】︻︼〖〗〔〕\p{C}\p{Zl}\p{Zp}]|^$/u);
        expect(Array.from(cleaned).length).toBeLessThanOrEqual(40);
      }),
      { numRuns: 1_000 },
    );
  });

  test("a name without any of these is not changed at all", () => {
    const plain = fc.string({ unit: fc.constantFrom(..."天财餐饮有限公司门店（总部）·ABcd012&'\"<>-《》，%"), minLength: 1, maxLength: 40 });
    fc.assert(fc.property(plain, (value) => expect(cleanForSms("partyAName", value)).toBe(value)));
  });
});
