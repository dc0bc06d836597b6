import { failure } from "../../contract/errors.ts";
import { badField, cursorAt, pageLimit, readCursor, type Page } from "../../contract/paging.ts";
import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import type { TemplateDesk } from "./desk.ts";
import { STATE_LABELS } from "./judge.ts";
import { inForceAt, lifeKey, standingOf, type Lives, type State, type VersionLife } from "./life.ts";
import { variableNames } from "./placeholders.ts";
import { signerOf, type TemplateRow } from "./stored.ts";
import type { ListParams, NamedParams, TemplateDetail, TemplateKind, TemplateView } from "./template.api.ts";
import { KINDS } from "./versions.ts";

const STATES = Object.keys(STATE_LABELS) as State[];

/** A version for people: what it serves, what it is now and who brought it there. */
export async function shown(on: TemplateDesk, row: TemplateRow, lives: Lives): Promise<TemplateView> {
  const life = lives.get(lifeKey(row.code, row.version))!;
  const { state, activeFrom } = standingOf(life, inForceAt(lives, on.now()), on.now());
  return {
    kind: row.kind,
    code: row.code,
    version: row.version,
    name: row.name,
    scene: row.scene,
    processType: row.processType,
    signerType: signerOf(row.signatoryType),
    fundPurpose: row.fundPurpose || null,
    accountType: row.accountType || null,
    h5: row.h5TemplateName || null,
    state,
    active: state === "ACTIVE",
    activeFrom: isoOrNull(activeFrom === null ? null : new Date(activeFrom)),
    sha256: row.sha256,
    createdAt: isoSeconds(new Date(life.submitted.at)),
    author: life.submitted.by,
    approver: life.approved?.by ?? null,
    origin: row.origin,
  };
}

/** One version with its text and everything that was decided about it, in order. @throws NOT_FOUND, PARAM_INVALID */
export async function get(on: TemplateDesk, params: NamedParams): Promise<TemplateDetail> {
  const row = await rowNamed(on, params);
  const lives = await on.steps.lives(row.kind);
  const { steps } = lives.get(lifeKey(row.code, row.version))!;
  return {
    ...(await shown(on, row, lives)),
    content: row.content,
    steps: steps.map(({ at, step, by, reason, from }) => ({ at: isoSeconds(new Date(at)), step, by, reason, from: from === null ? null : isoSeconds(new Date(from)) })),
    variables: variableNames(row.content),
  };
}

/**
 * The versions, the newest first.
 * @throws PARAM_INVALID for an unknown kind or state, a bad cursor or limit
 */
export async function list(on: TemplateDesk, params: ListParams): Promise<Page<TemplateView>> {
  const limit = pageLimit(params.limit);
  const { kind, code, state } = params;
  if (kind !== undefined) checkedKind(kind);
  if (state !== undefined && !STATES.includes(state)) throw badField("state", `取值不正确，可选值：${STATES.join("、")}`);
  const from = readCursor(params.after, /^\d{1,14}$/, /^(PROTOCOL|SMS|H5)$/, /^\d{1,9}$/);
  const now = on.now();
  const found: { life: VersionLife; lives: Lives }[] = [];
  for (const one of kind ? [kind] : KINDS) {
    const lives = await on.steps.lives(one);
    const serving = inForceAt(lives, now);
    for (const life of lives.values()) {
      if (code !== undefined && life.submitted.code !== code) continue;
      if (state !== undefined && standingOf(life, serving, now).state !== state) continue;
      if (!from || newerFirst({ at: Number(from[0]), kind: from[1]!, n: Number(from[2]) }, life.submitted) < 0) found.push({ life, lives });
    }
  }
  found.sort((a, b) => newerFirst(a.life.submitted, b.life.submitted));
  const page = found.slice(0, limit);
  const items = await Promise.all(page.map(async ({ life, lives }) => shown(on, await textOf(on, life), lives)));
  const last = page.at(-1)?.life.submitted;
  return { items, next: found.length > limit ? cursorAt(last!.at, last!.kind, last!.n) : null };
}

type Position = Pick<VersionLife["submitted"], "at" | "n"> & { kind: string };
const newerFirst = (a: Position, b: Position): number => b.at - a.at || (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : b.n - a.n);

/**
 * The submitted version of that code and number. The kind has to be said only where several kinds have it.
 * @throws NOT_FOUND; PARAM_INVALID naming `kind`
 */
export async function rowNamed(on: TemplateDesk, { kind, code, version }: NamedParams): Promise<TemplateRow> {
  if (kind !== undefined) checkedKind(kind);
  if (typeof code !== "string" || !Number.isSafeInteger(version)) throw failure("NOT_FOUND", { message: "模板版本不存在" });
  const lives = await Promise.all((kind ? [kind] : KINDS).map((one) => on.steps.lives(one)));
  const found = lives.flatMap((one) => one.get(lifeKey(code, version)) ?? []);
  if (found.length === 0) throw failure("NOT_FOUND", { message: "模板版本不存在" });
  if (found.length > 1) throw badField("kind", `多类模板都有此代码，请指明：${found.map(({ submitted }) => submitted.kind).join("、")}`);
  return textOf(on, found[0]!);
}

function checkedKind(kind: unknown): asserts kind is TemplateKind {
  if (!KINDS.includes(kind as TemplateKind)) throw badField("kind", `取值不正确，可选值：${KINDS.join("、")}`);
}

/** The stored text of a submitted version. @throws INTERNAL_ERROR with an alert when it is not what was submitted */
export async function textOf(on: TemplateDesk, { submitted }: VersionLife): Promise<TemplateRow> {
  const { kind, code, version, sha256 } = submitted;
  const row = await on.versions.get({ kind, code, version });
  if (row?.sha256 === sha256) return row;
  on.logger.error("a stored template is not what was submitted", { alert: "TEMPLATE_BROKEN", kind, template: code, templateVersion: version });
  throw failure("INTERNAL_ERROR");
}
