import type { ErrorCode } from "../../contract/errors.ts";
import { inForceAt, lifeKey, scheduledAfter, standingOf, type Lives, type State, type StepName } from "./life.ts";

/** Who planted the texts that came with the program. No key can have this name: names of keys are Latin. */
export const BUILT_IN_BY = "系统内置";

/** A step somebody wants to take. */
export interface Wanted {
  step: Exclude<StepName, "SUBMIT">;
  code: string;
  version: number;
  by: string;
}
export interface Refusal {
  code: ErrorCode;
  message: string;
}

/** From which states a step leads on; a roll-back is the activation of a version that has retired. What was approved and has never served may still be sent back. */
const ALLOWED: Readonly<Record<Wanted["step"], readonly State[]>> = {
  APPROVE: ["DRAFT"],
  REJECT: ["DRAFT", "APPROVED"],
  ACTIVATE: ["APPROVED", "SCHEDULED", "RETIRED"],
  DEACTIVATE: ["SCHEDULED", "ACTIVE"],
};
const VERBS: Readonly<Record<Wanted["step"], string>> = { APPROVE: "审批", REJECT: "退回", ACTIVATE: "启用", DEACTIVATE: "停用" };
export const STATE_LABELS: Readonly<Record<State, string>> = {
  DRAFT: "待审批",
  APPROVED: "已审批，未启用",
  REJECTED: "已退回",
  SCHEDULED: "待生效",
  ACTIVE: "使用中",
  RETIRED: "已停用",
};

/**
 * Whether the step may be taken now; null when it may. Four eyes: whoever submitted a version neither approves nor rejects it
 * (issue 7, point 4). Two codes in one place would be a choice nobody made, so the second is refused here (§4.1.1 step 3).
 * @param at milliseconds
 */
export function judge(lives: Lives, { step, code, version, by }: Wanted, at: number): Refusal | null {
  const life = lives.get(lifeKey(code, version));
  if (!life) return { code: "NOT_FOUND", message: "模板版本不存在" };
  const serving = inForceAt(lives, at);
  const { state } = standingOf(life, serving, at);
  if (!ALLOWED[step].includes(state)) return { code: "TEMPLATE_STATE_INVALID", message: `该版本当前为“${STATE_LABELS[state]}”，不能${VERBS[step]}` };
  if ((step === "APPROVE" || step === "REJECT") && by !== BUILT_IN_BY && by === life.submitted.by) {
    return { code: "ADMIN_FORBIDDEN", message: `不能${VERBS[step]}自己提交的模板，须由另一人${VERBS[step]}` };
  }
  if (step !== "ACTIVATE") return null;
  const rival = rivals(lives, life.submitted.place, code, at)[0];
  return rival ? { code: "TEMPLATE_STATE_INVALID", message: `模板 ${rival} 已用于或将用于相同的业务范围，请先停用 ${rival}` } : null;
}

/** Other codes that serve a place or are to serve it. */
export function rivals(lives: Lives, place: string, code: string, at: number): string[] {
  const claims = [...inForceAt(lives, at).map(({ life }) => life.submitted), ...scheduledAfter(lives, at)];
  const of = (claim: { code: string; version: number }) => lives.get(lifeKey(claim.code, claim.version))!.submitted;
  return [...new Set(claims.filter((claim) => claim.code !== code && of(claim).place === place).map((claim) => claim.code))];
}
