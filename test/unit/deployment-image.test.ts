import { globSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { dependencies: Record<string, string> };
/** What the image runs: what `npm run build` compiles, and what is copied beside it. */
const shipped = globSync(["*.ts", "{cli,config,contract,mixins,sandbox,services}/**/*.ts", "deploy/health.ts"]).filter((file) => !file.endsWith(".d.ts"));
/** Packages that are there at run time only if they are installed: types are gone by then. */
const packagesOf = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^(?:import|export)(?! type\b)[^;]*? from "([^".][^"]*)"|^import "([^".][^"]*)"|(?:\b(?:import|require|load|(?:meta|require|load)\.resolve)|\)\.resolve)\("([^".)][^"]*)"\)/gm)]
    .map(([, from, bare, called]) => (from ?? bare ?? called)!)
    .filter((name) => !name.startsWith("node:") && !builtinModules.includes(name))
    .map((name) => name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/"));

test("the image has every package that its code loads, without those for development", () => {
  const found = shipped.flatMap((file) => packagesOf(file).map((name) => ({ file, name })));
  expect(found.map(({ name }) => name)).toEqual(expect.arrayContaining(["moleculer", "moleculer-bull", "mongoose", "puppeteer-core", "swagger-ui-dist", "@expo-google-fonts/noto-sans-sc", "@sparticuz/chromium", "@aws-sdk/client-s3"]));
  expect(found.filter(({ name }) => !(name in dependencies))).toEqual([]);
});
