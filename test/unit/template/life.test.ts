import fc from "fast-check";
import { BUILT_IN_BY, judge, type Wanted } from "../../../services/template/judge.ts";
import { inForceAt, lifeKey, livesOf, scheduledAfter, standingOf, type State, type Step, type StepName } from "../../../services/template/life.ts";

/** `at ANN SUBMIT A.1 [place]`, `at BOB ACTIVATE A.1 [from]`: a story of one kind, a row a step. */
type Row = [at: number, by: string, step: StepName, version: string, placeOrFrom?: string | number];
const PLACE = "P";

function story(...rows: Row[]): Step[] {
  return rows.map(([at, by, step, version, last], index) => {
    const [code, number] = version.split(".") as [string, string];
    const from = step === "ACTIVATE" ? (typeof last === "number" ? last : at) : null;
    return { kind: "PROTOCOL", n: index + 1, code, version: Number(number), step, at, from, by, reason: "理由", operationId: `OP${index}`, place: typeof last === "string" ? last : PLACE, sha256: version };
  });
}
const ready = (version: string, at: number, place = PLACE): Row[] => [
  [at, "ann", "SUBMIT", version, place],
  [at, "bob", "APPROVE", version],
];
const serving = (steps: Step[], t: number): string[] => inForceAt(livesOf(steps), t).map(({ life: { submitted } }) => lifeKey(submitted.code, submitted.version)).sort();
const stateOf = (steps: Step[], version: string, t: number): State => {
  const lives = livesOf(steps);
  return standingOf(lives.get(version)!, inForceAt(lives, t), t).state;
};

describe("what is in force", () => {
  test.each<[string, Row[], Record<number, string[]>]>([
    ["is nothing before somebody activates it, approved or not", ready("A.1", 1), { 0: [], 1: [], 9: [] }],
    ["is what was activated, from its moment on", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1", 5]], { 4: [], 5: ["A.1"], 9: ["A.1"] }],
    ["is replaced by a later version of its code in one step", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3), [4, "bob", "ACTIVATE", "A.2"]], { 3: ["A.1"], 4: ["A.2"] }],
    ["is replaced at the set moment and not before", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3), [4, "bob", "ACTIVATE", "A.2", 8]], { 7: ["A.1"], 8: ["A.2"] }],
    [
      "is an older version again after its activation",
      [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3), [4, "bob", "ACTIVATE", "A.2"], [6, "bob", "ACTIVATE", "A.1"]],
      { 5: ["A.2"], 6: ["A.1"], 9: ["A.1"] },
    ],
    ["is nothing after a deactivation, not the version before", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3), [4, "bob", "ACTIVATE", "A.2"], [6, "bob", "DEACTIVATE", "A.2"]], { 5: ["A.2"], 6: [] }],
    ["goes on when what was scheduled to follow it is taken back", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3), [4, "bob", "ACTIVATE", "A.2", 8], [5, "bob", "DEACTIVATE", "A.2"]], { 5: ["A.1"], 9: ["A.1"] }],
    ["follows the last word where a version was scheduled twice", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1", 9], [3, "bob", "ACTIVATE", "A.1", 5]], { 4: [], 5: ["A.1"], 9: ["A.1"] }],
    ["is of two activations for the same moment the one that was decided last", [...ready("A.1", 1), ...ready("A.2", 1), [2, "bob", "ACTIVATE", "A.1", 5], [3, "bob", "ACTIVATE", "A.2", 5]], { 5: ["A.2"] }],
    ["yields to a scheduled version although it was activated in between", [...ready("A.1", 1), ...ready("A.2", 1), [2, "bob", "ACTIVATE", "A.2", 8], [3, "bob", "ACTIVATE", "A.1"]], { 3: ["A.1"], 8: ["A.2"] }],
    ["is one version in each place", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], ...ready("A.2", 3, "Q"), [4, "bob", "ACTIVATE", "A.2"]], { 4: ["A.1", "A.2"] }],
    ["is no version that was not approved, whatever the store says", [[1, "ann", "SUBMIT", "A.1"], [2, "bob", "ACTIVATE", "A.1"]], { 3: [] }],
    ["is no version that nobody submitted", [[2, "bob", "ACTIVATE", "A.1"]], { 3: [] }],
  ])("%s", (_what, rows, expected) => {
    const steps = story(...rows);
    expect(Object.fromEntries(Object.keys(expected).map((t) => [t, serving(steps, Number(t))]))).toEqual(expected);
  });
});

test.each<[State, Row[]]>([
  ["DRAFT", [[1, "ann", "SUBMIT", "A.1"]]],
  ["APPROVED", ready("A.1", 1)],
  ["REJECTED", [[1, "ann", "SUBMIT", "A.1"], [2, "bob", "REJECT", "A.1"]]],
  ["REJECTED", [[1, "ann", "SUBMIT", "A.1"], [2, "bob", "APPROVE", "A.1"], [3, "eve", "REJECT", "A.1"], [4, "bob", "APPROVE", "A.1"], [5, "bob", "ACTIVATE", "A.1", 5]]],
  ["SCHEDULED", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1", 50]]],
  ["ACTIVE", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"]]],
  ["RETIRED", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], [3, "bob", "DEACTIVATE", "A.1"]]],
  ["RETIRED", [...ready("A.1", 1), ...ready("A.2", 1), [2, "bob", "ACTIVATE", "A.1"], [3, "bob", "ACTIVATE", "A.2"]]],
  ["APPROVED", [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1", 50], [3, "bob", "DEACTIVATE", "A.1"]]],
])("a version is %s after its steps", (state, rows) => {
  expect(stateOf(story(...rows), "A.1", 10)).toBe(state);
});

describe("a step", () => {
  const STORIES: Record<State, Row[]> = {
    DRAFT: [[1, "ann", "SUBMIT", "A.1"]],
    APPROVED: ready("A.1", 1),
    REJECTED: [[1, "ann", "SUBMIT", "A.1"], [2, "bob", "REJECT", "A.1"]],
    SCHEDULED: [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1", 50]],
    ACTIVE: [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"]],
    RETIRED: [...ready("A.1", 1), [2, "bob", "ACTIVATE", "A.1"], [3, "bob", "DEACTIVATE", "A.1"]],
  };
  const MAY: Record<Wanted["step"], State[]> = { APPROVE: ["DRAFT"], REJECT: ["DRAFT", "APPROVED"], ACTIVATE: ["APPROVED", "SCHEDULED", "RETIRED"], DEACTIVATE: ["SCHEDULED", "ACTIVE"] };
  const product = (Object.keys(STORIES) as State[]).flatMap((state) => (Object.keys(MAY) as Wanted["step"][]).map((step) => [step, state, MAY[step].includes(state)] as const));

  test.each(product)("%s of a version that is %s: may be taken %s", (step, state, allowed) => {
    const refusal = judge(livesOf(story(...STORIES[state])), { step, code: "A", version: 1, by: "cid" }, 10);
    expect(refusal?.code ?? null).toBe(allowed ? null : "TEMPLATE_STATE_INVALID");
  });

  test.each<[Wanted["step"], string, string | null]>([
    ["APPROVE", "ann", "ADMIN_FORBIDDEN"],
    ["REJECT", "ann", "ADMIN_FORBIDDEN"],
    ["APPROVE", "bob", null],
    ["REJECT", "bob", null],
  ])("%s by %s of what ann has submitted is answered with %s", (step, by, code) => {
    expect(judge(livesOf(story(...STORIES.DRAFT)), { step, code: "A", version: 1, by }, 10)?.code ?? null).toBe(code);
  });

  test("of the program on its own texts needs no second person", () => {
    expect(judge(livesOf(story([1, BUILT_IN_BY, "SUBMIT", "A.1"])), { step: "APPROVE", code: "A", version: 1, by: BUILT_IN_BY }, 10)).toBeNull();
  });

  test("of a version that there is not is NOT_FOUND", () => {
    expect(judge(livesOf([]), { step: "APPROVE", code: "A", version: 1, by: "bob" }, 10)?.code).toBe("NOT_FOUND");
  });

  test.each<[string, Row[], boolean]>([
    ["serves", [[2, "bob", "ACTIVATE", "B.1"]], true],
    ["is scheduled to serve", [[2, "bob", "ACTIVATE", "B.1", 50]], true],
    ["has served", [[2, "bob", "ACTIVATE", "B.1"], [3, "bob", "DEACTIVATE", "B.1"]], false],
    ["is only approved", [], false],
  ])("that activates a second code in a place where another %s is refused: %#", (_what, rows, refused) => {
    const steps = story(...ready("A.1", 1), ...ready("B.1", 1), ...rows);
    expect(judge(livesOf(steps), { step: "ACTIVATE", code: "A", version: 1, by: "bob" }, 10)?.message ?? null).toBe(refused ? "模板 B 已用于或将用于相同的业务范围，请先停用 B" : null);
  });

  test("that activates another code in another place goes through", () => {
    const steps = story(...ready("A.1", 1), ...ready("B.1", 1, "Q"), [2, "bob", "ACTIVATE", "B.1"]);
    expect(judge(livesOf(steps), { step: "ACTIVATE", code: "A", version: 1, by: "bob" }, 10)).toBeNull();
  });
});

describe("whatever people try, in whatever order", () => {
  const PEOPLE = ["ann", "bob", "cid"];
  const VERSIONS = ["A.1", "A.2", "B.1"];
  const attempt = fc.record({
    by: fc.constantFrom(...PEOPLE),
    step: fc.constantFrom<StepName>("SUBMIT", "APPROVE", "REJECT", "ACTIVATE", "DEACTIVATE"),
    version: fc.constantFrom(...VERSIONS),
    wait: fc.nat(3),
    ahead: fc.constantFrom(0, 0, 2, 7),
  });
  type Attempt = typeof attempt extends fc.Arbitrary<infer T> ? T : never;

  /** Only what the judge lets through is stored. */
  function played(attempts: Attempt[]): Step[] {
    let at = 0;
    const steps: Step[] = [];
    for (const { by, step, version, wait, ahead } of attempts) {
      at += wait;
      const [code, number] = version.split(".") as [string, string];
      const lives = livesOf(steps);
      const good = step === "SUBMIT" ? !lives.has(version) : judge(lives, { step, code, version: Number(number), by }, at) === null;
      if (good) steps.push({ ...story([at, by, step, version, step === "ACTIVATE" ? at + ahead : undefined])[0]!, n: steps.length + 1 });
    }
    return steps;
  }
  const moments = (steps: Step[]): number[] => [...new Set(steps.flatMap(({ at, from }) => [at, at + 1, from ?? at]))];

  test("a place has at most one version at any moment, and it was approved by somebody who did not write it", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), (attempts) => {
        const steps = played(attempts);
        for (const t of moments(steps)) {
          const held = inForceAt(livesOf(steps), t);
          expect(held.length).toBeLessThanOrEqual(1);
          for (const { life } of held) expect(life.approved!.by).not.toBe(life.submitted.by);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("nothing that is decided later changes what was in force before", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 30 }), (attempts) => {
        const steps = played(attempts);
        for (let count = 1; count < steps.length; count++) {
          const next = steps[count]!.at;
          // What happened in the same millisecond is ordered by its number, not by the time.
          for (const t of moments(steps).filter((moment) => moment < next)) expect(serving(steps, t)).toEqual(serving(steps.slice(0, count), t));
        }
      }),
      { numRuns: 300 },
    );
  });

  test("a place that was served is empty only after a deactivation", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 40 }), (attempts) => {
        const steps = played(attempts.filter(({ step }) => step !== "DEACTIVATE"));
        const begun = Math.min(...steps.filter(({ step }) => step === "ACTIVATE").map(({ from }) => from!));
        // A schedule that was moved ahead has not begun.
        const first = moments(steps).sort((a, b) => a - b).find((t) => serving(steps, t).length === 1) ?? Infinity;
        expect(first).toBeGreaterThanOrEqual(begun);
        for (const t of moments(steps)) if (t >= first) expect(serving(steps, t)).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  test("between two steps and two scheduled moments nothing changes by itself", () => {
    fc.assert(
      fc.property(fc.array(attempt, { maxLength: 30 }), fc.nat(60), (attempts, t) => {
        const steps = played(attempts);
        const next = scheduledAfter(livesOf(steps), t)[0]?.from ?? Infinity;
        const later = Math.min(next - 1, t + 50);
        const last = steps.at(-1)?.at ?? 0;
        if (t >= last && later >= t) expect(serving(steps, later)).toEqual(serving(steps, t));
      }),
      { numRuns: 300 },
    );
  });
});
