import { FLOWS } from "../../contract/flows.ts";
import { failure } from "../../contract/errors.ts";
import { badField } from "../../contract/paging.ts";
import { operatorFaults, type Operator } from "../../contract/operator.ts";
import { coverage } from "./coverage.ts";
import type { TemplateDesk } from "./desk.ts";
import { judge, type Wanted } from "./judge.ts";
import { inForceAt } from "./life.ts";
import { lint } from "./lint.ts";
import { shown, rowNamed } from "./listing.ts";
import { ANY, pagePlaceOf, placeOf, signatoryNumber, type TemplateRow } from "./stored.ts";
import type { StepParams, TemplateView } from "./template.api.ts";

/** An activation further ahead is a slip of the pen. */
const FURTHEST_MS = 366 * 24 * 3_600_000;

/**
 * Takes one step in the life of a version, judged against everything that was decided before it: of two people who decide at once the
 * second is judged after the first.
 * @throws NOT_FOUND, TEMPLATE_STATE_INVALID, ADMIN_FORBIDDEN for one's own text; PARAM_INVALID for an ambiguous code or a bad time
 */
export async function take(on: TemplateDesk, step: Wanted["step"], params: StepParams & { operator: Operator }): Promise<TemplateView> {
  const { operator } = params;
  const faults = operatorFaults(operator?.name, operator?.reason);
  if (faults.length) throw failure("PARAM_INVALID", { errors: faults });
  const row = await rowNamed(on, params);
  const from = step === "ACTIVATE" ? beginning(params.from, on.now()) : null;
  if (step === "APPROVE") refuseFlawed(row);
  if (step === "ACTIVATE") await refuseWithoutPage(on, row, from ?? on.now());
  const gapsBefore = step === "DEACTIVATE" ? await gaps(on) : [];
  await on.steps.append(row.kind, (lives, at) => {
    const refusal = judge(lives, { step, code: row.code, version: row.version, by: operator.name }, at);
    if (refusal) throw failure(refusal.code, { message: refusal.message });
    return { kind: row.kind, code: row.code, version: row.version, step, from, by: operator.name, reason: operator.reason, operationId: operator.id, place: placeOf(row), sha256: row.sha256 };
  });
  await on.changed();
  const opened = (await (step === "DEACTIVATE" ? gaps(on) : [])).filter((gap) => !gapsBefore.includes(gap));
  if (opened.length) on.logger.error("flows have lost a template: their initiations fail", { alert: "TEMPLATE_GAP", kind: row.kind, template: row.code, templateVersion: row.version, flows: opened });
  return shown(on, row, await on.steps.lives(row.kind));
}

/** The moment of an activation in milliseconds; null for at once. */
function beginning(from: unknown, now: number): number | null {
  if (from === undefined || from === null || from === "") return null;
  const at = typeof from === "string" && /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/.test(from) ? Date.parse(from) : NaN;
  if (Number.isNaN(at)) throw badField("from", "应为带时区的 ISO 8601 时间，如 2026-12-01T00:00:00+08:00；留空表示立即生效");
  if (at < now) throw badField("from", "生效时间不得早于现在；留空表示立即生效");
  if (at > now + FURTHEST_MS) throw badField("from", "生效时间不得晚于一年之后");
  return at;
}

/** A draft may have been taken in by a program with fewer rules; what has been approved stays a version that one can go back to. */
function refuseFlawed({ kind, content, code, processType }: TemplateRow): void {
  const [first] = lint(kind, content, { code, processType });
  if (first) throw failure("TEMPLATE_STATE_INVALID", { message: `该版本不符合现行检查规则，请修改后重新上传。第 ${first.line} 行第 ${first.column} 列：${first.message}` });
}

/** An invitation whose page is not there, or not for all whom it invites, would stop the flow that it is to serve. */
async function refuseWithoutPage(on: TemplateDesk, row: TemplateRow, from: number): Promise<void> {
  if (row.kind !== "SMS" || row.processType === ANY) return;
  const pages = inForceAt(await on.steps.lives("H5"), from);
  const serving = pages.filter(({ life }) => life.submitted.code === row.h5TemplateName).map(({ life }) => pagePlaceOf(life.submitted.place));
  if (serving.length === 0) throw failure("TEMPLATE_STATE_INVALID", { message: `页面模板 ${row.h5TemplateName} 届时未在使用，请先启用它` });
  const flow = FLOWS.find(({ processType, scene }) => processType === row.processType && scene === row.scene);
  const signers = flow?.[flow.signer].map(signatoryNumber).filter((signer) => [0, signer].includes(row.signatoryType)) ?? [];
  const served = signers.every((signer) =>
    serving.some((page) => [0, signer].includes(page.signatoryType) && ["", row.fundPurpose].includes(page.fundPurpose) && ["", row.accountType].includes(page.accountType)),
  );
  if (!served) throw failure("TEMPLATE_STATE_INVALID", { message: `页面模板 ${row.h5TemplateName} 不适用于该短信的全部签署方和用途，请先补充` });
}

/** The flows that cannot be served, as one word each. */
const gaps = async (on: TemplateDesk): Promise<string[]> =>
  coverage(await on.activeRows.get(on.now()))
    .filter(({ gap }) => gap)
    .map(({ processType, scene, signerType }) => `${processType}/${scene}/${signerType}`)
    .filter((flow, at, all) => all.indexOf(flow) === at);
