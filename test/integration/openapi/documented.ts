import type { IncomingHttpHeaders } from "node:http";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { openApiDocument } from "../../../services/gateway/openapi/document.ts";

interface Answered {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}
type Method = "get" | "post";
interface Documented {
  operationId: string;
  responses: Record<string, { content?: Record<string, { schema?: object }> }>;
}
type Paths = Record<string, Partial<Record<Method, Documented>>>;

const document = strictly(openApiDocument()) as { paths: Paths };
const ajv = new Ajv2020({
  strict: false,
  allErrors: true,
  formats: { "date-time": /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, uri: (text: string) => URL.canParse(text) },
});
ajv.addSchema(document, "api");

/** Nothing may be answered that the document does not name: what is not forbidden there would never be missed. */
function strictly(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strictly);
  if (typeof schema !== "object" || schema === null) return schema;
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, strictly(value)]));
  const types = [inner["type"]].flat();
  return types.includes("object") && inner["properties"] && !inner["allOf"] ? { ...inner, additionalProperties: false } : inner;
}

const matcher = (path: string): RegExp => new RegExp(`^${path.replaceAll(".", "\\.").replace(/\{\w+\}/g, "[^/]+")}$`);
/** Fixed paths come before those with a parameter. */
const MATCHERS = Object.keys(document.paths)
  .sort((a, b) => Number(a.includes("{")) - Number(b.includes("{")))
  .map((path) => ({ path, pattern: matcher(path) }));
const compiled = new Map<string, ValidateFunction>();

/**
 * Holds an answer against the document: status, content type, body.
 * @returns the operation, and the code of an envelope; null for a path that is none of the platform's API
 * @throws when the document does not know such an answer
 */
export function holdAgainstDocument(method: string, target: string, answer: Answered): { operationId: string; code: string | null } | null {
  const path = target.split("?")[0]!;
  const verb = (method === "HEAD" ? "get" : method.toLowerCase()) as Method;
  const found = MATCHERS.find((one) => one.pattern.test(path) && document.paths[one.path]![verb]);
  if (!found) return null;
  const { operationId, responses } = document.paths[found.path]![verb]!;
  const what = `${method} ${found.path} answered ${answer.status}`;
  const response = responses[String(answer.status)];
  if (!response) throw new Error(`${what}, which is not in the document: ${answer.text.slice(0, 300)}`);
  const type = String(answer.headers["content-type"]).split(";")[0]!;
  const media = response.content?.[type] ?? response.content?.["*/*"];
  if (!media) throw new Error(`${what} with ${type}, which is not in the document`);
  if (method === "HEAD" || !media.schema) return { operationId, code: null };
  const pointer = ["paths", found.path, verb, "responses", String(answer.status), "content", type, "schema"].map((part) => encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1")));
  const key = pointer.join("/");
  const check = compiled.get(key) ?? ajv.compile({ $ref: `api#/${key}` });
  compiled.set(key, check);
  const body = JSON.parse(answer.text) as { code?: string };
  if (!check(body)) throw new Error(`${what} otherwise than the document says: ${ajv.errorsText(check.errors)}\n${answer.text.slice(0, 1_000)}`);
  return { operationId, code: body.code ?? null };
}

interface Caller {
  call(method: string, target: string, headers?: object, body?: string | Buffer): Promise<Answered>;
}

/**
 * From now on every answer this client gets is held against the document.
 * @returns what was answered so far, as `operationId CODE`
 */
export function holdAllAgainstDocument(http: Caller): Set<string> {
  const seen = new Set<string>();
  const call = http.call.bind(http);
  http.call = async (method, target, headers, body) => {
    const answer = await call(method, target, headers, body);
    const held = holdAgainstDocument(method, target, answer);
    if (held) seen.add(`${held.operationId} ${held.code ?? answer.status}`);
    return answer;
  };
  return seen;
}
