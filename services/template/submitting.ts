import { FLOWS } from "../../contract/flows.ts";
import { failure, type FieldError } from "../../contract/errors.ts";
import { nameFault, type Operator } from "../../contract/operator.ts";
import { badField } from "../../contract/paging.ts";
import { ACCOUNT_TYPES, MERCHANT_TYPES, PROCESS_TYPES, SCENES, type MerchantType } from "../../contract/vocabulary.ts";
import { contentHash } from "./built-in.ts";
import { inForceAt, lifeKey } from "./life.ts";
import { lint, lintName } from "./lint.ts";
import type { LintPlace } from "./lint-variables.ts";
import { variableNames } from "./placeholders.ts";
import type { NewStep } from "./steps.ts";
import { ANY, placeOf, signatoryNumber, signerOf, type TemplateRow } from "./stored.ts";
import type { Linted, LintParams, Submission, Submitted, TemplateKind } from "./template.api.ts";
import type { TemplateDesk } from "./desk.ts";
import { KINDS } from "./versions.ts";

/** §3.1: 32 characters for `template_code` and `template_id`, 64 for `fund_purpose`. */
const CODE = /^[A-Z][A-Z0-9_]{0,31}$/;
const PURPOSE_MAX = 64;
/** Characters; the longest built-in agreement has a sixth of it. */
const CONTENT_MAX = 60_000;
/** An author's own word for a first draft. */
const NO_REASON = "提交新版本";

/**
 * Stores an upload as a draft, once it is without flaw: nobody is shown it before another person has approved it and somebody has put
 * it into force. Every upload is a version of its own; an earlier one that a crash left without its submission is taken up.
 * @throws PARAM_INVALID with `content:LINE:COLUMN` for each flaw, or the wrong fields
 */
export async function submit(on: TemplateDesk, params: Submission & { operator: Operator }): Promise<Submitted> {
  const { operator } = params;
  const fault = nameFault(operator?.name);
  if (fault) throw badField("by", fault);
  const text = await checkedText(on, params);
  for (;;) {
    const row = await draftRow(on, text);
    const step: NewStep = {
      kind: row.kind,
      code: row.code,
      version: row.version,
      step: "SUBMIT",
      by: operator.name,
      reason: operator.reason || NO_REASON,
      operationId: operator.id,
      place: placeOf(row),
      sha256: row.sha256,
    };
    // Somebody who sent the same text at the same moment may have taken the version up.
    const stored = await on.steps.append(row.kind, (lives) => (lives.has(lifeKey(row.code, row.version)) ? null : step));
    if (!stored) continue;
    await on.changed();
    return { kind: row.kind, code: row.code, version: row.version, sha256: row.sha256, lint: [] };
  }
}

/**
 * Judges a text without storing anything: by itself, or as a whole submission where a code is given.
 * @throws PARAM_INVALID as `submit`
 */
export async function checked(on: TemplateDesk, params: LintParams): Promise<Linted> {
  if (params.code !== undefined) await checkedText(on, params as Submission);
  else {
    if (!KINDS.includes(params.kind)) throw badField("kind", `取值不正确，可选值：${KINDS.join("、")}`);
    if (typeof params.content !== "string") throw badField("content", "必填，应为文字");
    const errors = contentErrors(params.kind, normalized(params.content), params);
    if (errors.length) throw failure("PARAM_INVALID", { errors });
  }
  return { lint: [], variables: variableNames(normalized(params.content)) };
}

type Text = Omit<TemplateRow, "version" | "isActive" | "origin" | "createdAt">;

async function draftRow(on: TemplateDesk, text: Text): Promise<TemplateRow> {
  for (;;) {
    const [newest] = await on.versions.ofCode(text.kind, text.code);
    const lives = await on.steps.lives(text.kind);
    if (newest && newest.origin === "UPLOAD" && !lives.has(lifeKey(newest.code, newest.version)) && sameUpload(newest, text)) return newest;
    const row: TemplateRow = { ...text, version: (newest?.version ?? 0) + 1, isActive: false, origin: "UPLOAD", createdAt: new Date(on.now()) };
    if (await on.versions.insert(row)) return row;
  }
}

const sameUpload = (row: TemplateRow, text: Text): boolean =>
  row.sha256 === text.sha256 && row.name === text.name && row.h5TemplateName === text.h5TemplateName && placeOf(row) === placeOf(text);

/** The text of a submission with what it leaves out, or every fault of it at once. */
async function checkedText(on: TemplateDesk, params: Submission): Promise<Text> {
  const { kind, code } = params;
  const errors: FieldError[] = [];
  const wants = (holds: boolean, field: string, message: string): boolean => (holds || errors.push({ field, message }), holds);

  const kindKnown = wants(KINDS.includes(kind), "kind", `取值不正确，可选值：${KINDS.join("、")}`);
  const codeGood = wants(typeof code === "string" && CODE.test(code), "code", "模板代码须以大写字母开头，只含大写字母、数字和下划线，最长 32 个字符");
  const base = kindKnown && codeGood ? await baseOf(on, kind, code) : undefined;
  const { processType = base?.processType, scene = base?.scene, fundPurpose = "", accountType = "" } = params;
  const signerType = params.signerType ?? (base && signerOf(base.signatoryType));
  const name = params.name ?? base?.name;
  const h5 = params.h5 ?? base?.h5TemplateName;
  placeErrors(kind, processType, scene, signerType, wants);
  wants(typeof fundPurpose === "string" && isLine(fundPurpose, PURPOSE_MAX, 0), "fundPurpose", `应为至多 ${PURPOSE_MAX} 个字符的一行文字，留空表示不限`);
  wants(accountType === "" || ACCOUNT_TYPES.includes(accountType as never), "accountType", `取值不正确，可选值：${ACCOUNT_TYPES.join("、")}，留空表示不限`);
  if (kind === "SMS" && processType === ANY) {
    // Asked for by its code alone: what it said of its signers would be heeded by nobody.
    wants(signerType === ANY, "signerType", "各场景通用的短信须适用于所有商户类型（ANY）");
    wants(fundPurpose === "", "fundPurpose", "各场景通用的短信不得限定资金用途");
    wants(accountType === "", "accountType", "各场景通用的短信不得限定账户类型");
  }
  const nameFlaw = typeof name === "string" ? lintName(name) : "必填";
  wants(nameFlaw === null, "name", nameFlaw ?? "");
  if (kind === "SMS" && processType !== ANY) {
    const known = typeof h5 === "string" && CODE.test(h5) && (await on.versions.ofCode("H5", h5)).length > 0;
    wants(known, "h5", "必填，须为已有的页面模板（H5）的代码");
  } else wants(!params.h5, "h5", "只有用于具体业务的短信模板才指定页面模板");
  const content = typeof params.content === "string" ? normalized(params.content) : "";
  const sized = wants(content !== "" && content.length <= CONTENT_MAX, "content", `必填，模板内容应为 1 至 ${CONTENT_MAX} 个字符的文字`);
  if (kindKnown && sized) errors.push(...contentErrors(kind, content, { code, ...(typeof processType === "string" && { processType }) }));
  if (errors.length) throw failure("PARAM_INVALID", { errors });
  return {
    kind,
    code,
    scene: scene!,
    processType: processType!,
    signatoryType: signatoryNumber(signerType as MerchantType | typeof ANY),
    fundPurpose,
    accountType,
    name: name!,
    content,
    sha256: contentHash(content),
    h5TemplateName: kind === "SMS" && processType !== ANY ? h5! : "",
  };
}

/** From which a further version of a code has what it leaves out: the one that came into force last, or else the newest. */
async function baseOf(on: TemplateDesk, kind: TemplateKind, code: string): Promise<TemplateRow | undefined> {
  const ofCode = await on.versions.ofCode(kind, code);
  const held = inForceAt(await on.steps.lives(kind), on.now()).filter(({ life }) => life.submitted.code === code);
  const last = held.sort((a, b) => b.activation.n - a.activation.n)[0];
  return ofCode.find(({ version }) => version === last?.life.submitted.version) ?? ofCode[0];
}

/** An existing flow (CONTRACT.md §2.1 "Flow table"), or every flow for the SMS that are no invitation. */
function placeErrors(kind: TemplateKind, processType: unknown, scene: unknown, signerType: unknown, wants: (holds: boolean, field: string, message: string) => boolean): void {
  const forAll = kind !== "PROTOCOL";
  const words = (known: readonly string[]) => (forAll ? [...known, ANY] : known);
  const of = (value: unknown, known: readonly string[], field: string) => wants(known.includes(value as never), field, `取值不正确，可选值：${known.join("、")}`);
  const good = [of(processType, words(PROCESS_TYPES), "processType"), of(scene, words(SCENES), "scene"), of(signerType, [...MERCHANT_TYPES, ANY], "signerType")];
  if (good.includes(false)) return;
  if (!wants((processType === ANY) === (scene === ANY), "scene", "流程类型与场景须同时为 ANY（不限）")) return;
  if (processType === ANY) return;
  const flow = FLOWS.find((one) => one.processType === processType && one.scene === scene);
  if (!wants(flow !== undefined, "scene", "该流程类型没有此场景")) return;
  wants(signerType === ANY || flow![flow!.signer].includes(signerType as MerchantType), "signerType", "该业务的签署方没有此商户类型");
}

/** The flaws of a text as the fields of a refusal (CONTRACT.md §2.5). */
export const contentErrors = (kind: TemplateKind, content: string, place: LintPlace = {}): FieldError[] =>
  lint(kind, content, place).map(({ line, column, message }) => ({ field: `content:${line}:${column}`, message }));

/** As built-in texts are read: an editor's line ends and last line make no difference. */
export const normalized = (content: string): string => content.replaceAll("\r\n", "\n").trimEnd();

const isLine = (text: string, max: number, min: number): boolean =>
  text.trim() === text && Array.from(text).length >= min && Array.from(text).length <= max && text.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(text);
