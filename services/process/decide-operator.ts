import { operatorKey, type Operator } from "../../contract/operator.ts";
import type { EvidenceItem } from "../evidence/evidence.api.ts";
import type { CommandOf } from "./commands.ts";
import { ended, evidence, record, type Decision } from "./decision.ts";
import { hurried, owingAhead } from "./owed.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** What the wallet and its customers are told: it was not they who took the request back. */
const CANCELLED_BY_OPERATOR = "平台运营人员已取消签约";

/**
 * An operator wants what is owed done now. The fact goes before whatever hangs, so that it is in the chain even when that goes on
 * hanging; changes no state, and not even `updatedAt`, which the wallet sees.
 */
export function retry(process: SigningProcess, { operator, at }: CommandOf<"retry">): Decision {
  const item = incident(operator, at, "RETRY", { owed: process.owed.map(({ name, attempt, lastError }) => ({ name, attempt, lastError })) });
  return { process: owingAhead(hurried(process, at), record(item), at), effects: [] };
}

/** The wallet's cancel (CONTRACT.md §2), by an operator and under the operator's name. */
export function cancelByOperator(process: SigningProcess, operator: Operator, at: number): Decision {
  const decision = ended(process, "FAILED", "CANCELLED", at, "cancel", { failureReason: CANCELLED_BY_OPERATOR });
  return { ...decision, effects: [record(incident(operator, at, "CANCEL")), ...decision.effects] };
}

function incident(operator: Operator, at: number, action: string, more: Record<string, unknown> = {}): EvidenceItem {
  const { name, reason, via } = operator;
  return evidence("INCIDENT", operatorKey(operator), at, { by: "OPERATOR", action, name, reason, via, ...more });
}
