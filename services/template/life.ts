import type { TemplateKind } from "./template.api.ts";

export type StepName = "SUBMIT" | "APPROVE" | "REJECT" | "ACTIVATE" | "DEACTIVATE";

/** Something that happened to a version. Steps are only ever added; times are in milliseconds and never run backwards along `n`. */
export interface Step {
  kind: TemplateKind;
  /** Place of the step among all of its kind, from 1 without gaps. */
  n: number;
  code: string;
  version: number;
  step: StepName;
  at: number;
  /** ACTIVATE only: the moment from which the version is to serve; never before `at`. */
  from: number | null;
  by: string;
  reason: string;
  /** The audit entry of the call; for built-in texts the version itself. */
  operationId: string;
  /** What the version serves (`placeOf`); that of its SUBMIT counts. */
  place: string;
  /** The content this step was about. */
  sha256: string;
}

export type State = "DRAFT" | "APPROVED" | "REJECTED" | "SCHEDULED" | "ACTIVE" | "RETIRED";

/** All that has been decided about one version. */
export interface VersionLife {
  submitted: Step;
  approved: Step | null;
  rejected: Step | null;
  /** Activations that took effect or will; one that was taken back or replaced before its moment is not among them. */
  activations: Step[];
  deactivations: Step[];
  steps: Step[];
}
/** The versions of one kind by `lifeKey`. */
export type Lives = ReadonlyMap<string, VersionLife>;

export const lifeKey = (code: string, version: number): string => `${code}.${version}`;

/**
 * What the steps of one kind come to. A later ACTIVATE or DEACTIVATE of a version takes back its activations that had not begun;
 * a step of a version that nobody submitted counts for nothing, nor does an activation without approval.
 * @param steps in the order of `n`
 */
export function livesOf(steps: readonly Step[]): Lives {
  const lives = new Map<string, VersionLife>();
  for (const step of steps) {
    const key = lifeKey(step.code, step.version);
    const life = lives.get(key);
    if (!life) {
      if (step.step === "SUBMIT") lives.set(key, { submitted: step, approved: null, rejected: null, activations: [], deactivations: [], steps: [step] });
      continue;
    }
    life.steps.push(step);
    if (step.step === "APPROVE" && !life.rejected) life.approved ??= step;
    // An approval may be taken back as long as nothing has come of it.
    if (step.step === "REJECT" && life.activations.length === 0) {
      life.rejected ??= step;
      life.approved = null;
    }
    if ((step.step !== "ACTIVATE" && step.step !== "DEACTIVATE") || !life.approved) continue;
    life.activations = life.activations.filter(({ from }) => from! <= step.at);
    (step.step === "ACTIVATE" ? life.activations : life.deactivations).push(step);
  }
  return lives;
}

/** A version that serves, and the activation that made it. */
export interface InForce {
  life: VersionLife;
  activation: Step;
}

/** Where versions follow each other: one code in one place. */
const seatOf = ({ place, code }: Step): string => JSON.stringify([place, code]);

/**
 * The versions in force at `t`: in each place and for each code the activation that began last, unless that version has been
 * deactivated since. One step replaces the one before it, so a place is never empty in between.
 * @param t milliseconds
 */
export function inForceAt(lives: Lives, t: number): InForce[] {
  const seats = new Map<string, { at: number; n: number; life: VersionLife; activation: Step | null }[]>();
  for (const life of lives.values()) {
    const seat = seatOf(life.submitted);
    const turns = seats.get(seat) ?? [];
    seats.set(seat, turns);
    for (const activation of life.activations) if (activation.from! <= t) turns.push({ at: activation.from!, n: activation.n, life, activation });
    for (const { at, n } of life.deactivations) if (at <= t) turns.push({ at, n, life, activation: null });
  }
  return [...seats.values()].flatMap((turns) => {
    let holder: InForce | null = null;
    for (const { life, activation } of turns.sort((a, b) => a.at - b.at || a.n - b.n)) {
      if (activation) holder = { life, activation };
      else if (holder?.life === life) holder = null;
    }
    return holder ? [holder] : [];
  });
}

/** Activations that are still to begin after `t`, the next one first. */
export const scheduledAfter = (lives: Lives, t: number): Step[] =>
  [...lives.values()].flatMap(({ activations }) => activations.filter(({ from }) => from! > t)).sort((a, b) => a.from! - b.from! || a.n - b.n);

/** What a version is at a moment, since when it serves or from when it will, and its life. */
export interface Standing {
  state: State;
  /** Milliseconds; of ACTIVE and SCHEDULED only. */
  activeFrom: number | null;
}

/**
 * The standing of a version among all of its kind.
 * @param serving `inForceAt(lives, t)`
 * @param t milliseconds
 */
export function standingOf(life: VersionLife, serving: readonly InForce[], t: number): Standing {
  const held = serving.find((one) => one.life === life);
  if (held) return { state: "ACTIVE", activeFrom: held.activation.from };
  const begins = life.activations.map(({ from }) => from!).filter((from) => from > t);
  if (begins.length) return { state: "SCHEDULED", activeFrom: Math.min(...begins) };
  if (life.activations.length) return { state: "RETIRED", activeFrom: null };
  return { state: life.approved ? "APPROVED" : life.rejected ? "REJECTED" : "DRAFT", activeFrom: null };
}
