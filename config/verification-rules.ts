import { readFileSync } from "node:fs";
import { BUILT_IN_RULES, ruleProblems, type ModeRule, type RuleProblem } from "../contract/verification-rules.ts";
import { ConfigProblems } from "./read.ts";

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
  const problems = ruleProblems(rows);
  if (problems.length > 0) throw new ConfigProblems(problems.map((problem) => `VERIFICATION_RULES_FILE: ${lineOf(problem)}`));
  return rows as ModeRule[];
}

function lineOf({ row, problem, member, words, open }: RuleProblem): string {
  const TEXTS: Record<RuleProblem["problem"], string> = {
    NO_LIST: "expected a list of rows",
    NO_OBJECT: "expected an object",
    UNKNOWN_MEMBER: "an unknown member; known are processType, merchantType, mode",
    UNKNOWN_WORD: `${member}: expected one of ${words?.join(", ")}`,
    NO_MODE: "mode: missing",
    OPEN: `no row for ${open?.processType} and ${open?.merchantType}`,
  };
  return row === undefined ? TEXTS[problem] : `row ${row}: ${TEXTS[problem]}`;
}
