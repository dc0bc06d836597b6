import type { Query } from "../../mixins/collection-types.ts";
import { createFieldCipher } from "../../mixins/storage/field-cipher.ts";
import type { Bench } from "./collection-suite.ts";
import { ENGINES } from "./engines.ts";
import { cipher, FIRST_KEY, sampleModel, SECOND_KEY, type Sample } from "./sample.ts";

const MOBILE = "13800138000";
const PERSON: Sample = {
  _id: "a",
  number: "1",
  system: "PLAIN_TO_SEE",
  mobile: MOBILE,
  born: new Date("1990-01-01T00:00:00.000Z"),
  contact: { name: "张三", cards: ["6228480012345678901"], none: null },
};

export function describePersonal(bench: Bench): void {
  const samples = (keys = [FIRST_KEY]) => bench.engine.collection<Sample>(sampleModel, createFieldCipher(keys));

  describe("personal fields", () => {
    test("come back whole, whatever JSON they are, and lie encrypted on the disk", async () => {
      const inserted = await samples().insert(PERSON);
      expect(await samples().get("a")).toEqual({ ...PERSON, version: 1 });
      await samples().replaceIfVersion({ ...inserted, status: 2 });
      const openBytes = await ENGINES[bench.engineName].rawBytes(bench.location);
      await bench.reopen();
      for (const bytes of [openBytes, await ENGINES[bench.engineName].rawBytes(bench.location)]) {
        expect(bytes.includes("PLAIN_TO_SEE")).toBe(true);
        for (const secret of [MOBILE, "张三", "6228480012345678901", "1990-01-01"]) expect(bytes.includes(secret)).toBe(false);
      }
      expect(await samples().findOne({ mobile: MOBILE })).toEqual({ ...PERSON, status: 2, version: 2 });
    });

    test.each<[string, Query, string]>([
      ["equality on a blind field", { mobile: MOBILE }, "ac"],
      ["a list on a blind field", { mobile: { $in: [MOBILE, "13900139000"] } }, "abc"],
      ["another value", { mobile: "13700137000" }, ""],
      ["absence of a blind field", { mobile: null }, "d"],
      ["presence of a blind field", { mobile: { $ne: null } }, "abc"],
      ["absence of any personal field", { contact: null, system: null }, "bcd"],
      ["together with another field", { mobile: MOBILE, number: "3" }, "c"],
    ])("%s can be asked", async (_, query, ids) => {
      await samples().insertInOrder([
        PERSON,
        { _id: "b", number: "2", mobile: "13900139000" },
        { _id: "c", number: "3", mobile: MOBILE },
        { _id: "d", number: "4", mobile: null },
      ]);
      expect((await samples().find(query, { sort: ["number"] })).map(({ _id }) => _id).join("")).toBe(ids);
    });

    test.each<[string, unknown, string[]]>([
      ["equality on a field without blind index", { born: PERSON.born }, []],
      ["a range", { mobile: { $gt: "1" } }, []],
      ["an exclusion", { mobile: { $ne: MOBILE } }, []],
      ["a list with an absent value", { mobile: { $in: [MOBILE, null] } }, []],
      ["two comparisons", { mobile: { $in: [MOBILE], $ne: null } }, []],
      ["an undefined value", { mobile: undefined }, []],
      ["a sort", {}, ["mobile"]],
      ["a sort the other way", {}, ["-mobile"]],
    ])("%s is refused without naming the value", async (_, query, sort) => {
      const refusal = await samples().find(query as Query, { sort }).catch((error: Error) => error);
      expect(refusal).toBeInstanceOf(Error);
      expect((refusal as Error).message).toMatch(/^sample: .*is encrypted/);
      expect((refusal as Error).message).not.toContain(MOBILE);
    });

    test("after a rotation old values are read and found, new ones use the new key, and a rewrite moves an old one over", async () => {
      const both = [SECOND_KEY, FIRST_KEY];
      const old = await samples().insert(PERSON);
      await samples(both).insert({ _id: "b", number: "2", mobile: MOBILE });
      expect((await samples(both).find({ mobile: MOBILE }, { sort: ["_id"] })).map(({ mobile }) => mobile)).toEqual([MOBILE, MOBILE]);
      await expect(samples([SECOND_KEY]).get("a")).rejects.toThrow("key k1, which FIELD_ENCRYPTION_KEY does not have");
      const read = await samples(both).get(old._id);
      await samples(both).replaceIfVersion(read!);
      expect(await samples([SECOND_KEY]).get("a")).toEqual({ ...PERSON, version: 2 });
      expect(await samples([SECOND_KEY]).count({ mobile: MOBILE })).toBe(2);
    });

    test("a read and rewrite through one collection moves an old value over too", async () => {
      await samples().insert(PERSON);
      const rotated = samples([SECOND_KEY, FIRST_KEY]);
      await rotated.replaceIfVersion((await rotated.get("a"))!);
      expect(await samples([SECOND_KEY]).get("a")).toEqual({ ...PERSON, version: 2 });
    });

    test("are never stored without a cipher", () => {
      expect(() => bench.engine.collection<Sample>(sampleModel)).toThrow("sample: personal fields need a cipher");
      expect(() => bench.engine.collection<Sample>(sampleModel, cipher)).not.toThrow();
    });
  });
}
