import type { MerchantType, VerificationType } from "../../contract/vocabulary.ts";

/** Whom a preview is made for. */
export interface Sample {
  name: string;
  label: string;
  signerType: MerchantType;
  /** Absent: as the flow verifies such a signer. */
  verificationType?: VerificationType;
  /** The signer confirms with a code from an SMS. */
  codeRequired: boolean;
}

/** Every circumstance in which an agreement speaks differently (§4.2.2, SIGN_SMS_CODE). */
export const SAMPLES: readonly Sample[] = [
  { name: "ENTERPRISE", label: "企业签署方", signerType: "ENTERPRISE", codeRequired: true },
  { name: "INDIVIDUAL", label: "个人或个体签署方", signerType: "INDIVIDUAL", codeRequired: true },
  { name: "ENTERPRISE_WITHOUT_CODE", label: "企业签署方，不发短信验证码", signerType: "ENTERPRISE", codeRequired: false },
  { name: "INDIVIDUAL_WITHOUT_CODE", label: "个人或个体签署方，不发短信验证码", signerType: "INDIVIDUAL", codeRequired: false },
  { name: "INDIVIDUAL_REMITTANCE", label: "个人或个体签署方，打款验证", signerType: "INDIVIDUAL", verificationType: "REMITTANCE", codeRequired: true },
];
