import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ACCOUNT_TYPES, MERCHANT_TYPES, PROCESS_TYPES, SCENES, type MerchantType } from "../../contract/vocabulary.ts";
import { lint, lintName } from "./lint.ts";
import { ANY, signatoryNumber, type TemplateRow } from "./stored.ts";
import type { TemplateKind } from "./template.api.ts";

/** A template as it lies in `templates/`: not yet a version. */
export type BuiltIn = Pick<
  TemplateRow,
  "kind" | "code" | "scene" | "processType" | "signatoryType" | "fundPurpose" | "accountType" | "name" | "content" | "sha256" | "h5TemplateName"
>;

const FOLDERS: readonly [string, TemplateKind][] = [
  ["protocol", "PROTOCOL"],
  ["sms", "SMS"],
  ["h5", "H5"],
];
/** §3.1: 32 characters for `template_code` and `template_id`. */
const CODE = /^[A-Z][A-Z0-9_]{0,31}$/;
/** §3.1 `fund_purpose`. */
const PURPOSE_MAX = 64;

/** Thrown when built-in templates are not fit to be used; one line per problem, `file:line:column message`. */
export class TemplateProblems extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`built-in templates:\n${problems.join("\n")}`);
    this.problems = problems;
  }
}

/**
 * The folder `templates/` of the program this file belongs to: upwards from here to the first one that has agreements in it.
 * Compiled, this file lies in `dist/services/template`, beside a `dist/templates` that holds code only; the texts are not copied.
 */
export function templatesFolder(from: string = import.meta.dirname): string {
  const folder = join(from, "templates");
  if (existsSync(join(folder, "protocol"))) return folder;
  const above = dirname(from);
  if (above === from) throw new Error("no folder templates/protocol beside or above the program");
  return templatesFolder(above);
}

/**
 * Reads and checks every `templates/<kind>/<code>/{template.json,content.ejs}`.
 * @throws TemplateProblems naming every problem at once
 */
export function readBuiltIns(folder: string): BuiltIn[] {
  const problems: string[] = [];
  const found: BuiltIn[] = [];
  for (const [sub, kind] of FOLDERS) {
    for (const entry of readdirSync(join(folder, sub), { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      const at = `${sub}/${entry.name}`;
      try {
        found.push(readOne(join(folder, sub, entry.name), kind, entry.name));
      } catch (error) {
        problems.push(`${at}: ${(error as Error).message}`);
        continue;
      }
      const flaws = lint(kind, found.at(-1)!.content, found.at(-1)!);
      problems.push(...flaws.map(({ line, column, message }) => `${at}/content.ejs:${line}:${column} ${message}`));
    }
  }
  const pages = new Set(found.filter(({ kind }) => kind === "H5").map(({ code }) => code));
  const places = new Map<string, string>();
  for (const { kind, code, processType, scene, signatoryType, fundPurpose, accountType, h5TemplateName } of found) {
    // What serves every flow is asked for by its code.
    const place = JSON.stringify([kind, processType, scene, signatoryType, fundPurpose, accountType, processType === ANY ? code : ""]);
    if (places.has(place)) problems.push(`${kind} ${code}: serves the same flow as ${places.get(place)}`);
    places.set(place, code);
    if (h5TemplateName && !pages.has(h5TemplateName)) problems.push(`${kind} ${code}: there is no h5 template ${h5TemplateName}`);
  }
  if (problems.length) throw new TemplateProblems(problems);
  return found;
}

function readOne(folder: string, kind: TemplateKind, code: string): BuiltIn {
  const about = JSON.parse(readFileSync(join(folder, "template.json"), "utf8")) as Record<string, unknown>;
  const { name, processType, scene, signerType, fundPurpose = "", accountType = "", h5 } = about;
  const wants = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(what);
  };
  wants(CODE.test(code), "the folder's name must be a code of at most 32 capitals, digits and underscores");
  wants(typeof name === "string" && lintName(name) === null, "name must be text that can be printed, of at most 128 characters");
  wants([...PROCESS_TYPES, ANY].includes(processType as never), "processType is unknown");
  wants([...SCENES, ANY].includes(scene as never), "scene is unknown");
  wants([...MERCHANT_TYPES, ANY].includes(signerType as never), "signerType is unknown");
  wants(typeof fundPurpose === "string" && fundPurpose.length <= PURPOSE_MAX, `fundPurpose must be text of at most ${PURPOSE_MAX} characters`);
  wants([...ACCOUNT_TYPES, ""].includes(accountType as never), "accountType is unknown");
  wants(kind === "SMS" ? typeof h5 === "string" && (h5 !== "" || scene === ANY) : h5 === undefined, "h5 names the page of an SMS template");
  // Line ends as git may have changed them, and the editor's last one, must not make a new version.
  const content = readFileSync(join(folder, "content.ejs"), "utf8").replaceAll("\r\n", "\n").trimEnd();
  return {
    kind,
    code,
    scene: scene as string,
    processType: processType as string,
    signatoryType: signatoryNumber(signerType as MerchantType | typeof ANY),
    fundPurpose: fundPurpose as string,
    accountType: accountType as string,
    name: name as string,
    content,
    sha256: contentHash(content),
    h5TemplateName: (h5 as string | undefined) ?? "",
  };
}

/** Lower-case hex SHA-256 of the content's UTF-8 bytes. */
export const contentHash = (content: string): string => createHash("sha256").update(content, "utf8").digest("hex");
