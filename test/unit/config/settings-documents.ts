import { SETTINGS, type Setting } from "../../../config/table.ts";

const rows = Object.values(SETTINGS) as Setting<unknown>[];

const whenAbsent = (row: Setting<unknown>): string => {
  if (row.default !== undefined) return `\`${row.default}\``;
  return row.generated ? "generated in development" : "–";
};
const production = (row: Setting<unknown>): string => (row.generated || row.requiredInProduction ? ["required", ...(row.neededBy ? [`by ${row.neededBy.join(", ")}`] : [])].join(" ") : "");

/** The table of docs/configuration.md, as the settings table has it. */
export const configurationTable = (): string =>
  [
    "| variable | when absent | in production | secret | meaning |",
    "|---|---|---|---|---|",
    ...rows.map((row) => `| \`${row.env}\` | ${whenAbsent(row)} | ${production(row)} | ${row.secret ? "yes" : ""} | ${row.doc.replaceAll("|", "\\|")} |`),
  ].join("\n");

/** The settings of .env.example, each commented out with what holds when it is absent. */
export const exampleSettings = (): string =>
  rows.map((row) => `# ${row.doc}${production(row) ? ` (${production(row).replace("required", "required in production")})` : ""}\n#${row.env}=${row.default ?? ""}`).join("\n\n");
