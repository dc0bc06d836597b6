import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const readme = readFileSync("README.md", "utf8");
const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };

const links = ["README.md", "CHANGELOG.md", ...globSync("docs/**/*.md")].flatMap((page) =>
  Array.from(readFileSync(page, "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)|\bsrc="([^"]+)"/g), ([, link, picture]) => [page, (link ?? picture)!] as const).filter(
    ([, target]) => !/^[a-z]+:/.test(target),
  ),
);

test.each(links)("%s links to %s, which exists", (page, target) => {
  expect(existsSync(join(dirname(page), target))).toBe(true);
});

test("every npm script the README names exists, and the ones a newcomer needs are named", () => {
  const named = Array.from(readme.matchAll(/npm (?:run ([a-z-]+)|(start|test)\b)/g), ([, script, short]) => (script ?? short)!);
  expect(named.filter((script) => !(script in scripts))).toEqual([]);
  expect(named).toEqual(expect.arrayContaining(["start", "test", "demo", "verify"]));
});

test("every page under docs is linked from the README or from the index of decisions", () => {
  const index = readFileSync("docs/decisions/README.md", "utf8");
  const unlinked = globSync("docs/**/*.md").filter((page) => !readme.includes(`(${page})`) && !index.includes(`(${page.replace("docs/decisions/", "")})`));
  expect(unlinked).toEqual([]);
});

test("the command by which the CI tests stands in the README as a line of its own", () => {
  expect(readme.split("\n")).toContain("npm ci && npm test");
});
