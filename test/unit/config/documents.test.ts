import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SETTINGS } from "../../../config/table.ts";
import { ERROR_TABLE } from "../../../contract/errors.ts";
import { configurationTable, exampleSettings } from "./settings-documents.ts";

const read = (path: string): string => readFileSync(join(process.cwd(), path), "utf8");

describe("documents say what the tables say", () => {
  test("docs/configuration.md holds the settings table, row for row and nothing else", () => {
    const table = read("docs/configuration.md").split("\n").filter((line) => line.startsWith("|")).join("\n");
    expect(table).toBe(configurationTable());
  });

  test(".env.example lists every setting once with its default", () => {
    const example = read(".env.example");
    expect(example.slice(example.indexOf("\n\n") + 2)).toBe(`${exampleSettings()}\n`);
    const names = [...example.matchAll(/^#([A-Z0-9_]+)=/gm)].map((match) => match[1]);
    expect(names).toEqual(Object.values(SETTINGS).map((setting) => setting.env));
  });

  test("docs/errors.md lists every code of the catalogue with its status and message and no other", () => {
    const rows = [...read("docs/errors.md").matchAll(/^\| `([A-Z0-9_]+)` \| (\d{3}) \| ([^|]+) \|/gm)].map(([, code, http, message]) => [code, Number(http), message]);
    expect(rows).toEqual(Object.entries(ERROR_TABLE).map(([code, { http, message }]) => [code, http, message]));
  });
});
