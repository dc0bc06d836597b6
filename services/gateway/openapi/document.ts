import type { ErrorCode } from "../../../contract/errors.ts";
import { adminOperations } from "./admin.ts";
import { callbackOperations } from "./callback.ts";
import { envelopeOf, SCHEMAS } from "./components.ts";
import { INTRODUCTION } from "./introduction.ts";
import type { Operation, Operations } from "./operation.ts";
import { HEADERS, headersOf, PATH, QUERY, type PathName, type QueryName } from "./parameters.ts";
import { publicOperations } from "./public.ts";
import { published } from "./published.ts";
import { codesOf, refusalResponses } from "./refusals.ts";
import { SECURITY_OF, SECURITY_SCHEMES } from "./security.ts";
import { sessionOperations } from "./session.ts";
import { settingsOperations } from "./settings.ts";
import { signerOperations } from "./signer.ts";
import { templateOperations } from "./template.ts";
import { walletOperations } from "./wallet.ts";
import { webhooks } from "./webhooks.ts";

/** Every route of the gateway by caller. A route without its row here fails the test of the document. */
const TAGS: readonly { name: string; description: string; operations: Operations }[] = [
  { name: "钱包", description: "行业钱包系统调用", operations: walletOperations },
  { name: "签署人", description: "签署页面调用，凭短信链接中的令牌", operations: signerOperations },
  { name: "外部系统回调", description: "认证系统与短信网关调用；应由反向代理限制来源", operations: callbackOperations },
  { name: "管理", description: "运营人员使用", operations: { ...adminOperations, ...templateOperations, ...sessionOperations, ...settingsOperations } },
  { name: "公开", description: "页面、下载、健康检查与文档", operations: publicOperations },
];

/** The OpenAPI 3.1 document of the gateway's routes. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, object>> = {};
  for (const { name, operations } of TAGS) {
    for (const [where, operation] of Object.entries(operations)) {
      const [method, path] = where.split(" ") as [string, string];
      (paths[path] ??= {})[method.toLowerCase()] = operationObject(name, where, operation);
    }
  }
  return {
    openapi: "3.1.0",
    info: { title: "电子签约平台接口", version: "1.0.0", description: INTRODUCTION },
    servers: [{ url: "/", description: "提供本文档的平台" }],
    tags: TAGS.map(({ name, description }) => ({ name, description })),
    paths,
    webhooks,
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(([name, schema]) => [name, published(schema)])),
      parameters: HEADERS,
      headers: { "Retry-After": { description: "多少秒后再试", schema: { type: "integer", minimum: 0 } } },
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}

function operationObject(tag: string, where: string, operation: Operation): object {
  const posts = where.startsWith("POST ");
  const codes = codesOf(where, operation);
  return {
    tags: [tag],
    operationId: operation.operationId,
    summary: operation.summary,
    ...(operation.description && { description: operation.description }),
    security: SECURITY_OF[operation.caller],
    parameters: [
      ...headersOf(operation.caller, posts).map((name) => ({ $ref: `#/components/parameters/${name}` })),
      ...Array.from(where.matchAll(/\{(\w+)\}/g), ([, name]) => PATH[name as PathName]),
      ...(operation.query ?? []).map((name) => QUERY[name as QueryName]),
    ],
    ...(operation.body && {
      requestBody: {
        required: true,
        content: { "application/json": { schema: { $ref: `#/components/schemas/${operation.body}` }, ...(operation.examples && { examples: operation.examples }) } },
      },
    }),
    responses: responses(operation, codes),
  };
}

function responses({ answer, notes }: Operation, codes: readonly ErrorCode[]): Record<string, object> {
  const refused = refusalResponses(codes, notes);
  if ("message" in answer) {
    return { "200": { description: answer.message, content: { "application/json": { schema: envelopeOf(answer.message, answer.data) } } }, ...refused };
  }
  const content = { [answer.type]: answer.schema ? { schema: { $ref: `#/components/schemas/${answer.schema}` } } : {} };
  const also = Object.entries(answer.alsoStatus ?? {}).map(([status, description]) => {
    const refusal = refused[status] as { content: Record<string, { schema: object }> } | undefined;
    const own = content[answer.type]!.schema!;
    // The same status with two kinds of body: the answer's own and the refusal.
    return [status, { ...refusal, description, content: { [answer.type]: refusal ? { ...refusal.content[answer.type], schema: { anyOf: [own, refusal.content[answer.type]!.schema] } } : { schema: own } } }];
  });
  return { "200": { description: answer.description, content }, ...refused, ...Object.fromEntries(also) };
}
