import { readFileSync } from "node:fs";
import { CLASSES, ELEMENTS, MANDATORY_CLAUSES } from "../../../services/template/agreement-markup.ts";
import { lint } from "../../../services/template/lint.ts";
import type { TemplateKind } from "../../../services/template/template.api.ts";
import { VARIABLES } from "../../../templates/variables.ts";

/** docs/templates.md is what a lawyer works by: it knows all that lint knows, and its examples pass. */
const guide = readFileSync("docs/templates.md", "utf8");
const blocks = (language: string): string[] => Array.from(guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)\\n\`\`\`$`, "gms")), ([, block]) => block!);
const rows = (pattern: RegExp): string[][] => Array.from(guide.matchAll(pattern), ([row]) => row.slice(2, -2).split(" | "));

test.each<[string, TemplateKind, string | undefined]>([
  ["agreement", "PROTOCOL", blocks("html").at(-1)],
  ["message", "SMS", blocks("text")[0]],
  ["page", "H5", blocks("json")[0]],
])("the guide's whole %s passes the checks", (_what, kind, content) => {
  expect(lint(kind, content!)).toEqual([]);
});

test("each of the guide's pieces may stand in an agreement", () => {
  const [rowsOfTable, clause, table] = blocks("html");
  const whole = blocks("html").at(-1)!;
  const placed = whole.replace("</tbody></table>", `${rowsOfTable}\n</tbody></table>\n${table}`).replace("<h2>第二条", `${clause}\n<h2>第二条`);
  expect(placed.length).toBe(whole.length + rowsOfTable!.length + clause!.length + table!.length + 3);
  expect(lint("PROTOCOL", placed)).toEqual([]);
});

test("the guide's table names every variable, what it means, its type and where it may be used", () => {
  const [types, kinds] = [{ text: "文本", flag: "条件", list: "列表" }, { PROTOCOL: "协议", SMS: "短信", H5: "页面" }];
  const expected = Object.entries(VARIABLES).map(([name, one]) => [`\`${name}\``, one.label, types[one.type], one.kinds.map((kind) => kinds[kind]).join("、")]);
  expect(rows(/^\| `[A-Za-z]+` \| .* \| (?:文本|条件|列表) \| .* \|$/gm)).toEqual(expected);
  for (const field of Object.keys(VARIABLES["parties"]!.fields!)) expect(guide).toContain(`\`${field}\`（`);
});

test("the guide's tables name every element with its places, every class and every clause that no agreement may lack", () => {
  const place = (name: string) => (name === "root" ? "最外层" : `\`${name}\``);
  const named = rows(/^\| `[a-z]+\d?` \| [^|]+ \| (?:最外层|`).* \|$/gm).map(([name, , places]) => [name, places]);
  expect(named).toEqual(Object.entries(ELEMENTS).map(([name, { in: places }]) => [`\`${name}\``, places.map(place).join("、")]));
  for (const [name, classes] of Object.entries(CLASSES)) for (const one of classes) expect(guide).toContain(`<${name} class="${one}">`);
  for (const [mark, { label, says }] of Object.entries(MANDATORY_CLAUSES)) expect(guide).toContain(`| \`${mark}\` | ${label} | ${says.map(({ what }) => what).join("；")} |`);
  for (const { label } of Object.values(VARIABLES).filter(({ mandatory }) => mandatory?.includes("PROTOCOL"))) expect(guide).toMatch(new RegExp(`任何情形下都须印出：[^。；]*${label.replace(/（.*）/, "")}`));
});
