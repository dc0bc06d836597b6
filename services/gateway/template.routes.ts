import { failure } from "../../contract/errors.ts";
import type { Operator } from "../../contract/operator.ts";
import { badField } from "../../contract/paging.ts";
import type { TemplateView } from "../template/template.api.ts";
import { adminOperation, type AdminHandle, type AdminParts, type Guard } from "./admin-operation.ts";
import { optional, paging } from "./admin-query.ts";
import { routes, type Exchange, type GatewayRequest } from "./exchange.ts";

const READ = { timeout: 8_000 };
const CHANGE = { timeout: 12_000 };
/** Printing waits for its turn and may be done twice (timeouts nest). */
const PREVIEW = { timeout: 45_000 };
/** The longest agreement in Chinese, as JSON. */
export const TEMPLATE_BODY_LIMIT = 256 * 1024;

type Body = Record<string, unknown>;

/** The life of the templates (CONTRACT.md §2.5): authors write, approvers decide, everybody with a role may look. */
export function templateRoutes(parts: AdminParts): Record<string, unknown> {
  const operation = adminOperation(parts);
  const reading = (action: string, message: string, call: string, params: (exchange: Exchange) => object) =>
    operation(action, { target: versionTarget }, async (exchange) => ({ message, data: await exchange.ctx.call(call, params(exchange), READ) }));
  /** A text that is sent: nobody is shown it, so nothing but an upload changes anything. */
  const writing = (action: string, guard: Guard, handle: AdminHandle) => operation(action, { body: true, bodyLimit: TEMPLATE_BODY_LIMIT, target: codeTarget, detail: kindDetail, ...guard }, handle);
  // The whole name, so that what this service calls can be read from its source.
  const deciding = (action: `template.${"approve" | "reject" | "activate" | "deactivate"}`, said: (view: TemplateView) => string) =>
    operation(action, { changes: true, roles: ["approver"], target: versionTarget, detail: kindDetail }, async (exchange, operator, body) => {
      const view = await exchange.ctx.call<TemplateView, object>(action, { ...named(exchange, body), ...taken(body, "from"), operator }, CHANGE);
      return { message: said(view), data: view };
    });

  return routes("templates", "/api/admin/v1", {
    "GET templates": reading("templates.list", "查询成功", "template.list", ({ req }) => ({ ...paging(req), ...optional(req, "kind"), ...optional(req, "code"), ...optional(req, "state") })),
    "GET templates/coverage": reading("templates.coverage", "查询成功", "template.coverage", () => ({})),
    "GET templates/variables": reading("templates.variables", "查询成功", "template.variables", ({ req }) => optional(req, "kind")),
    "GET templates/:code/:version": reading("templates.show", "查询成功", "template.get", queried),
    "GET templates/:code/:version/diff": reading("template.diff", "查询成功", "template.diff", (exchange) => ({ ...queried(exchange), ...against(exchange.req) })),
    "POST templates": writing("template.submit", { changes: "reason-optional", roles: ["author"] }, async ({ ctx }, operator: Operator, body) => ({
      message: "已提交，等待另一人审批",
      data: await ctx.call("template.submit", { ...submission(body), operator }, CHANGE),
    })),
    "POST templates/lint": writing("template.lint", { roles: ["author", "approver"], untraced: true }, async ({ ctx }, _operator, body) => ({ message: "未发现问题", data: await ctx.call("template.lint", submission(body), READ) })),
    "POST templates/preview": writing("template.preview", { roles: ["author"] }, async ({ ctx }, _operator, body) => ({
      message: "已生成预览",
      data: await ctx.call("template.previewDraft", { ...submission(body), ...taken(body, "format", "sample") }, PREVIEW),
    })),
    "POST templates/:code/:version/preview": operation("template.preview", { body: true, target: versionTarget, detail: kindDetail }, async (exchange, _operator, body) => ({
      message: "已生成预览",
      data: await exchange.ctx.call("template.preview", { ...named(exchange, body), ...taken(body, "format", "sample") }, PREVIEW),
    })),
    "POST templates/:code/:version/approve": deciding("template.approve", () => "已批准，尚未启用"),
    "POST templates/:code/:version/reject": deciding("template.reject", () => "已退回"),
    "POST templates/:code/:version/activate": deciding("template.activate", ({ state }) => (state === "SCHEDULED" ? "已安排启用，届时自动生效" : "已启用，新流程自此使用该版本")),
    "POST templates/:code/:version/deactivate": deciding("template.deactivate", () => "已停用"),
  });
}

const TEXT_FIELDS = ["kind", "code", "content", "scene", "processType", "signerType", "name", "h5", "fundPurpose", "accountType"] as const;
const submission = (body: Body): Body => taken(body, ...TEXT_FIELDS);

/** What was sent under these names; null is as good as absent. @throws PARAM_INVALID for what is no text */
function taken(body: Body, ...names: string[]): Body {
  const given = names.filter((name) => body[name] !== undefined && body[name] !== null);
  const wrong = given.filter((name) => typeof body[name] !== "string");
  if (wrong.length) throw failure("PARAM_INVALID", { errors: wrong.map((field) => ({ field, message: "类型不正确，应为 string" })) });
  return Object.fromEntries(given.map((name) => [name, body[name]]));
}

/** @throws NOT_FOUND for what is no number of a version */
function versionOf({ params }: Exchange): { code: string; version: number } {
  const { code = "", version = "" } = params;
  if (!CODE.test(code) || !/^[1-9]\d{0,8}$/.test(version)) throw failure("NOT_FOUND", { message: "模板版本不存在" });
  return { code, version: Number(version) };
}
const named = (exchange: Exchange, body: Body): object => ({ ...versionOf(exchange), ...taken(body, "kind") });
const queried = (exchange: Exchange): object => ({ ...versionOf(exchange), ...optional(exchange.req, "kind") });

function against(req: GatewayRequest): { against?: number } {
  const given = optional(req, "against")["against"];
  if (given === undefined) return {};
  if (!/^[1-9]\d{0,8}$/.test(given)) throw badField("against", "应为版本号");
  return { against: Number(given) };
}

const CODE = /^[A-Z][A-Z0-9_]{0,31}$/;
const KIND_WORDS: readonly unknown[] = ["PROTOCOL", "SMS", "H5"];
const versionTarget = ({ params: { code, version } }: Exchange): string | null => (code !== undefined && CODE.test(code) && /^\d{1,9}$/.test(version ?? "") ? `${code}.${version}` : null);
const codeTarget = (_exchange: Exchange, { code }: Body): string | null => (typeof code === "string" && CODE.test(code) ? code : null);
const kindDetail = ({ kind }: Body): string | null => (KIND_WORDS.includes(kind) ? (kind as string) : null);
