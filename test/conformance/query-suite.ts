import type { FindOptions, Query } from "../../mixins/collection-types.ts";
import type { Bench } from "./collection-suite.ts";
import { cipher, sampleModel, type Sample } from "./sample.ts";

const day = (n: number) => new Date(Date.UTC(2026, 0, n, 1, 2, 3, 4));
const DOCS: Sample[] = [
  { _id: "a", number: "1", system: "WALLET", status: 1, open: true, at: day(3), dueAt: day(9), body: { deep: [1, null, "中"] } },
  { _id: "b", number: "2", system: "WALLET", status: 2, open: false, at: day(1), dueAt: null },
  { _id: "c", number: "3", system: "OTHER", status: 2, at: day(2), dueAt: day(8) },
  { _id: "d", number: "4", status: 10, open: true, alias: "it's \"$.x\" -- 签" },
];

export function describeQueries(bench: Bench): void {
  const samples = () => bench.engine.collection<Sample>(sampleModel, cipher);
  const idsOf = (found: Sample[]) => found.map(({ _id }) => _id).join("");

  describe("queries", () => {
    beforeEach(() => samples().insertInOrder(DOCS));

    test.each<[Query, string]>([
      [{}, "abcd"],
      [{ _id: "c" }, "c"],
      [{ system: "WALLET" }, "ab"],
      [{ system: "WALLET", status: 2 }, "b"],
      [{ system: "wallet" }, ""],
      [{ system: null }, "d"],
      [{ system: { $ne: null } }, "abc"],
      [{ system: { $ne: "WALLET" } }, "cd"],
      [{ system: { $in: ["OTHER", null] } }, "cd"],
      [{ system: { $in: [] } }, ""],
      [{ _id: { $in: ["d", "a", "x"] } }, "ad"],
      [{ status: { $gt: 1, $lt: 10 } }, "bc"],
      [{ status: { $gte: 2 } }, "bcd"],
      [{ status: { $lte: 2 } }, "abc"],
      [{ open: true }, "ad"],
      [{ open: false }, "b"],
      [{ open: null }, "c"],
      [{ open: { $ne: true } }, "bc"],
      [{ at: day(2) }, "c"],
      [{ at: { $lte: day(2) } }, "bc"],
      [{ at: { $gt: new Date(day(2).getTime() - 1), $lt: day(3) } }, "c"],
      [{ dueAt: { $lte: day(9) } }, "ac"],
      [{ dueAt: null }, "bd"],
      [{ body: null }, "bcd"],
      [{ body: { $ne: null } }, "a"],
      [{ alias: "it's \"$.x\" -- 签" }, "d"],
      [{ version: 1, status: 10 }, "d"],
    ])("%j finds %j", async (query, ids) => {
      expect(idsOf(await samples().find(query, { sort: ["number"] }))).toBe(ids);
      expect(await samples().count(query)).toBe(ids.length);
    });

    test.each<[FindOptions, string]>([
      [{ sort: ["-number"] }, "dcba"],
      [{ sort: ["at"], limit: 3 }, "dbc"],
      [{ sort: ["-at"] }, "acbd"],
      [{ sort: ["status", "-number"] }, "acbd"],
      [{ sort: ["-status", "number"], limit: 2 }, "db"],
      [{ sort: ["_id"], limit: 100 }, "abcd"],
    ])("%j gives %j, absent first when ascending", async (options, ids) => {
      expect(idsOf(await samples().find({}, options))).toBe(ids);
    });

    test("a sparse due time brings what is due, most overdue first", async () => {
      expect(idsOf(await samples().find({ dueAt: { $lte: day(10) } }, { sort: ["dueAt"], limit: 1 }))).toBe("c");
    });

    test("findOne gives the first or null", async () => {
      expect((await samples().findOne({ status: 2 }, { sort: ["-number"] }))?._id).toBe("c");
      expect(await samples().findOne({ status: 3 })).toBeNull();
      expect(await samples().get("x")).toBeNull();
    });

    test.each<[string, unknown, unknown]>([
      ["an unknown field", { statuss: 1 }, {}],
      ["a field of Object.prototype", { constructor: "x" }, {}],
      ["a nested field", { "body.deep": 1 }, {}],
      ["an unknown operator", { status: { $regex: "." } }, {}],
      ["a logical operator", { $or: [{ status: 1 }] }, {}],
      ["an empty comparison", { status: {} }, {}],
      ["an undefined value", { status: undefined }, {}],
      ["a value of another type", { status: "1" }, {}],
      ["a date as text", { at: day(1).toISOString() }, {}],
      ["an invalid date", { at: new Date(Number.NaN) }, {}],
      ["an order relation to null", { status: { $lt: null } }, {}],
      ["a list that is none", { status: { $in: 1 } }, {}],
      ["a list with another type", { status: { $in: [1, "2"] } }, {}],
      ["json by value", { body: { $in: [{}] } }, {}],
      ["an array", { status: [1] }, {}],
      ["SQL in a field's name", { "status') OR 1=1 --": 1 }, {}],
      ["a sort by an unknown field", {}, { sort: ["nothing"] }],
      ["a sort by json", {}, { sort: ["body"] }],
      ["a limit of 0", {}, { limit: 0 }],
      ["a limit that is not whole", {}, { limit: 1.5 }],
    ])("%s is refused", async (_, query, options) => {
      await expect(samples().find(query as Query, options as FindOptions)).rejects.toThrow(/^sample: /);
    });
  });

  describe("documents", () => {
    test.each<[string, Partial<Sample>]>([
      ["dates to the millisecond", { at: day(1), dueAt: new Date("0001-02-03T04:05:06.789Z") }],
      ["nulls as null and absent fields as absent", { dueAt: null, alias: null, body: null, mobile: null }],
      ["any JSON", { body: [{ a: { b: [[], {}, "", 0, false, null] } }, "中文", "\u0000", "𬭎"] }],
      ["halves of surrogate pairs within JSON", { body: ["\ud800", { "\udc00": 1 }], contact: { name: "\ud800" } }],
      ["numbers of any kind", { status: -0.1 + 1e21 }],
      ["a document of a megabyte", { body: "签".repeat(350_000) }],
      ["keys that look like prototypes", { body: JSON.parse('{"__proto__":{"x":1},"constructor":2}') as unknown }],
    ])("come back as they were: %s", async (_, fields) => {
      const doc: Sample = { _id: "a", number: "1", ...fields };
      const inserted = await samples().insert(doc);
      expect(inserted).toEqual({ ...doc, version: 1 });
      expect(await samples().get("a")).toEqual(inserted);
      const replaced = await samples().replaceIfVersion(inserted);
      expect(await samples().findOne({ number: "1" })).toEqual(replaced);
      expect(Object.keys(replaced!).sort()).toEqual([...Object.keys(doc), "version"].sort());
    });

    test.each<[string, unknown]>([
      ["an undeclared field", { _id: "a", number: "1", more: 1 }],
      ["a value of another type", { _id: "a", number: 1 }],
      ["a date as text", { _id: "a", number: "1", at: "2026-01-01" }],
      ["an invalid date", { _id: "a", number: "1", at: new Date(Number.NaN) }],
      ["a number that is none", { _id: "a", number: "1", status: Number.NaN }],
      ["a function as json", { _id: "a", number: "1", body: () => 1 }],
      ["half a surrogate pair", { _id: "a", number: "1", alias: "\ud800" }],
      ["half a surrogate pair in a personal field", { _id: "a", number: "1", mobile: "138\udc00" }],
      ["no _id", { number: "1" }],
      ["an empty _id", { _id: "", number: "1" }],
    ])("%s is refused before anything is stored", async (_, doc) => {
      await expect(samples().insertInOrder([{ _id: "z", number: "9" }, doc as Sample])).rejects.toThrow(/^sample: /);
      expect(await samples().count({})).toBe(0);
    });

    test("nobody reaches a stored document through an object in his hands", async () => {
      const body = { list: [1] };
      const at = day(1);
      const given: Sample = { _id: "a", number: "1", body, at, contact: { name: "张三" } };
      const pending = samples().insert(given);
      body.list.push(2);
      at.setFullYear(1999);
      given.number = "2";
      const inserted = await pending;
      const expected = { _id: "a", number: "1", body: { list: [1] }, at: day(1), contact: { name: "张三" }, version: 1 };
      expect(inserted).toEqual(expected);
      (inserted.body as { list: number[] }).list.push(3);
      inserted.at!.setFullYear(1999);
      const read = await samples().get("a");
      expect(read).toEqual(expected);
      (read!.contact as { name: string }).name = "李四";
      expect(await samples().get("a")).toEqual(expected);
    });

    test("fields left undefined are absent", async () => {
      const inserted = await samples().insert({ _id: "a", number: "1", alias: undefined, body: { a: undefined } } as unknown as Sample);
      expect(Object.keys(inserted).sort()).toEqual(["_id", "body", "number", "version"]);
      expect(await samples().get("a")).toStrictEqual(inserted);
    });
  });
}
