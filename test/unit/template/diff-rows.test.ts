import fc from "fast-check";
import { diffRows, type DiffRow } from "../../../services/template/diff-rows.ts";

const told = (rows: DiffRow[]): string[] => rows.map(({ op, left, right }) => `${op} ${left?.line ?? "-"}|${right?.line ?? "-"}`);
const marked = (parts: { text: string; changed: boolean }[] | undefined): string => (parts ?? []).map(({ text, changed }) => (changed ? `[${text}]` : text)).join("");

test.each<[string, string | null, string, string[]]>([
  ["equal texts", "一\n二", "一\n二", ["same 1|1", "same 2|2"]],
  ["nothing to compare with", null, "一\n二", ["add -|1", "add -|2"]],
  ["a line put in", "甲方应当付款\n乙方应当交货", "甲方应当付款\n双方应当保密\n乙方应当交货", ["same 1|1", "add -|2", "same 2|3"]],
  ["a line taken out", "一\n二\n三", "一\n三", ["same 1|1", "del 2|-", "same 3|2"]],
  ["a line changed", "甲方应当在三日内付款", "甲方应当在五日内付款", ["change 1|1"]],
  ["a line that has nothing of the old one", "甲方应当在三日内付款", "本协议自签署之日起生效", ["del 1|-", "add -|1"]],
  ["a line put in before a changed one", "甲方应当在三日内付款", "双方应当互相保密\n甲方应当在五日内付款", ["add -|1", "change 1|2"]],
])("%s", (_what, left, right, expected) => {
  expect(told(diffRows(left, right))).toEqual(expected);
});

test("what changed within a line is told by character, without single characters left over between changes", () => {
  const [row] = diffRows("甲方应当在三日内付款给乙方", "甲方应当在五日内支付给乙方");
  expect([marked(row!.left!.parts), marked(row!.right!.parts)]).toEqual(["甲方应当在[三]日内[付款]给乙方", "甲方应当在[五]日内[支付]给乙方"]);
});

test("whatever the texts, each side is told whole and in order, and the parts of a line are the line", () => {
  const text = fc.array(fc.stringMatching(/^[甲乙方付款日。]{0,12}$/u), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, (left, right) => {
      const rows = diffRows(left, right);
      for (const [side, whole] of [["left", left], ["right", right]] as const) {
        const lines = rows.flatMap((row) => row[side] ?? []);
        expect(lines.map((line) => line.text).join("\n")).toBe(whole);
        expect(lines.map(({ line }) => line)).toEqual(lines.map((_line, index) => index + 1));
        for (const { text: words, parts } of lines) if (parts) expect(parts.map((part) => part.text).join("")).toBe(words);
      }
      for (const { op, left: one, right: other } of rows) if (op === "same") expect(one!.text).toBe(other!.text);
    }),
    { numRuns: 300 },
  );
});

test("two long texts that have nothing in common are told as one taken out and another put in", () => {
  const lines = (of: string) => Array.from({ length: 1_500 }, (_, at) => `${of}${at}`.repeat(10)).join("\n");
  expect(diffRows(lines("甲"), lines("乙")).length).toBeGreaterThanOrEqual(1_500);
});
