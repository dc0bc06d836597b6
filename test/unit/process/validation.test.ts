import { isIdCard } from "../../../contract/schemas/formats.ts";
import { validate, validateAnswer, validateInitiate } from "../../../services/process/validation.ts";
import { clientExample } from "../../fixtures/client-example.ts";

type Json = Record<string, unknown>;
const example = (): Json => JSON.parse(JSON.stringify(clientExample())) as Json;

/** The example with one field, dotted, set to a value or taken away. */
function withField(path: string, value: unknown): Json {
  const body = example();
  const names = path.split(".");
  const last = names.pop()!;
  const holder = names.reduce((inner, name) => inner[name] as Json, body);
  if (value === undefined) delete holder[last];
  else holder[last] = value;
  return body;
}
const named = (body: unknown): string[] => (validateInitiate(body).errors ?? []).map((error) => error.field);

const REQUIRED = [
  "requestId", "businessType", "scene", "processType", "fundPurpose", "callbackUrl", "payerInfo", "initiatorInfo",
  ...["payerInfo", "payeeInfo"].flatMap((party) => ["merchantNo", "merchantName", "merchantType", "accountNo"].map((name) => `${party}.${name}`)),
  "initiatorInfo.merchantNo", "initiatorInfo.merchantName", "payeeInfo.contactInfo.name", "payeeInfo.contactInfo.mobile", "payeeInfo.bankCardInfo.cardNo",
];
const OPTIONAL = ["payeeInfo", "extInfo", "extInfo.orderAggregationMaxRatio", "payerInfo.accountType", "payeeInfo.bankCardInfo", "payeeInfo.contactInfo",
  "payeeInfo.bankCardInfo.accountName", "payeeInfo.bankCardInfo.bankCode", "payeeInfo.contactInfo.idCardNo"];
/** Longest text of each field, by §3.1. */
const LENGTHS: [string, number][] = [["requestId", 32], ["fundPurpose", 64], ["callbackUrl", 512], ["payerInfo.merchantNo", 32], ["payerInfo.merchantName", 128],
  ["payeeInfo.accountNo", 32], ["initiatorInfo.merchantName", 128], ["payeeInfo.contactInfo.name", 64], ["payeeInfo.bankCardInfo.accountName", 128], ["payeeInfo.bankCardInfo.bankCode", 32]];
/** Characters nobody sees, by their code points. */
const INVISIBLE: [string, string][] = [["a NUL", "\u0000"], ["a line feed", "\n"], ["a tab", "\t"], ["DEL", "\u007f"], ["a C1 control", "\u0085"], ["a zero width space", "\u200b"],
  ["a right-to-left override", "\u202e"], ["a byte order mark", "\ufeff"], ["a soft hyphen", "\u00ad"], ["a tag character", "\u{e0041}"], ["a lone high surrogate", "\ud800"], ["a lone low surrogate", "\udc00"]];

test("the client's own example passes as it stands", () => {
  expect(validateInitiate(example())).toEqual({ value: clientExample(), errors: null });
});

test.each(REQUIRED.flatMap((path) => [undefined, null, 7, [], {}].map((value) => [path, value] as const)))("%s given as %j is refused under its own name", (path, value) => {
  const isObject = path === "payerInfo" || path === "initiatorInfo";
  const found = named(withField(path, value));
  if (isObject && value !== null && typeof value === "object" && !Array.isArray(value)) expect(found.every((field) => field.startsWith(`${path}.`))).toBe(true);
  else expect(found).toEqual([path]);
});

test.each(OPTIONAL)("%s may be absent or null, which is the same", (path) => {
  const [absent, asNull] = [validateInitiate(withField(path, undefined)), validateInitiate(withField(path, null))];
  expect(absent.errors).toBeNull();
  expect(asNull).toEqual(absent);
});

test.each(LENGTHS)("%s has at most %i characters, a character outside the first plane being one", (path, most) => {
  expect(named(withField(path, "𠮷".repeat(most)))).toEqual([]);
  expect(named(withField(path, "好".repeat(most + 1)))).toEqual([path]);
});

test.each(LENGTHS.flatMap(([path]) => INVISIBLE.map(([what, character]) => [path, what, character] as const)))("%s with %s is refused", (path, _, character) => {
  expect(named(withField(path, `甲${character}乙`))).toEqual([path]);
});

test.each(LENGTHS)("%s of white space alone is refused", (path) => {
  for (const blank of ["", " ", "\u3000\u00a0"]) expect(named(withField(path, blank))).toEqual([path]);
});

test.each([
  ["payeeInfo.contactInfo.mobile", ["12800138000", "1380013800", "138001380000", "+8613800138000", "13800138000 ", "１3800138000"]],
  ["payeeInfo.contactInfo.idCardNo", ["110101199002301234", "11010119900101123", "1101011990010112345", "010101199001011234", "110101199013011234", "11010119900101123Y"]],
  ["payeeInfo.bankCardInfo.cardNo", ["1234567", "1".repeat(33), "6228 4800 1234", "622848001234567890a"]],
  ["extInfo.orderAggregationMaxRatio", ["0", "0.0", "1.1", "-0.5", "1e-1", ".5", "0.", "80%", "0.1234567", ""]],
  ["payeeInfo.merchantType", ["enterprise", "", "COMPANY"]],
  ["businessType", ["OTHER", "tiancai_split_account"]],
  ["scene", ["toString", "__proto__"]],
  ["payerInfo.accountType", ["SAVINGS", 1]],
])("%s refuses everything that only looks like one", (path, values: unknown[]) => {
  for (const value of values) expect([value, named(withField(path, value))]).toEqual([value, [path]]);
});

test.each(["0.000001", "1", "1.0", "0.8"])("%s is a ratio", (ratio) => {
  expect(named(withField("extInfo.orderAggregationMaxRatio", ratio))).toEqual([]);
});

test("unknown fields are dropped at every depth", () => {
  const body = withField("payeeInfo.contactInfo.hobby", "钓鱼");
  Object.assign(body, { extra: { deep: true } });
  (body["extInfo"] as Json)["other"] = "x";
  expect(validateInitiate(body)).toEqual({ value: clientExample(), errors: null });
});

test.each(["__proto__", "constructor", "prototype", "toString", "hasOwnProperty"])("a field called %s is dropped and reaches no prototype", (name) => {
  const text = JSON.stringify(example()).replace("{", `{"${name}":{"polluted":true},`).replace('"contactInfo":{', `"contactInfo":{"${name}":{"polluted":true},`);
  const { value } = validateInitiate(JSON.parse(text));
  expect(value).toEqual(clientExample());
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(({} as Json)["polluted"]).toBeUndefined();
});

test("what a prototype seems to offer does not stand in for a required field", () => {
  const inherited = JSON.parse(`{"__proto__":${JSON.stringify(example())}}`) as unknown;
  expect(named(inherited)).toEqual(expect.arrayContaining(["requestId", "payerInfo", "callbackUrl"]));
});

test.each([undefined, null, "text", 7, true, []])("a body that is %j is refused as a whole", (body) => {
  expect(named(body)).toEqual(["body"]);
});

test("several wrong fields are named together, without their values", () => {
  const body = withField("payeeInfo.contactInfo.mobile", "not-a-mobile-4711");
  delete body["requestId"];
  const { errors } = validateInitiate(body);
  expect(errors!.map((error) => error.field).toSorted()).toEqual(["payeeInfo.contactInfo.mobile", "requestId"]);
  expect(JSON.stringify(errors)).not.toContain("4711");
});

test.each([["110101200002291234", true], ["110101190002291234", false], ["110101200404311234", false], ["110101184912311234", false]])("the date in the ID number %s exists: %s", (id, exists) => {
  expect(isIdCard(id)).toBe(exists);
});

test.each([
  [{ amount: "0.12", remark: " ＡＢ１ " }, { amount: "0.12", remark: "AB1" }],
  [{ amount: "999999.99", remark: "验".repeat(64), extra: 1 }, { amount: "999999.99", remark: "验".repeat(64) }],
])("the answer %j is read as %j", (body, value) => {
  expect(validateAnswer(body)).toEqual({ value, errors: null });
});

test.each([
  [{ amount: "0.1", remark: "a" }, ["amount"]],
  [{ amount: 0.12, remark: "a" }, ["amount"]],
  [{ amount: "1000000.00", remark: "a" }, ["amount"]],
  [{ amount: "-0.12", remark: "a" }, ["amount"]],
  [{ amount: "0.12\n", remark: "a" }, ["amount"]],
  [{ amount: "0.12", remark: "  " }, ["remark"]],
  [{ amount: "0.12", remark: "x".repeat(65) }, ["remark"]],
  [{ amount: "0.12", remark: "a\u202eb" }, ["remark"]],
  [{ amount: "0.12", remark: null }, ["remark"]],
  [{}, ["amount", "remark"]],
  [[], ["body"]],
  [null, ["body"]],
])("the answer %j is refused by %j", (body, expected) => {
  expect(validateAnswer(body).errors!.map((error) => error.field).toSorted()).toEqual(expected);
});

test("a body with thousands of wrong items is answered with fifty", () => {
  expect(validate("sign", { protocolHash: "a".repeat(64), keyClauses: Array(15_000).fill(1) }).errors).toHaveLength(50);
});

test.each([
  ["sign", { protocolHash: 5 }, ["protocolHash"]],
  ["sign", {}, ["protocolHash"]],
  ["sign", { protocolHash: "a".repeat(64), consent: "true" }, ["consent"]],
  ["sign", { protocolHash: "a".repeat(64), keyClauses: "scope" }, ["keyClauses"]],
  ["sign", { protocolHash: "a".repeat(64), keyClauses: [1] }, ["keyClauses.0"]],
  ["sign", { protocolHash: "a".repeat(64), smsCode: 123456 }, ["smsCode"]],
  ["open", { protocolHash: "a".repeat(257) }, ["protocolHash"]],
  ["reason", { reason: "x".repeat(201) }, ["reason"]],
  ["reason", {}, ["reason"]],
] as const)("%s of %j is refused by %j", (schema, body, expected) => {
  expect(validate(schema, structuredClone(body)).errors!.map((error) => error.field)).toEqual(expected);
});
