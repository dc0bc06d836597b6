import { MERCHANT_TYPES, PROCESS_TYPES, VERIFICATION_TYPES, type MerchantType, type ProcessType, type VerificationType } from "./vocabulary.ts";

/** One row of §4.2.2: an absent condition matches everything. */
export interface ModeRule {
  processType?: ProcessType;
  merchantType?: MerchantType;
  mode: VerificationType;
}

/** How a signer is verified (§4.2.2), first match wins. */
export const BUILT_IN_RULES: readonly ModeRule[] = [
  // §4.2.2 例外：归集授权，付方门店即使是个体户也使用打款验证
  { processType: "POOLING_AUTH", mode: "REMITTANCE" },
  // §4.2.2 对公企业：一律使用打款验证
  { merchantType: "ENTERPRISE", mode: "REMITTANCE" },
  // §4.2.2 对私个人/个体户：一律使用人脸验证
  { merchantType: "INDIVIDUAL", mode: "FACE" },
];

/** @returns null when no row matches, which the loader of custom rules rules out */
export function verificationMode(rules: readonly ModeRule[], signer: { processType: ProcessType; merchantType: MerchantType }): VerificationType | null {
  const matches = (rule: ModeRule): boolean =>
    (rule.processType ?? signer.processType) === signer.processType && (rule.merchantType ?? signer.merchantType) === signer.merchantType;
  return rules.find(matches)?.mode ?? null;
}

/** What is wrong with rows; empty for good ones. `row` counts from 1 and is absent for the list as a whole, `open` is a signer whom no row serves. */
export interface RuleProblem {
  row?: number;
  problem: "NO_LIST" | "NO_OBJECT" | "UNKNOWN_MEMBER" | "UNKNOWN_WORD" | "NO_MODE" | "OPEN";
  /** Of the member with an unknown word, and what it may be. */
  member?: string;
  words?: readonly string[];
  open?: { processType: ProcessType; merchantType: MerchantType };
}

/** Rules that leave a signer unverified are refused, as is whatever is not understood. */
export function ruleProblems(rows: unknown): RuleProblem[] {
  if (!Array.isArray(rows)) return [{ problem: "NO_LIST" }];
  const problems = rows.flatMap((row, at) => rowProblems(row).map((problem) => ({ row: at + 1, ...problem })));
  if (problems.length > 0) return problems;
  return PROCESS_TYPES.flatMap((processType) => MERCHANT_TYPES.map((merchantType) => ({ processType, merchantType })))
    .filter((signer) => verificationMode(rows as ModeRule[], signer) === null)
    .map((open) => ({ problem: "OPEN", open }));
}

const WORDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([["processType", PROCESS_TYPES], ["merchantType", MERCHANT_TYPES], ["mode", VERIFICATION_TYPES]]);

function rowProblems(row: unknown): RuleProblem[] {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return [{ problem: "NO_OBJECT" }];
  const problems = Object.entries(row).flatMap(([member, value]): RuleProblem[] => {
    const words = WORDS.get(member);
    if (!words) return [{ problem: "UNKNOWN_MEMBER" }];
    return words.includes(value as string) ? [] : [{ problem: "UNKNOWN_WORD", member, words }];
  });
  return "mode" in row ? problems : [...problems, { problem: "NO_MODE" }];
}
