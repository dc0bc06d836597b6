import { failure } from "../../contract/errors.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import { livesOf, type Lives, type Step } from "./life.ts";
import type { TemplateKind } from "./template.api.ts";
import { stepOf, stepRecord, type StepRecord } from "./template-step.model.ts";

/** A step to be added; number and time come with the adding. */
export type NewStep = Omit<Step, "n" | "at" | "from"> & { from?: number | null };
/** Says which step is due after all that happened until `at` (milliseconds), null for none, or throws a refusal. It may be asked several times. */
export type Decide = (lives: Lives, at: number) => NewStep | null;

/** Whoever loses this often against a few people and starting nodes is not racing, something is wrong. */
const ROUNDS = 100;

interface Known {
  steps: readonly Step[];
  lives: Lives;
}
const NOTHING: Known = { steps: [], lives: new Map() };

/** The stored steps. They are never changed and have no gaps, so what was read stays true and only what came since is read. */
export class Steps {
  readonly #records: Collection<StepRecord>;
  readonly #now: () => number;
  readonly #known = new Map<TemplateKind, Known>();

  constructor(records: Collection<StepRecord>, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  /** All versions of a kind with everything that is stored by now. */
  async lives(kind: TemplateKind): Promise<Lives> {
    return (await this.#read(kind)).lives;
  }

  /**
   * Adds the step that `decide` wants once it has seen everything before it. An earlier try of the same operation that went in
   * although its answer was lost is found and not repeated.
   * @returns the stored step; null when `decide` wanted none
   * @throws what `decide` throws; SERVICE_UNAVAILABLE after too many lost races
   */
  async append(kind: TemplateKind, decide: Decide): Promise<Step | null> {
    let tried: NewStep | null = null;
    for (let round = 0; round < ROUNDS; round++) {
      const { steps, lives } = await this.#read(kind);
      const before = tried && steps.find((step) => sameDeed(step, tried!));
      if (before) return before;
      const last = steps.at(-1);
      // Clocks of two nodes may differ a little: the order of the steps is the truth.
      const at = Math.max(this.#now(), last?.at ?? 0);
      tried = decide(lives, at);
      if (!tried) return null;
      const from = tried.step === "ACTIVATE" ? Math.max(tried.from ?? at, at) : null;
      const step: Step = { ...tried, n: (last?.n ?? 0) + 1, at, from };
      try {
        await this.#records.insert(stepRecord(step));
        return step;
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
      }
    }
    throw failure("SERVICE_UNAVAILABLE", { retryAfter: 1 });
  }

  async #read(kind: TemplateKind): Promise<Known> {
    const before = this.#known.get(kind) ?? NOTHING;
    const found = await this.#records.find({ kind, n: { $gt: before.steps.at(-1)?.n ?? 0 } }, { sort: ["n"] });
    // Another reading may have been faster, and have seen more or less.
    const known = this.#known.get(kind) ?? NOTHING;
    const news = found.map(stepOf).filter(({ n }) => n > (known.steps.at(-1)?.n ?? 0));
    if (news.length === 0) return known;
    const steps = [...known.steps, ...news];
    const next = { steps, lives: livesOf(steps) };
    this.#known.set(kind, next);
    return next;
  }
}

const sameDeed = (one: Step, two: NewStep): boolean =>
  one.operationId === two.operationId && one.step === two.step && one.code === two.code && one.version === two.version;
