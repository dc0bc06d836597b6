import type { MerchantType, ProcessType, Scene } from "./vocabulary.ts";

export type Side = "payer" | "payee";

/** One row of the flow table (§4.2.1, §4.2.3; CONTRACT.md §2.1 "Flow table"). */
export interface Flow {
  processType: ProcessType;
  scene: Scene;
  payer: readonly MerchantType[];
  payee: readonly MerchantType[];
  payeeOptional?: true;
  /** Signs, is verified and gets the SMS. */
  signer: Side;
  /** Contract party A; the signer is party B. */
  partyA: Side | "platform";
}

const EITHER: readonly MerchantType[] = ["ENTERPRISE", "INDIVIDUAL"];
const COMPANY: readonly MerchantType[] = ["ENTERPRISE"];

export const FLOWS: readonly Flow[] = [
  { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", payer: COMPANY, payee: EITHER, signer: "payee", partyA: "payer" },
  { processType: "RELATION_BINDING", scene: "MEMBER_SETTLEMENT", payer: COMPANY, payee: EITHER, signer: "payee", partyA: "payer" },
  { processType: "POOLING_AUTH", scene: "POOLING", payer: EITHER, payee: COMPANY, signer: "payer", partyA: "payee" },
  { processType: "OPEN_PAYMENT", scene: "BATCH_PAYMENT", payer: COMPANY, payee: COMPANY, payeeOptional: true, signer: "payer", partyA: "platform" },
  { processType: "OPEN_PAYMENT", scene: "MEMBER_SETTLEMENT", payer: COMPANY, payee: COMPANY, payeeOptional: true, signer: "payer", partyA: "platform" },
];

/** The flow of a pair; undefined when the pair is none of the client's. */
export const flowOf = (processType: ProcessType, scene: Scene): Flow | undefined =>
  FLOWS.find((flow) => flow.processType === processType && flow.scene === scene);
