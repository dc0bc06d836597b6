import { DOCUMENT_KINDS, oneOf, REVEALABLE } from "../../contract/disclosure.ts";
import { maskName } from "../../contract/mask.ts";
import { badField } from "../../contract/paging.ts";
import type { Replayed } from "../notifier/notifier.api.ts";
import { adminOperation, type AdminHandle, type AdminParts, type Guard } from "./admin-operation.ts";
import { auditPage } from "./audit.ts";
import { withinAuditLimit } from "./audit-limit.ts";
import { optional, paging } from "./admin-query.ts";
import { queryValue, routes, type Exchange, type GatewayRequest } from "./exchange.ts";

const READ = { timeout: 8_000 };
const CHANGE = { timeout: 12_000 };
/** A bundle with its PDF (timeouts nest). */
const HAND_OVER = { timeout: 28_000 };
/** Personal data in full: by name, for a reason, and so often only. */
const DISCLOSING: Guard = { changes: true, roles: ["operator", "auditor"] };

/** The administration of processes and deliveries, and its own trace (CONTRACT.md §2.5). */
export function adminRoutes(parts: AdminParts): Record<string, unknown> {
  const operation = adminOperation(parts);
  const reading = (action: string, handle: AdminHandle) => operation(action, {}, handle);
  const operating = (action: string, handle: AdminHandle) => operation(action, { changes: true, roles: ["operator"] }, handle);

  return routes("admin", "/api/admin/v1", {
    "GET processes": operation("processes.list", { target: searched }, async ({ req, ctx }) => ({ message: "查询成功", data: await ctx.call("process.list", processList(req), READ) })),
    "GET processes/:id": reading("process.show", async ({ ctx, params }) => ({ message: "查询成功", data: await ctx.call("process.inspect", { processId: params["id"] }, READ) })),
    "POST processes/:id/retry": operating("process.retry", async ({ ctx, params }, operator) => {
      const { retried, process } = await ctx.call<{ retried: boolean; process: unknown }, object>("process.retry", { processId: params["id"], operator }, CHANGE);
      return { message: retried ? "已立即重试" : "没有需要重试的事项，未作更改", data: process };
    }),
    "POST processes/:id/reveal": operation("process.reveal", { ...DISCLOSING, detail: ({ field }) => oneOf(REVEALABLE, field) }, async ({ ctx, params }, operator, { field }) => {
      await withinAuditLimit(parts.audit, operator.name, "process.reveal");
      return { message: "已记录并显示", data: await ctx.call("process.reveal", { processId: params["id"], field, operator }, CHANGE) };
    }),
    "POST processes/:id/documents": operation("process.handOver", { ...DISCLOSING, detail: ({ kind }) => oneOf(DOCUMENT_KINDS, kind) }, async ({ ctx, params }, operator, { kind }) => {
      await withinAuditLimit(parts.audit, operator.name, "process.handOver");
      return { message: "已记录并取出", data: await ctx.call("process.handOver", { processId: params["id"], kind, operator }, HAND_OVER) };
    }),
    "GET deliveries": reading("deliveries.list", async ({ req, ctx }) => ({ message: "查询成功", data: await ctx.call("notifier.deliveries", deliveryList(req), READ) })),
    "POST deliveries/:eventId/replay": operating("delivery.replay", async ({ ctx, params }, operator) => {
      const { replayed, delivery } = await ctx.call<Replayed, object>("notifier.replayByOperator", { eventId: params["eventId"], operator }, CHANGE);
      return { message: replayed ? "已安排重新回调" : "该回调仍在自动重试，未作更改", data: delivery };
    }),
    "GET audit": operation("audit.list", { roles: ["auditor"] }, async ({ req }) => ({ message: "查询成功", data: await auditPage(parts.audit, { ...paging(req), ...optional(req, "target"), ...optional(req, "name") }) })),
  });
}

/** What is no id or number may be a person's name, in whatever letters: the audit keeps its first letter. */
function searched({ req }: Exchange): string | null {
  const q = queryValue(req, "q");
  return q === null || /^[A-Za-z0-9_-]{1,64}$/.test(q) ? q : maskName(q);
}

function processList(req: GatewayRequest): Record<string, unknown> {
  const stuck = optional(req, "stuck")["stuck"];
  if (stuck !== undefined && stuck !== "true" && stuck !== "false") throw badField("stuck", "取值不正确，可选值：true、false");
  return { ...paging(req), ...optional(req, "q"), stuck: stuck === "true" };
}

const deliveryList = (req: GatewayRequest): Record<string, unknown> => ({ ...paging(req), ...optional(req, "state"), ...optional(req, "processId") });
