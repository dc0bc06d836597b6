import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Model } from "../../../mixins/collection-types.ts";
import { expressionOf } from "../../../mixins/storage/sqlite-query.ts";
import { SqliteAdapter } from "../../../mixins/storage/sqlite-adapter.ts";
import { openSqlite } from "../../../mixins/storage/sqlite-engine.ts";
import type { Filters } from "../../../mixins/storage/store-adapter.ts";

const model: Model = {
  name: "note",
  fields: { text: "string", rank: "number", at: "date", dueAt: "date" },
  indexes: [{ fields: ["text"], unique: true }, { fields: ["rank", "at"] }, { fields: ["dueAt"], sparse: true }],
};

describe("the SQLite adapter as moleculer-db sees it", () => {
  let directory: string;
  let adapter: SqliteAdapter;
  const file = () => join(directory, "deep", "t.db");

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), "esign-adapter-"));
    adapter = new SqliteAdapter(model, () => openSqlite(file()));
    await adapter.connect();
    await adapter.insertMany(["a", "b", "c", "d"].map((id, rank) => ({ _id: id, text: id, rank, at: new Date(rank) })));
  });
  afterEach(async () => {
    await adapter.disconnect();
    rmSync(directory, { recursive: true });
  });

  test.each<[Filters, string]>([
    [{}, "abcd"],
    [{ sort: "-rank" }, "dcba"],
    [{ sort: "rank,-text", limit: 2 }, "ab"],
    [{ sort: ["rank"], limit: 2, offset: 1 }, "bc"],
    [{ sort: ["rank"], offset: 3 }, "d"],
    [{ query: { rank: { $gte: 2 } }, limit: null, offset: null }, "cd"],
  ])("finds with %j", async (filters, ids) => {
    expect((await adapter.find(filters)).map(({ _id }) => _id).join("")).toBe(ids);
  });

  test("finds by ids, by query and by id, and counts", async () => {
    expect((await adapter.findByIds(["d", "x", "a"])).map(({ _id }) => _id).sort()).toEqual(["a", "d"]);
    expect(await adapter.findOne({ rank: 2 })).toEqual({ _id: "c", text: "c", rank: 2, at: new Date(2), version: 1 });
    expect([await adapter.findById("x"), await adapter.findOne({ rank: 9 })]).toEqual([null, null]);
    expect([await adapter.count(), await adapter.count({ query: { rank: { $lt: 2 } } })]).toEqual([4, 2]);
  });

  test("an update sets fields, answers with the document and outdates whoever read before", async () => {
    const before = await adapter.findById("a");
    expect(await adapter.updateById("a", { $set: { rank: 7 } })).toEqual({ ...before, rank: 7, version: 2 });
    expect(await adapter.updateById("x", { $set: { rank: 7 } })).toBeNull();
    expect(await adapter.replaceIfVersion(before!)).toBe(false);
    expect(await adapter.updateMany({ rank: { $lt: 3 } }, { $set: { rank: 0 } })).toBe(3 - 1);
    expect(await adapter.count({ query: { rank: 0 } })).toBe(2);
    await expect(adapter.updateById("a", { $inc: { rank: 1 } } as never)).rejects.toThrow("note: an update is a $set");
    await expect(adapter.updateById("a", { $set: { nothing: 1 } })).rejects.toThrow("note: nothing is not a field");
  });

  test("removes one, some, all", async () => {
    expect(await adapter.removeById("a")).toMatchObject({ _id: "a" });
    expect(await adapter.removeById("a")).toBeNull();
    expect(await adapter.removeMany({ rank: 1 })).toBe(1);
    expect(await adapter.clear()).toBe(2);
    expect(await adapter.count()).toBe(0);
  });

  test("refuses what it cannot promise", async () => {
    await expect(adapter.find({ search: "a" } as Filters)).rejects.toThrow("text search is not supported");
    await expect(adapter.find({ limit: "1; DROP TABLE note" as never })).rejects.toThrow("limit and offset are whole numbers");
    await expect(adapter.find({ query: { $where: "1" } })).rejects.toThrow("note: $where is not a field");
    await expect(adapter.insert({ text: "x" })).rejects.toThrow("note: a document needs an _id");
    await expect(adapter.insert({ _id: "x", text: "a" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
  });

  test("moves between _id and another id field", () => {
    expect(adapter.beforeSaveTransformID({ key: "a", rank: 1 }, "key")).toEqual({ _id: "a", rank: 1 });
    expect(adapter.beforeSaveTransformID({ _id: "a" }, "_id")).toEqual({ _id: "a" });
    expect(adapter.afterRetrieveTransformID({ _id: "a", rank: 1 }, "key")).toEqual({ key: "a", rank: 1 });
    expect(adapter.entityToObject({ _id: "a", version: 1 })).toEqual({ _id: "a", version: 1 });
  });

  test("answers nothing before it is connected and after it is disconnected", async () => {
    await adapter.disconnect();
    await expect(adapter.find({})).rejects.toThrow("note: the collection is not connected");
    await expect(adapter.insert({ _id: "x" })).rejects.toThrow("note: the collection is not connected");
    await expect(adapter.ping()).rejects.toThrow("note: the collection is not connected");
    await adapter.connect();
    expect(await adapter.count()).toBe(4);
  });

  test("a file that is no database stops the connection with the reason", async () => {
    const broken = new SqliteAdapter(model, () => openSqlite(import.meta.filename));
    await expect(broken.connect()).rejects.toThrow("file is not a database");
  });

  test.each([
    ["equality", `${expressionOf("text")} = 'a'`, "note.text.unique"],
    ["a list", `${expressionOf("text")} IN (SELECT value FROM json_each('["a"]'))`, "note.text.unique"],
    ["a compound key with an order", `${expressionOf("rank")} = 1 ORDER BY ${expressionOf("at")}, rowid`, "note.rank.at"],
    ["a sparse due time in order", `${expressionOf("dueAt")} <= 'x' ORDER BY ${expressionOf("dueAt")}, rowid`, "note.dueAt.sparse"],
  ])("%s is answered by its index without sorting", (_, condition, index) => {
    const reader = new DatabaseSync(file());
    const plan = reader.prepare(`EXPLAIN QUERY PLAN SELECT _id, version, doc FROM note WHERE ${condition}`).all().map((row) => String(row["detail"]));
    reader.close();
    expect(plan[0]).toContain(`SEARCH note USING INDEX ${index}`);
    expect(plan.join()).not.toContain("TEMP B-TREE");
  });
});
