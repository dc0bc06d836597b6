import ejs from "ejs";
import { Parser } from "htmlparser2";
import { ATTRIBUTES, TAGS } from "../../../services/template/agreement-markup.ts";
import { lint } from "../../../services/template/lint.ts";
import { sanitized } from "../../../services/template/lint-sanitized.ts";
import { compile } from "../../../services/template/render.ts";
import { agreementWith } from "./corpus-agreement.ts";
import { page } from "./corpus-messages.ts";
import { PAYLOADS, PLAIN_TEXT } from "./bypass-payloads.ts";

/** The elements, attributes and text a parser finds. */
function read(html: string): { tags: string[]; attributes: string[]; text: string } {
  const found = { tags: [] as string[], attributes: [] as string[], text: "" };
  const parser = new Parser({
    onopentag: (name, attributes) => void (found.tags.push(name), found.attributes.push(...Object.keys(attributes))),
    ontext: (text) => void (found.text += text),
  });
  parser.end(html);
  return found;
}
const isCode = (payload: string): boolean => payload.includes("<%");

describe.each(PAYLOADS)("%s", (why, payload) => {
  test.each([
    ["in a paragraph of its own", "<p>", "</p>"],
    ["between paragraphs", "", ""],
    ["in a table's cell", "<table><tbody><tr><td>", "</td></tr></tbody></table>"],
    ["within a key clause", '<section data-key-clause="x"><p>乙方知悉并同意下列内容。', "</p></section>"],
  ])("is refused %s, at or after the place where it begins", (_where, before, after) => {
    const flaws = lint("PROTOCOL", agreementWith(before + payload + after));
    if (PLAIN_TEXT.includes(why) && before !== "") return expect(flaws).toEqual([]);
    expect(flaws.some(({ line, column }) => line > 10 || (line === 10 && column > before.length))).toBe(true);
  });

  test("is refused in an SMS and on a page wherever it is code", () => {
    const refused = [lint("SMS", `【天财】${payload} <%= link %>`), lint("H5", page({ intro: payload }))].map((flaws) => flaws.length > 0);
    if (isCode(payload)) expect(refused).toEqual([true, true]);
    else expect(JSON.parse(compile("H5", page({ intro: payload }))({}))).toMatchObject({ intro: payload });
  });

  test("is a text and nothing else as the value of a variable, word for word as EJS would escape it", () => {
    const filled = compile("PROTOCOL", "<p><%= partyAName %></p>")({ partyAName: payload });
    expect(read(filled)).toEqual({ tags: ["p"], attributes: [], text: payload });
    expect(filled).toBe(`<p>${ejs.escapeXML(payload)}</p>`);
  });

  test("leaves the second barrier, by itself, without any element or attribute that no agreement has", () => {
    const { tags, attributes } = read(sanitized(payload.replaceAll("<%", "").replaceAll("%>", "")));
    expect(tags.filter((tag) => !TAGS.includes(tag))).toEqual([]);
    expect(attributes.filter((name) => !ATTRIBUTES.includes(name))).toEqual([]);
  });
});

test("code in a stored text that lint has never seen is not run: it is not of the language", () => {
  for (const [, payload] of PAYLOADS.filter(([, text]) => isCode(text))) {
    expect(() => compile("PROTOCOL", payload)({ partyAName: "甲", byFace: true, parties: [] })).toThrow();
  }
  expect((globalThis as { ran?: number }).ran).toBeUndefined();
});
