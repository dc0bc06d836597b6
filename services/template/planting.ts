import type { BuiltIn } from "./built-in.ts";
import { BUILT_IN_BY, judge, rivals } from "./judge.ts";
import { inForceAt, lifeKey, type Lives, type StepName } from "./life.ts";
import type { NewStep, Steps } from "./steps.ts";
import { placeOf, type TemplateRow } from "./stored.ts";
import { KINDS, type Versions } from "./versions.ts";

export interface Planter {
  versions: Versions;
  steps: Steps;
  now(): number;
}
/** What became of a built-in text: stored or put into force by this call; in force; or behind another text. */
export type Planted = "PLANTED" | "IN_FORCE" | "BEHIND";

const REASON = "随程序提供的模板";

/** Takes over what an older program stored and plants every built-in text. @returns kind and code of each by what became of it */
export async function plantAll(on: Planter, texts: readonly BuiltIn[]): Promise<Record<Planted, string[]>> {
  await adopt(on);
  const became: Record<Planted, string[]> = { PLANTED: [], IN_FORCE: [], BEHIND: [] };
  // Steps of one kind follow each other, so side by side within a kind would only be lost races.
  await Promise.all(
    KINDS.map(async (kind) => {
      for (const text of texts) if (text.kind === kind) became[await plant(on, text)].push(`${kind} ${text.code}`);
    }),
  );
  return became;
}

/**
 * Gives the texts that a program without steps has stored their beginning: submitted and approved like every built-in text, and in
 * force where that program had them in force and nothing has been decided about the place yet. During a rolling upgrade such a
 * program may still add versions; those wait like any other approved version.
 */
export async function adopt(on: Planter): Promise<void> {
  for (const kind of KINDS) {
    for (const row of await on.versions.ofKind(kind)) {
      if (row.origin !== "BUILT_IN") continue;
      await introduce(on, row);
      if (row.isActive) await on.steps.append(kind, (lives, at) => (decided(lives, placeOf(row)).length ? null : activation(lives, row, at)));
    }
  }
}

/**
 * Makes the built-in text a version, unless it has been one of its code before, and the one in force in its place, unless people
 * have decided about that place. A text that has been in force once is not brought back: during a rolling upgrade, or after a
 * roll-back of the program, a node with older texts must not put them before newer ones. Twice, and by two nodes at once, is once; what
 * a crash left undone the next start does.
 */
export async function plant(on: Planter, text: BuiltIn): Promise<Planted> {
  const { row, stored } = await storedRow(on, text);
  await introduce(on, row);
  await makeWay(on, row);
  const begun = await on.steps.append(row.kind, (lives, at) => (mayBegin(lives, row) ? activation(lives, row, at) : null));
  if (stored || begun) return "PLANTED";
  return inForceAt(await on.steps.lives(row.kind), on.now()).some(({ life }) => life.submitted.code === row.code && life.submitted.version === row.version) ? "IN_FORCE" : "BEHIND";
}

async function storedRow(on: Planter, text: BuiltIn): Promise<{ row: TemplateRow; stored: boolean }> {
  for (;;) {
    const ofCode = await on.versions.ofCode(text.kind, text.code);
    const lives = await on.steps.lives(text.kind);
    const same = ofCode.filter((row) => row.origin === "BUILT_IN" && sameText(row, text));
    // Older programs stored a text again when they came back to it.
    const begun = same.find(({ code, version }) => lives.get(lifeKey(code, version))?.activations.length) ?? same[0];
    if (begun) return { row: begun, stored: false };
    // Not marked as active yet: a node that goes by the mark must never see two of them.
    const row: TemplateRow = { ...text, version: (ofCode[0]?.version ?? 0) + 1, isActive: false, origin: "BUILT_IN", createdAt: new Date(on.now()) };
    if (await on.versions.insert(row)) return { row, stored: true };
  }
}

/** SUBMIT and APPROVE, each unless it is there. */
async function introduce(on: Planter, row: TemplateRow): Promise<void> {
  const lifeOf = (lives: Lives) => lives.get(lifeKey(row.code, row.version));
  await on.steps.append(row.kind, (lives) => (lifeOf(lives) ? null : builtInStep(row, "SUBMIT")));
  await on.steps.append(row.kind, (lives) => (lifeOf(lives)!.approved ? null : builtInStep(row, "APPROVE")));
}

/** Switches off the built-in text of another code that had the place: the program has given the place to this one. */
async function makeWay(on: Planter, row: TemplateRow): Promise<void> {
  for (const code of rivals(await on.steps.lives(row.kind), placeOf(row), row.code, on.now())) {
    await on.steps.append(row.kind, (lives, at) => {
      const held = inForceAt(lives, at).find(({ life }) => life.submitted.place === placeOf(row) && life.submitted.code === code);
      return held && mayBegin(lives, row) ? { ...builtInStep(row, "DEACTIVATE"), code, version: held.life.submitted.version, sha256: held.life.submitted.sha256 } : null;
    });
  }
}

const mayBegin = (lives: Lives, row: TemplateRow): boolean =>
  lives.get(lifeKey(row.code, row.version))!.activations.length === 0 && decided(lives, placeOf(row)).every(({ by }) => by === BUILT_IN_BY);

/** The activations and deactivations of a place, whoever's. */
const decided = (lives: Lives, place: string) =>
  [...lives.values()].filter(({ submitted }) => submitted.place === place).flatMap(({ steps }) => steps.filter(({ step }) => step === "ACTIVATE" || step === "DEACTIVATE"));

const activation = (lives: Lives, row: TemplateRow, at: number): NewStep | null => {
  const step = builtInStep(row, "ACTIVATE");
  return judge(lives, { step: "ACTIVATE", code: row.code, version: row.version, by: step.by }, at) ? null : step;
};

const builtInStep = (row: TemplateRow, step: StepName): NewStep => ({
  kind: row.kind,
  code: row.code,
  version: row.version,
  step,
  by: BUILT_IN_BY,
  reason: REASON,
  operationId: `BUILT_IN:${row.code}.${row.version}`,
  place: placeOf(row),
  sha256: row.sha256,
});

/** Whether the stored version says and serves the same; what changes nothing must not make a version at every start. */
const sameText = (stored: TemplateRow, text: BuiltIn): boolean =>
  (["sha256", "name", "processType", "scene", "signatoryType", "fundPurpose", "accountType", "h5TemplateName"] as const).every((key) => stored[key] === text[key]);
