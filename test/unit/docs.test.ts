import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const pages = ["README.md", "CHANGELOG.md", ...globSync("docs/**/*.md")];
const links = pages.flatMap((page) =>
  Array.from(readFileSync(page, "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g), ([, target]) => [page, target!] as const).filter(([, target]) => !/^[a-z]+:/.test(target)),
);

test.each(links)("%s links to %s, which exists", (page, target) => {
  expect(existsSync(join(dirname(page), target))).toBe(true);
});

test("every npm script the README names exists", () => {
  const { scripts } = JSON.parse(readFileSync("package.json", "utf8")) as { scripts: Record<string, string> };
  const named = Array.from(readFileSync("README.md", "utf8").matchAll(/npm (?:run )?(start|test|demo|verify|bench|build)\b/g), ([, script]) => script!);
  expect(new Set(named)).toEqual(new Set(["start", "test", "demo", "verify", "bench", "build"]));
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});

test("the command by which the CI tests stands in the README as a line of its own", () => {
  expect(readFileSync("README.md", "utf8").split("\n")).toContain("npm ci && npm test");
});
