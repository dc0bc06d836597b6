import { isUniqueViolation } from "../../mixins/storage/unique-violation.ts";
import type { Doc } from "../../mixins/collection-types.ts";
import type { Bench } from "./collection-suite.ts";
import { cipher, pairModel, sampleModel, type Sample } from "./sample.ts";

export function describeKeys(bench: Bench): void {
  const samples = () => bench.engine.collection<Sample>(sampleModel, cipher);
  const first: Sample = { _id: "a", number: "1", alias: "one" };

  describe("unique keys", () => {
    test.each<[string, Sample, string[]]>([
      ["the same _id", { _id: "a", number: "2" }, ["_id"]],
      ["the same unique field", { _id: "b", number: "1" }, ["number"]],
      ["the same optional unique field", { _id: "b", number: "2", alias: "one" }, ["alias"]],
    ])("%s is refused, and the refusal names the key", async (_, doc, fields) => {
      await samples().insert(first);
      const refusal = await samples().insert(doc).catch((error: unknown) => error);
      expect(isUniqueViolation(refusal)).toBe(true);
      expect(refusal).toMatchObject({ data: { collection: "sample", fields, inserted: 0 } });
      expect(await samples().find({})).toEqual([{ ...first, version: 1 }]);
    });

    test("an absent or null optional unique field clashes with nothing", async () => {
      await samples().insertInOrder([{ _id: "a", number: "1" }, { _id: "b", number: "2", alias: null }, { _id: "c", number: "3", alias: null }]);
      expect(await samples().count({ alias: null })).toBe(3);
    });

    test("a compound key is refused only as a whole", async () => {
      const pairs = bench.engine.collection<Doc & { left: string; right: string }>(pairModel);
      await pairs.insertInOrder([{ _id: "a", left: "x", right: "y" }, { _id: "b", left: "x", right: "z" }, { _id: "c", left: "xy", right: "" }]);
      await expect(pairs.insert({ _id: "d", left: "x", right: "y" })).rejects.toMatchObject({ data: { fields: ["left", "right"] } });
    });

    test("a document without its unique key is refused as incomplete", async () => {
      await expect(samples().insert({ _id: "a" } as Sample)).rejects.toThrow("sample: number belongs to a unique key and is missing");
      await expect(samples().insert({ _id: "a", number: null } as unknown as Sample)).rejects.toThrow("number belongs to a unique key");
    });

    test("a replacement that takes another's key is refused and changes nothing", async () => {
      const doc = await samples().insert(first);
      await samples().insert({ _id: "b", number: "2" });
      await expect(samples().replaceIfVersion({ ...doc, number: "2" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
      expect(await samples().get("a")).toEqual(doc);
    });

    test("a key given up is free again", async () => {
      const doc = await samples().insert(first);
      expect(await samples().removeIfVersion(doc)).toBe(true);
      await expect(samples().insert({ ...first, _id: "b" })).resolves.toMatchObject({ _id: "b", version: 1 });
    });

    test("of many inserts of one key in the same tick one goes in, and what else is under way is stored", async () => {
      const others = Array.from({ length: 20 }, (_, i) => samples().insert({ _id: `o${i}`, number: `o${i}` }));
      const rivals = await Promise.allSettled(Array.from({ length: 50 }, (_, i) => samples().insert({ _id: `r${i}`, number: "1" })));
      await expect(Promise.all(others)).resolves.toHaveLength(20);
      expect(rivals.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      expect(rivals.every((outcome) => outcome.status === "fulfilled" || isUniqueViolation(outcome.reason))).toBe(true);
      expect(await samples().count({})).toBe(21);
    });
  });

  describe("insertInOrder", () => {
    test.each<[number, string[]]>([
      [0, []],
      [1, ["n0"]],
      [3, ["n0", "n1", "n2"]],
    ])("stops at a refusal after %i and keeps exactly those", async (inserted, kept) => {
      await samples().insert({ _id: "taken", number: "taken" });
      const docs = Array.from({ length: 5 }, (_, i): Sample => ({ _id: `n${i}`, number: i === inserted ? "taken" : `n${i}` }));
      await expect(samples().insertInOrder(docs)).rejects.toMatchObject({ type: "UNIQUE_VIOLATION", data: { inserted } });
      expect((await samples().find({ number: { $ne: "taken" } }, { sort: ["number"] })).map(({ _id }) => _id)).toEqual(kept);
    });

    test("answers with the stored documents in their order", async () => {
      const stored = await samples().insertInOrder([{ _id: "b", number: "2" }, { _id: "a", number: "1" }]);
      expect(stored).toEqual([{ _id: "b", number: "2", version: 1 }, { _id: "a", number: "1", version: 1 }]);
      await expect(samples().insertInOrder([])).resolves.toEqual([]);
    });
  });
}
