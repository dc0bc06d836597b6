import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ERROR_TABLE } from "../../contract/errors.ts";
import { SAMPLE_FLOWS } from "../../contract/sample-requests.ts";
import { FORMATS } from "../../contract/schemas/formats.ts";
import { initiateSchema } from "../../contract/schemas/initiate.ts";
import { openApiDocument } from "../../services/gateway/openapi/document.ts";
import { FLOWS } from "../../services/process/parties.ts";

interface Media {
  schema?: { $ref?: string; properties?: { code?: { enum?: string[] } } };
  examples?: Record<string, { summary: string; value: Record<string, unknown> }>;
}
interface Operation {
  operationId: string;
  summary: string;
  requestBody?: { content: Record<string, Media> };
  responses: Record<string, { description: string; headers?: object; content?: Record<string, Media> }>;
}
const document = openApiDocument() as { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, Record<string, unknown>> } };
const operations = Object.entries(document.paths).flatMap(([path, item]) => Object.entries(item).map(([method, operation]) => [`${method.toUpperCase()} ${path}`, operation] as const));
/** Codes of a response. */
const codesAt = (operation: Operation, status: string): string[] =>
  Object.values(operation.responses[status]!.content ?? {}).flatMap(({ examples }) => Object.keys(examples ?? {}));

test("the document is valid OpenAPI 3.1", async () => {
  const validator = new Validator();
  expect(await validator.validate(structuredClone(document))).toMatchObject({ valid: true });
  expect(validator.version).toBe("3.1");
});

test("every reference in it leads somewhere", () => {
  const references = Array.from(JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g), ([, path]) => path!);
  const lost = references.filter((path) => path.split("/").reduce<unknown>((at, part) => (at as Record<string, unknown> | undefined)?.[part], document) === undefined);
  expect([references.length > 100, lost]).toEqual([true, []]);
});

test("every code of the catalogue is at a route and no other code is", () => {
  const documented = new Set(operations.flatMap(([, operation]) => Object.keys(operation.responses).filter((status) => status !== "200").flatMap((status) => codesAt(operation, status))));
  expect([...documented].sort()).toEqual(Object.keys(ERROR_TABLE).sort());
});

test.each(operations)("%s gives each code under its own HTTP status, with an example, in Chinese", (where, operation) => {
  expect(operation.summary).toMatch(/\p{Script=Han}/u);
  for (const [status, response] of Object.entries(operation.responses).filter(([status]) => status !== "200")) {
    const codes = codesAt(operation, status);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => String(ERROR_TABLE[code as keyof typeof ERROR_TABLE].http) !== status)).toEqual([]);
    expect(response.description).toMatch(/\p{Script=Han}/u);
    if (["429", "503"].includes(status) && where !== "GET /health/ready") expect(response.headers).toHaveProperty("Retry-After");
  }
});

test("no two operations have one name", () => {
  const names = operations.map(([, { operationId }]) => operationId);
  expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
});

const published = new Ajv2020({ strict: false, formats: { "date-time": true, uri: true, uuid: true } });
published.addSchema(document, "api");
const examples = operations.flatMap(([where, { requestBody }]) =>
  Object.values(requestBody?.content ?? {}).flatMap(({ schema, examples: given }) => Object.entries(given ?? {}).map(([name, { value }]) => [where, name, schema!.$ref!, value] as const)),
);
test.each(examples)("%s: the example %s is what the document asks for", (_where, _name, reference, value) => {
  const check = published.compile({ $ref: `api${reference}` });
  expect([check(value), check.errors]).toEqual([true, null]);
});

test("there is an example for each row of the flow table and each type its signer can be", () => {
  const wanted = FLOWS.flatMap((flow) => flow[flow.signer].map((type) => `${flow.processType}-${flow.scene}-${type}`));
  expect(SAMPLE_FLOWS.map(({ processType, scene, signerType }) => `${processType}-${scene}-${signerType}`).sort()).toEqual(wanted.sort());
  const initiate = document.paths["/api/v1/esign/process/initiate"]!["post"]!.requestBody!.content["application/json"]!;
  expect(Object.keys(initiate.examples!).sort()).toEqual(wanted.sort());
});

test("a request is documented by the very schema that validates it: same fields, same rules, formats as their patterns", () => {
  const shown = JSON.stringify(document.components.schemas["InitiateRequest"]);
  const judged = JSON.stringify(initiateSchema, (key, value: unknown) => (key === "additionalProperties" ? undefined : value));
  const asShown = judged.replace(/"format":"([^"]+)"/g, (_, name: string) => `"pattern":${JSON.stringify(FORMATS[name]!.pattern)}`);
  expect(JSON.parse(shown)).toEqual(JSON.parse(asShown));
});

test("unknown request fields are not forbidden, since they are ignored", () => {
  expect(JSON.stringify(document)).not.toContain("additionalProperties");
});
