import type { MerchantType, ProcessType, VerificationType } from "../../contract/vocabulary.ts";

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

/** @returns null when no row matches, which the loader of custom rules rules out at the start */
export function verificationMode(rules: readonly ModeRule[], signer: { processType: ProcessType; merchantType: MerchantType }): VerificationType | null {
  const matches = (rule: ModeRule): boolean =>
    (rule.processType ?? signer.processType) === signer.processType && (rule.merchantType ?? signer.merchantType) === signer.merchantType;
  return rules.find(matches)?.mode ?? null;
}
