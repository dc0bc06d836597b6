import { fromMongo, toMongo } from "../../../mixins/storage/mongo-document.ts";
import { mongoFilter } from "../../../mixins/storage/mongo-query.ts";
import { parseQuery } from "../../../mixins/storage/query.ts";
import type { Model } from "../../../mixins/collection-types.ts";

const model: Model = { name: "note", fields: { text: "string", rank: "number", at: "date", body: "json" }, indexes: [] };
const at = new Date("2026-01-02T03:04:05.006Z");

test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
  ["null is named beside the fields and absent among them", { text: null, at, rank: null }, { at, _nulls: ["text", "rank"] }],
  ["json is its text, whatever its keys are", { body: { "$set": { "a.b": [null, "\u0000"] } } }, { body: '{"$set":{"a.b":[null,"\\u0000"]}}' }],
  ["what is undefined is absent", { text: undefined, rank: 0 }, { rank: 0 }],
])("%s, and comes back as it was", (_, fields, stored) => {
  const document = toMongo(model, { _id: "a", version: 7, ...fields }, 8);
  expect(document).toEqual({ _id: "a", version: 8, ...stored });
  expect(fromMongo(model, document)).toEqual({ _id: "a", version: 8, ...fields });
});

test.each<[string, object, string]>([
  ["no _id", { text: "x" }, "note: a document needs an _id"],
  ["an undeclared field", { _id: "a", more: 1 }, "note: more is not a field"],
  ["an operator in a field's place", { _id: "a", text: { $gt: "" } }, "note: text is not a string"],
  ["half a character", { _id: "a", text: "\udc00" }, "note: text is not well-formed text"],
])("%s is refused without its value", (_, entity, message) => {
  expect(() => toMongo(model, entity, 1)).toThrow(message);
});

test.each<[Record<string, unknown>, object]>([
  [{}, {}],
  [{ text: "x", rank: null, at }, { text: "x", rank: null, at }],
  [{ at: { $gt: at, $lte: at } }, { at: { $gt: at, $lte: at } }],
  [{ rank: { $in: [1, null], $ne: 2 } }, { rank: { $in: [1, null], $ne: 2 } }],
])("a query becomes a filter of operators and bare values: %j", (query, filter) => {
  expect(mongoFilter(parseQuery(model, query))).toEqual(filter);
});
