import { once } from "node:events";
import type { Model } from "../../mixins/collection-types.ts";
import type { Bench } from "./collection-suite.ts";
import { contender } from "./processes.ts";
import { cipher, sampleModel, type Sample } from "./sample.ts";

export function describeLasting(bench: Bench): void {
  const samples = () => bench.engine.collection<Sample>(sampleModel, cipher);

  describe("what is answered", () => {
    test("is there after a clean close, with its keys", async () => {
      const doc = await samples().insert({ _id: "a", number: "1", at: new Date(0) });
      await bench.reopen();
      expect(await samples().get("a")).toEqual(doc);
      await expect(samples().insert({ _id: "b", number: "1" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
    });

    test("is there after its writer was killed in the middle", async () => {
      const child = await contender(bench.engineName, bench.location, "write");
      const answered: { _id: string; version: number }[] = [];
      const enough = new Promise<void>((resolve) => {
        child.on("message", (told: typeof answered) => {
          answered.push(...told);
          if (answered.length >= 200) resolve();
        });
      });
      child.send("go");
      await enough;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
      await bench.reopen();
      for (const { _id, version } of answered) expect(await samples().get(_id)).toMatchObject({ version, mobile: "13800138000" });
      await expect(samples().insert({ _id: "z", number: "n0-0" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
      await expect(samples().insert({ _id: "z", number: "z" })).resolves.toMatchObject({ version: 1 });
    });

    test("writes under way when the engine closes are stored or refused, never forgotten", async () => {
      const pending = Promise.allSettled(Array.from({ length: 10 }, (_, i) => samples().insert({ _id: `p${i}`, number: `${i}` })));
      await bench.reopen();
      const stored = (await pending).flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value._id] : []));
      expect((await samples().find({}, { sort: ["_id"] })).map(({ _id }) => _id)).toEqual(stored);
    });
  });

  describe("a model that changed", () => {
    const grown: Model = { ...sampleModel, fields: { ...sampleModel.fields, extra: "string" }, indexes: [...sampleModel.indexes, { fields: ["system"], unique: true, sparse: true }] };

    test("adds its indexes and fields to what is stored", async () => {
      await samples().insert({ _id: "a", number: "1", system: "WALLET" });
      await bench.reopen();
      const changed = bench.engine.collection<Sample & { extra?: string }>(grown, cipher);
      await expect(changed.insert({ _id: "b", number: "2", system: "WALLET" })).rejects.toMatchObject({ data: { fields: ["system"] } });
      await changed.insert({ _id: "c", number: "3", extra: "x" });
      expect(await changed.count({ extra: null })).toBe(1);
    });

    // The embedded database has one release at a time. With MongoDB another one may be running: see its own tests.
    if (bench.engineName === "sqlite") {
      test("drops a unique key it no longer has", async () => {
        await bench.engine.collection<Sample>(grown, cipher).insert({ _id: "a", number: "1", system: "WALLET" });
        await bench.reopen();
        await expect(samples().insert({ _id: "b", number: "2", system: "WALLET" })).resolves.toMatchObject({ version: 1 });
      });
    }

    test("is refused when what is stored breaks its new unique key", async () => {
      await samples().insertInOrder([{ _id: "a", number: "1", system: "WALLET" }, { _id: "b", number: "2", system: "WALLET" }]);
      await expect(async () => bench.engine.collection<Sample>(grown, cipher).count({})).rejects.toThrow("sample: the index on system cannot be built over what is stored");
      await expect(samples().count({})).resolves.toBe(2);
    });
  });

  test("ping reads the database", async () => {
    await samples().insert({ _id: "a", number: "1" });
    await expect(Promise.resolve(bench.engine.ping())).resolves.toBeUndefined();
  });
}
