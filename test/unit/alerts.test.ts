import { globSync, readFileSync } from "node:fs";

/** Alerts whose word is put together at run time. */
const PUT_TOGETHER = ["RESULT_LATE", "RESULT_ANOMALY"];

const code = ["platform.ts", ...globSync("{services,mixins}/**/*.ts")].map((file) => readFileSync(file, "utf8")).join("\n");
const raised = Array.from(code.matchAll(/\balert: (?:[^,}\n]*\? )?"([A-Z_]+)"|\b(?:alert|alarmed|Explained)\("([A-Z_]+)"|const alert = [^;]*?"([A-Z_]+)" : "([A-Z_]+)"/g)).flatMap((match) => match.slice(1).filter(Boolean) as string[]);
const page = readFileSync("docs/operations.md", "utf8");
const explained = Array.from(page.slice(page.indexOf("## Alerts"), page.indexOf("## Limits")).matchAll(/^\| ((?:`[A-Z_]+`(?:, )?)+) \|/gm)).flatMap(([, words]) => Array.from(words!.matchAll(/`([A-Z_]+)`/g), ([, word]) => word!));

test("every alert there is stands in docs/operations.md with what to do, and no other", () => {
  expect(explained.toSorted()).toEqual([...new Set([...raised, ...PUT_TOGETHER])].toSorted());
});
