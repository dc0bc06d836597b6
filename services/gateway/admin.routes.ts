import { failure, type FieldError } from "../../contract/errors.ts";
import { reasonFault, type Operator } from "../../contract/operator.ts";
import { badField } from "../../contract/paging.ts";
import type { Replayed } from "../notifier/notifier.api.ts";
import { audited, auditPage, type Audit } from "./audit.ts";
import type { AdminAuthentication } from "./admin-authentication.ts";
import { header, queryValue, routes, type Endpoint, type Exchange, type GatewayRequest } from "./exchange.ts";
import { parseBody, readBody } from "./request-body.ts";

export interface AdminParts {
  authenticate: AdminAuthentication;
  addressOf(req: GatewayRequest): string;
  audit: Audit;
}
type Handle = (exchange: Exchange, operator: Operator) => Promise<{ message: string; data: unknown }>;

const READ = { timeout: 8_000 };
const CHANGE = { timeout: 12_000 };

/** The administration (CONTRACT.md §2.5): whoever calls is named in the audit before anything is done. */
export function adminRoutes(parts: AdminParts): Record<string, unknown> {
  /** Proves who calls and leaves a trace of it, a refused call too; what changes something needs a reason. */
  const operation = (action: string, changes: boolean, handle: Handle): Endpoint => async (exchange) => {
    const { req, params } = exchange;
    // Before anything is waited for: a connection that has been reset meanwhile has no address any more.
    const address = parts.addressOf(req);
    const name = await parts.authenticate(header(req, "authorization"), address);
    const body = changes ? await readBody(req) : null;
    const given = body && reasonOf(req, body);
    const target = params["id"] ?? params["eventId"] ?? queryValue(req, "q") ?? queryValue(req, "target");
    const call = { name, via: "ADMIN_API", action, target, reason: given?.reason ?? null, address } as const;
    return audited(parts.audit, call, (id) => {
      if (given?.error) throw given.error;
      return handle(exchange, { id, name, via: "ADMIN_API", reason: given?.reason ?? "" });
    });
  };
  const reading = (action: string, handle: Handle) => operation(action, false, handle);
  const changing = (action: string, handle: Handle) => operation(action, true, handle);

  return routes("admin", "/api/admin/v1", {
    "GET processes": reading("processes.list", async ({ req, ctx }) => ({ message: "查询成功", data: await ctx.call("process.list", processList(req), READ) })),
    "GET processes/:id": reading("process.show", async ({ ctx, params }) => ({ message: "查询成功", data: await ctx.call("process.inspect", { processId: params["id"] }, READ) })),
    "POST processes/:id/retry": changing("process.retry", async ({ ctx, params }, operator) => {
      const { retried, process } = await ctx.call<{ retried: boolean; process: unknown }, object>("process.retry", { processId: params["id"], operator }, CHANGE);
      return { message: retried ? "已立即重试" : "没有需要重试的事项，未作更改", data: process };
    }),
    "GET deliveries": reading("deliveries.list", async ({ req, ctx }) => ({ message: "查询成功", data: await ctx.call("notifier.deliveries", deliveryList(req), READ) })),
    "POST deliveries/:eventId/replay": changing("delivery.replay", async ({ ctx, params }, operator) => {
      const { replayed, delivery } = await ctx.call<Replayed, object>("notifier.replayByOperator", { eventId: params["eventId"], operator }, CHANGE);
      return { message: replayed ? "已安排重新回调" : "该回调仍在自动重试，未作更改", data: delivery };
    }),
    "GET audit": reading("audit.list", async ({ req }) => ({ message: "查询成功", data: await auditPage(parts.audit, { ...paging(req), ...optional(req, "target") }) })),
  });
}

function reasonOf(req: GatewayRequest, raw: Buffer): { reason: string | null; error: Error | null } {
  try {
    const { reason } = parseBody(req, raw);
    const fault = reasonFault(reason);
    return fault === null ? { reason: reason as string, error: null } : { reason: null, error: invalid([{ field: "reason", message: fault }]) };
  } catch (error) {
    return { reason: null, error: error as Error };
  }
}

function processList(req: GatewayRequest): Record<string, unknown> {
  const stuck = optional(req, "stuck")["stuck"];
  if (stuck !== undefined && stuck !== "true" && stuck !== "false") throw badField("stuck", "取值不正确，可选值：true、false");
  return { ...paging(req), ...optional(req, "q"), stuck: stuck === "true" };
}

const deliveryList = (req: GatewayRequest): Record<string, unknown> => ({ ...paging(req), ...optional(req, "state"), ...optional(req, "processId") });

function paging(req: GatewayRequest): { after?: string; limit?: number } {
  const { limit } = optional(req, "limit");
  // What is no number is refused by whoever keeps the list, like a number that is too large.
  return { ...optional(req, "after"), ...(limit === undefined ? {} : { limit: /^\d{1,6}$/.test(limit) ? Number(limit) : NaN }) };
}

/** The parameter as an object's member; absent when it is absent or empty. @throws PARAM_INVALID when it stands there twice */
function optional(req: GatewayRequest, name: string): Record<string, string> {
  const value = queryValue(req, name);
  if (value === null && new RegExp(`[?&]${name}(=|&|$)`).test(req.originalUrl)) throw badField(name, "只能出现一次");
  return value ? { [name]: value } : {};
}

const invalid = (errors: FieldError[]): Error => failure("PARAM_INVALID", { errors });
