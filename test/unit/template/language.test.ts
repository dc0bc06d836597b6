import ejs from "ejs";
import fc from "fast-check";
import { fill, namesOf } from "../../../services/template/language/fill.ts";
import { parse } from "../../../services/template/language/parse.ts";
import type { TemplateVariables } from "../../../services/template/template.api.ts";

const filled = (text: string, variables: TemplateVariables): string => {
  const { tree, flaws } = parse(text);
  expect(flaws).toEqual([]);
  return fill(tree, variables, (_name, value) => value ?? "");
};

describe("a template of the language", () => {
  const parties = [{ role: "甲方", name: "总部" }, { role: "乙方", name: "门店" }];

  test.each<[string, string, TemplateVariables, string]>([
    ["a text without tags", "甲\n乙", {}, "甲\n乙"],
    ["nothing", "", {}, ""],
    ["a variable", "甲<%= a %>乙", { a: "1" }, "甲1乙"],
    ["a variable without spaces", "<%=a%>", { a: "1" }, "1"],
    ["a value that looks like a tag", "<%= a %>", { a: "<%= b %>" }, "<%= b %>"],
    ["a condition that holds", "<% if (a) { %>甲<% } %>乙", { a: true }, "甲乙"],
    ["a condition that does not", "<% if (a) { %>甲<% } %>乙", { a: false }, "乙"],
    ["its other branch", "<% if (a) { %>甲<% } else { %>乙<% } %>", { a: false }, "乙"],
    ["a text that is there", "<% if (a) { %>甲<% } else { %>乙<% } %>", { a: "x" }, "甲"],
    ["a text that says false", "<% if (a) { %>甲<% } else { %>乙<% } %>", { a: "false" }, "甲"],
    ["an empty text", "<% if (a) { %>甲<% } else { %>乙<% } %>", { a: "" }, "乙"],
    ["an absent text", "<% if (a) { %>甲<% } else { %>乙<% } %>", { a: null }, "乙"],
    ["conditions in one another", "<% if (a) { %><% if (b) { %>甲<% } else { %>乙<% } %><% } else { %>丙<% } %>", { a: true, b: false }, "乙"],
    ["a list", "<% for (const p of parties) { %><%= p.role %>：<%= p.name %>；<% } %>", { parties }, "甲方：总部；乙方：门店；"],
    ["an empty list", "甲<% for (const p of parties) { %><%= p.role %><% } %>", { parties: [] }, "甲"],
    ["a list with a condition and a variable in it", "<% for (const p of parties) { %><% if (a) { %><%= p.role %><%= b %><% } %><% } %>", { parties, a: true, b: "，" }, "甲方，乙方，"],
    ["the same list twice under two names", "<% for (const p of parties) { %><%= p.role %><% } %><% for (const q of parties) { %><%= q.name %><% } %>", { parties }, "甲方乙方总部门店"],
  ])("with %s", (_what, text, variables, expected) => {
    expect(filled(text, variables)).toBe(expected);
    expect(ejs.render(text, variables, { escape: String })).toBe(expected);
  });

  test.each<[string, string, TemplateVariables, RegExp]>([
    ["was not given", "<%= a %>", {}, /uses a, which was not given/],
    ["was not given, in a branch that is not taken", "<% if (a) { %><%= b %><% } %>", { a: false }, /uses b, which was not given/],
    ["every object has", "<%= toString %>", {}, /toString/],
    ["was inherited", "<%= a %>", Object.create({ a: "x" }) as TemplateVariables, /uses a/],
    ["is a flag and printed", "<%= a %>", { a: true }, /prints a, which is no text/],
    ["is a list and printed", "<%= a %>", { a: [] }, /prints a, which is no text/],
    ["is a list and branched on", "<% if (a) { %>甲<% } %>", { a: [] }, /branches on a/],
    ["is a text and repeated for", "<% for (const p of a) { %><%= p.x %><% } %>", { a: "xy" }, /repeats for a/],
    ["is a list without that field", "<% for (const p of a) { %><%= p.x %><% } %>", { a: [{ y: "1" }] }, /uses x/],
    ["is a list with a field every object has", "<% for (const p of a) { %><%= p.constructor %><% } %>", { a: [{ y: "1" }] }, /uses constructor/],
    ["is a list of more entries than any signing has", "<% for (const p of a) { %><%= p.x %><% } %>", { a: Array.from({ length: 101 }, () => ({ x: "1" })) }, /at most 100/],
  ])("stops at a variable that %s", (_why, text, variables, message) => {
    const { tree } = parse(text);
    expect(() => fill(tree, variables, (_name, value) => value ?? "")).toThrow(message);
  });

  test("tells what it needs, each once, and no entry of a loop", () => {
    const { tree } = parse("<%= a %><% if (b) { %><%= a %><% } %><% for (const p of c) { %><%= p.x %><%= d %><% } %>");
    expect(namesOf(tree)).toEqual(["a", "b", "c", "d"]);
  });

  test("cannot grow beyond bounds", () => {
    const { tree } = parse("<%= a %>".repeat(3));
    expect(() => fill(tree, { a: "字".repeat(1_000_000) }, (_name, value) => value ?? "")).toThrow(/too long/);
  });
});

/** Any template of the grammar, with variables for it. */
const TEXTS = ["textA", "textB"];
const FLAGS = ["flagA", "flagB"];
const literal = fc.string({ unit: fc.constantFrom("甲", "a", " ", "\n", "<p>", "</p>", "{", "}", "`", "\\", "$", "'", '"', "&", ";", "//", "/*", "%"), maxLength: 8 }).filter((text) => !/<%|%>/.test(text));
const print = fc.constantFrom(...TEXTS).map((name) => `<%= ${name} %>`);
const block = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof(
    fc.tuple(fc.constantFrom(...TEXTS, ...FLAGS), inner).map(([name, body]) => `<% if (${name}) { %>${body}<% } %>`),
    fc.tuple(fc.constantFrom(...TEXTS, ...FLAGS), inner, inner).map(([name, body, other]) => `<% if (${name}) { %>${body}<% } else { %>${other}<% } %>`),
  );
const level = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.array(fc.oneof(literal, print, inner), { maxLength: 4 }).map((parts) => parts.join(""));
const leaf = level(fc.constant(""));
const loop = (inner: fc.Arbitrary<string>): fc.Arbitrary<string> => fc.tuple(inner, inner).map(([a, b]) => `<% for (const one of entries) { %>${a}<%= one.name %>${b}<% } %>`);
const template = level(fc.oneof(block(level(block(leaf))), loop(level(block(leaf))), block(loop(leaf)))).filter((text) => !/%%>|<%%/.test(text));
const value = fc.oneof(fc.string({ unit: "binary" }), fc.string(), fc.constantFrom("<%= 1 %>", "</p>", "${1}", "`", "null", "false", "0", ""));
const variables = fc.record({ textA: value, textB: fc.option(value), flagA: fc.boolean(), flagB: fc.boolean(), entries: fc.array(fc.record({ name: fc.option(value) }), { maxLength: 3 }) });

test("whatever the template and its variables, EJS itself would print the same", () => {
  fc.assert(
    fc.property(template, variables, (text, given) => {
      const { tree, flaws } = parse(text);
      expect(flaws).toEqual([]);
      const ours = fill(tree, given, (_name, said) => (said === null ? "" : ejs.escapeXML(said)));
      expect(ours).toBe(ejs.render(text, given));
    }),
    { numRuns: 300 },
  );
});

test("whatever is written, reading it ends, says where it is wrong, and what is not a tag is kept to the letter", () => {
  const piece = fc.constantFrom("<%", "%>", "<%=", "<%-", "<% if (", ") { %>", "<% } %>", "<% } else { %>", "<%= a %>", "<% for (const x of ", "x.y", "甲", "\n", "<p>", "`", "{", "}");
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }).map((parts) => parts.join("")), (text) => {
      const { flaws, tags } = parse(text);
      for (const { index } of flaws) expect(index >= 0 && index < text.length).toBe(true);
      for (const [at, { index, length }] of tags.entries()) expect(index + length <= (tags[at + 1]?.index ?? text.length)).toBe(true);
      if (!/<%|%>/.test(text)) expect(fill(parse(text).tree, {}, () => "")).toBe(text);
    }),
    { numRuns: 500 },
  );
});

test("a hundred thousand characters of beginnings are refused, not puzzled over", () => {
  for (const bait of ["<%", "<% if (", "<%= ", "<% for (const ", "<% }"]) {
    const { flaws } = parse(bait.repeat(Math.ceil(100_000 / bait.length)));
    expect(flaws.length).toBeGreaterThan(0);
  }
});
