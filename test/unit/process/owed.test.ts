import { effect, record, evidence } from "../../../services/process/decision.ts";
import { claimable, claimed, effectBackOff, effectBudget, holds, hurried, owing, owingAhead, postponed, struckOff } from "../../../services/process/owed.ts";
import { EFFECT_NAMES, type OwedEffect, type SigningProcess } from "../../../services/process/signing-process.model.ts";
import { initiated, START } from "../../fixtures/process.ts";

const fresh = (): SigningProcess => owing(initiated().process, [effect("a", "record"), effect("b", "seal")], "A", START);
const get = (process: SigningProcess, key: string): OwedEffect => process.owed.find((one) => one.key === key)!;

test.each(EFFECT_NAMES)("%s is leased for twice its budget, and held until only the budget is left", (name) => {
  const { owed } = owing(initiated().process, [effect("x", name)], "A", START);
  const budget = effectBudget(name);
  expect(owed[0]).toMatchObject({ attempt: 1, owner: "A", leaseUntil: START + 2 * budget, dueAt: START });
  expect([holds(owed[0]!, "A", START + budget), holds(owed[0]!, "A", START + budget + 1), holds(owed[0]!, "B", START)]).toEqual([true, false, false]);
});

test("an invitation whose node died is anybody's within a minute", () => {
  const { owed } = owing(initiated().process, initiated().effects, "A", START);
  expect(Math.max(...owed.map((one) => one.leaseUntil! - START))).toBeLessThanOrEqual(60_000);
});

test.each([
  ["another owner's, while the lease runs", "B", false, 15_999, false],
  ["another owner's, once the lease has run out", "B", false, 16_000, true],
  ["another owner's, where there is only one node", "B", true, 0, true],
  ["one's own, at any time", "A", false, 0, true],
])("%s: claimable by %s (sole: %s) after %i ms: %s", (_, owner, sole, after, expected) => {
  expect(claimable(get(fresh(), "a"), owner, sole, START + after)).toBe(expected);
});

test("what was given back is nobody's until it is due", () => {
  const back = get(postponed(fresh(), { key: "a", attempt: 1 }, "X", START + 1_000), "a");
  expect(back).toMatchObject({ owner: null, leaseUntil: null, dueAt: START + 1_000, lastError: "X" });
  expect([claimable(back, "A", true, START + 999), claimable(back, "B", false, START + 1_000)]).toEqual([false, true]);
});

test("what its owner had leased behind it is given back with it: a node that stops would hold a sealing for two minutes", () => {
  const back = postponed(fresh(), { key: "a", attempt: 1 }, "X", START + 1_000);
  expect(get(back, "b")).toEqual({ ...get(fresh(), "b"), owner: null, leaseUntil: null });
  // It is somebody else's next attempt: what the first owner still did would strike nothing off.
  expect(get(claimed(back, "b", "B", START), "b")).toMatchObject({ attempt: 2, owner: "B" });
});

test("what another has leased, before or behind what failed, stays theirs", () => {
  const mixed = claimed(claimed(owing(initiated().process, [effect("a", "record"), effect("b", "seal"), effect("c", "announce")], "A", START), "b", "B", START), "c", "C", START);
  const back = postponed(mixed, { key: "b", attempt: 2 }, "X", START);
  expect([get(back, "a"), get(back, "c")]).toEqual([get(mixed, "a"), get(mixed, "c")]);
});

test("a claim counts one more, and a strike or a failure that names the older one does nothing", () => {
  const again = claimed(fresh(), "a", "B", START + 20_000);
  expect(get(again, "a")).toMatchObject({ attempt: 2, owner: "B", leaseUntil: START + 36_000 });
  expect(struckOff(again, [{ key: "a", attempt: 1 }])).toBe(again);
  expect(postponed(again, { key: "a", attempt: 1 }, "X", START)).toBe(again);
  expect(struckOff(again, [{ key: "a", attempt: 2 }]).owed.map((one) => one.key)).toEqual(["b"]);
});

test("several strikes go off in one write, and the sweep then looks for what is left", () => {
  const left = struckOff(fresh(), [{ key: "a", attempt: 1 }]);
  expect(left.owedDueAt).toEqual(new Date(START + 120_000));
  expect(struckOff(left, [{ key: "b", attempt: 1 }])).toMatchObject({ owed: [], owedDueAt: null });
});

test("the first effect decides when the sweep looks, since those behind it wait", () => {
  expect(fresh().owedDueAt).toEqual(new Date(START + 16_000));
  expect(postponed(fresh(), { key: "a", attempt: 1 }, "X", START + 3_000).owedDueAt).toEqual(new Date(START + 3_000));
});

test("a key that is owed already is owed once", () => {
  const fact = record(evidence("VERIFICATION_ANOMALY", "K", START, {}));
  const once = owing(initiated().process, [fact], "A", START);
  expect(owing(claimed(once, fact.key, "A", START), [fact], "A", START).owed).toHaveLength(1);
});

test.each([
  ["behind another node's effects", fresh(), "B"],
  ["behind what nobody works on", postponed(fresh(), { key: "a", attempt: 1 }, "X", START), "A"],
])("what is decided %s is leased to nobody, so that whoever gets there goes on", (_, process, owner) => {
  expect(get(owing(process, [effect("c", "announce")], owner, START), "c")).toMatchObject({ attempt: 0, owner: null, leaseUntil: null, dueAt: START });
});

test.each([[1, 1_000], [2, 2_000], [3, 4_000], [6, 32_000], [7, 60_000], [5_000, 60_000]])("after attempt %i the next one waits %i ms", (attempt, wait) => {
  expect(effectBackOff(attempt)).toBe(wait);
});

describe("what an operator wants done now", () => {
  const incident = record(evidence("INCIDENT", "OPERATOR:A1", START, {}));
  const hanging = () => postponed(fresh(), { key: "a", attempt: 1 }, "X", START + 60_000);

  test("is due now where nobody works on it, keeps its count and its last error, and whatever somebody works on stays theirs", () => {
    const now = hurried(hanging(), START + 5);
    expect(get(now, "a")).toMatchObject({ dueAt: START + 5, attempt: 1, lastError: "X", owner: null });
    expect(get(now, "b")).toEqual(get(hanging(), "b"));
    expect(now.owedDueAt).toEqual(new Date(START + 5));
    expect(hurried(fresh(), START + 5).owed).toEqual(fresh().owed);
    expect(get(hurried(now, START + 9), "a").dueAt).toBe(START + 5);
  });

  test("is recorded before what hangs, but behind the agreement, with which a chain begins", () => {
    expect(owingAhead(hanging(), incident, START).owed.map((one) => one.key)).toEqual([incident.key, "a", "b"]);
    const young = owing(initiated().process, initiated().effects, "A", START);
    expect(owingAhead(young, incident, START).owed.map((one) => one.key)).toEqual(["wake:signature", "agree", incident.key, "invite"]);
  });

  test("is recorded once, however often the same operation comes", () => {
    const once = owingAhead(hanging(), incident, START);
    expect(owingAhead(once, incident, START + 1)).toBe(once);
  });
});
