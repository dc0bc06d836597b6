import type { Bench } from "./collection-suite.ts";
import { contender, race } from "./processes.ts";
import { cipher, sampleModel, type Sample } from "./sample.ts";

export function describeVersions(bench: Bench): void {
  const samples = () => bench.engine.collection<Sample>(sampleModel, cipher);

  describe("compare-and-set", () => {
    test("counts versions from 1 and replaces the whole document", async () => {
      const doc = await samples().insert({ _id: "a", number: "1", status: 1, version: 7 });
      expect(doc.version).toBe(1);
      const next = await samples().replaceIfVersion({ _id: "a", number: "1", open: true, version: 1 });
      expect(next).toEqual({ _id: "a", number: "1", open: true, version: 2 });
      expect(await samples().get("a")).toEqual(next);
    });

    test.each<[string, Sample]>([
      ["an older version", { _id: "a", number: "1", version: 1 }],
      ["a version that is not there yet", { _id: "a", number: "1", version: 3 }],
      ["a document that is gone", { _id: "gone", number: "9", version: 1 }],
    ])("%s loses and changes nothing", async (_, stale) => {
      const now = await samples().replaceIfVersion(await samples().insert({ _id: "a", number: "1" }));
      expect(await samples().replaceIfVersion(stale)).toBeNull();
      expect(await samples().removeIfVersion(stale)).toBe(false);
      expect(await samples().find({})).toEqual([now]);
    });

    test("a document that was never read cannot be compared", async () => {
      await expect(samples().replaceIfVersion({ _id: "a", number: "1" })).rejects.toThrow("version is missing");
      await expect(samples().removeIfVersion({ _id: "a", number: "1" })).rejects.toThrow("version is missing");
    });

    test("of a hundred in one tick one wins, and the losers take nothing of the same group with them", async () => {
      const doc = await samples().insert({ _id: "a", number: "1" });
      const other = samples().insert({ _id: "b", number: "2" });
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => samples().replaceIfVersion({ ...doc, status: i })));
      const winners = answers.filter((answer) => answer !== null);
      expect(winners).toHaveLength(1);
      expect(await samples().get("a")).toEqual(winners[0]);
      expect(await samples().get("b")).toEqual(await other);
    });

    test("between processes each document has one winner", async () => {
      await samples().insertInOrder(Array.from({ length: 60 }, (_, i) => ({ _id: `d${i}`, number: `${i}` })));
      const names = ["p", "q", "r"];
      const claims = await race<string[]>(await Promise.all(names.map((name) => contender(bench.engineName, bench.location, "claim", name))));
      expect(claims.flat().sort()).toEqual(Array.from({ length: 60 }, (_, i) => `d${i}`).sort());
      const stored = await samples().find({ version: 2 });
      for (const [i, name] of names.entries()) {
        expect(stored.filter(({ system }) => system === name).map(({ _id }) => _id).sort()).toEqual(claims[i]!.sort());
      }
    });

    test("between processes each unique key has one winner", async () => {
      const won = await race<string[]>(await Promise.all(["p", "q", "r"].map((name) => contender(bench.engineName, bench.location, "number", name))));
      expect(won.flat().map(Number).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
      expect(await samples().count({})).toBe(100);
    });
  });
}
