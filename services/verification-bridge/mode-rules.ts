import { readFileSync } from "node:fs";
import { ConfigProblems } from "../../config/read.ts";
import { MERCHANT_TYPES, PROCESS_TYPES, VERIFICATION_TYPES } from "../../contract/vocabulary.ts";
import { BUILT_IN_RULES, verificationMode, type ModeRule } from "./mode.ts";

/**
 * The rules of VERIFICATION_RULES_FILE, or the built-in ones without a file. Read once at the start.
 * @throws ConfigProblems with one line per problem: rules that leave a signer unverified must not start
 */
export function loadModeRules(file: string | undefined): readonly ModeRule[] {
  if (!file) return BUILT_IN_RULES;
  let rows: unknown;
  try {
    rows = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    throw new ConfigProblems(["VERIFICATION_RULES_FILE: cannot be read as JSON"]);
  }
  if (!Array.isArray(rows)) throw new ConfigProblems(["VERIFICATION_RULES_FILE: expected a list of rows"]);
  const problems = rows.flatMap((row, at) => rowProblems(row).map((problem) => `VERIFICATION_RULES_FILE: row ${at + 1}: ${problem}`));
  if (problems.length > 0) throw new ConfigProblems(problems);
  const rules = rows as ModeRule[];
  const open = PROCESS_TYPES.flatMap((processType) => MERCHANT_TYPES.map((merchantType) => ({ processType, merchantType }))).filter(
    (signer) => verificationMode(rules, signer) === null,
  );
  if (open.length > 0) {
    throw new ConfigProblems(open.map((signer) => `VERIFICATION_RULES_FILE: no row for ${signer.processType} and ${signer.merchantType}`));
  }
  return rules;
}

const WORDS: Readonly<Record<string, readonly string[]>> = { processType: PROCESS_TYPES, merchantType: MERCHANT_TYPES, mode: VERIFICATION_TYPES };

function rowProblems(row: unknown): string[] {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return ["expected an object"];
  const problems = Object.entries(row).flatMap(([name, value]) => {
    const words = WORDS[name];
    if (!words) return ["an unknown member; known are processType, merchantType, mode"];
    return words.includes(value as string) ? [] : [`${name}: expected one of ${words.join(", ")}`];
  });
  return "mode" in row ? problems : [...problems, "mode: missing"];
}
