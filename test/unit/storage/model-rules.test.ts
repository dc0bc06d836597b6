import type { Model } from "../../../mixins/collection-types.ts";
import { checkModel, requiredFields, storedModel } from "../../../mixins/storage/model-rules.ts";

const model: Model = {
  name: "sms_record",
  fields: { mobile: "string", at: "date", data: "json", code: "string" },
  indexes: [{ fields: ["code"], unique: true }, { fields: ["mobile"] }],
  personal: ["mobile", "data"],
  blind: ["mobile"],
};

test.each<[string, Partial<Model>, string]>([
  ["a name that is not snake_case", { name: "SmsRecord" }, "snake_case"],
  ["a name with a quote", { name: 'a"; DROP TABLE b; --' }, "snake_case"],
  ["a field with a quote", { fields: { "a') OR (1": "string" } }, "cannot be a field's name"],
  ["a field that the collection sets", { fields: { version: "number" }, indexes: [], personal: [], blind: [] }, "version cannot be a field's name"],
  ["an undeclared personal field", { personal: ["nothing"], blind: [] }, "personal field nothing is not declared"],
  ["a blind field that is not personal", { blind: ["code"] }, "blind field code must be a personal string"],
  ["a blind field that is not text", { blind: ["data"] }, "blind field data must be a personal string"],
  ["a field in the place of a blind index", { fields: { ...model.fields, mobileIndex: "string" } }, "mobileIndex is the blind index of mobile"],
  ["an index on nothing", { indexes: [{ fields: [] }] }, "an index without fields"],
  ["an index on an undeclared field", { indexes: [{ fields: ["nothing"] }] }, "indexed field nothing is not declared"],
  ["an index on an encrypted field", { blind: [], indexes: [{ fields: ["mobile"] }] }, "mobile is encrypted"],
  ["an index on json", { personal: ["mobile"], indexes: [{ fields: ["data"] }] }, "data is json"],
  ["a unique index on a blind field", { indexes: [{ fields: ["mobile"], unique: true }] }, "would make a unique index lie"],
  ["an index on the id alone", { indexes: [{ fields: ["_id"] }] }, "_id ends an index"],
  ["an index with the id in front", { indexes: [{ fields: ["_id", "code"] }] }, "_id ends an index"],
  ["a unique index with the id", { indexes: [{ fields: ["code", "_id"], unique: true }] }, "_id ends an index"],
  ["a sparse index on two fields", { indexes: [{ fields: ["code", "at"], sparse: true }] }, "a sparse index has one field"],
])("%s is refused", (_, change, why) => {
  expect(() => checkModel({ ...model, ...change })).toThrow(why);
});

test("an engine sees tokens as text and a blind field by its hash", () => {
  expect(() => checkModel(model)).not.toThrow();
  expect(storedModel(model)).toEqual({
    name: "sms_record",
    fields: { mobile: "string", mobileIndex: "string", at: "date", data: "string", code: "string" },
    indexes: [{ fields: ["code"], unique: true }, { fields: ["mobileIndex"] }],
  });
  expect(storedModel({ ...model, indexes: [] }).indexes).toEqual([{ fields: ["mobileIndex"], sparse: true }]);
});

test("the fields of unique keys are required unless the key is sparse", () => {
  const indexes = [{ fields: ["a", "b"], unique: true }, { fields: ["c"], unique: true, sparse: true }, { fields: ["d"] }];
  expect([...requiredFields({ ...model, indexes })]).toEqual(["a", "b"]);
});
