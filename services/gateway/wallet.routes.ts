import { failure } from "../../contract/errors.ts";
import type { Bundle } from "../evidence/evidence.api.ts";
import type { EventPage, EventsParams } from "../notifier/notifier.api.ts";
import { queryValue, routes, type Endpoint, type GatewayRequest } from "./exchange.ts";
import { walletCall, type WalletParts } from "./wallet-call.ts";

// Each waits longer than what it calls: three tries of an SMS take 7 s, `sms.send` 8 s.
const INITIATE = { timeout: 10_000 };
const READ = { timeout: 5_000 };
const EXPORT = { timeout: 30_000 };

/** What the wallet calls (§2.1.1, §2.1.2, §2.1.4). */
export function walletRoutes(parts: WalletParts): Record<string, unknown> {
  const initiate: Endpoint = async (exchange) => {
    const call = await walletCall(parts, exchange);
    return { message: "签约流程已发起", data: await exchange.ctx.call("process.initiate", call, INITIATE) };
  };

  const query: Endpoint = async (exchange) => {
    const { systemCode } = await walletCall(parts, exchange);
    const { processId } = exchange.params;
    return { message: "查询成功", data: await exchange.ctx.call("process.get", { systemCode, processId }, READ) };
  };

  const cancel: Endpoint = async (exchange) => {
    const { systemCode, body } = await walletCall(parts, exchange);
    const { processId } = exchange.params;
    return { message: "签约流程已取消", data: await exchange.ctx.call("process.cancel", { systemCode, processId, reason: body["reason"] }, INITIATE) };
  };

  const resend: Endpoint = async (exchange) => {
    const { systemCode } = await walletCall(parts, exchange);
    const { processId } = exchange.params;
    return { message: "短信已重新发送", data: await exchange.ctx.call("process.resend", { systemCode, processId }, INITIATE) };
  };

  const evidence: Endpoint = async (exchange) => {
    const { systemCode } = await walletCall(parts, exchange);
    const { processId } = exchange.params;
    const view = viewOf(exchange.req.originalUrl, queryValue(exchange.req, "view"));
    const bundle: Bundle = await exchange.ctx.call("evidence.export", { systemCode, processId, ...view }, EXPORT);
    return {
      body: Buffer.from(bundle.base64, "base64"),
      type: "application/zip",
      headers: { "Content-Disposition": `attachment; filename="${bundle.fileName.replace(/[^A-Za-z0-9_.-]/g, "_")}"` },
    };
  };

  const events: Endpoint = async (exchange) => {
    const { systemCode } = await walletCall(parts, exchange);
    const after = optionalQuery(exchange.req, "after");
    const limit = optionalQuery(exchange.req, "limit");
    // What is no plain number is none to the notifier either, which knows the limits.
    const params = { systemCode, ...(after && { after }), ...(limit && { limit: /^\d{1,9}$/.test(limit) ? Number(limit) : NaN }) };
    return { message: "查询成功", data: await exchange.ctx.call<EventPage, EventsParams>("notifier.events", params, READ) };
  };

  return routes("wallet", "/api/v1", {
    "POST esign/process/initiate": initiate,
    "POST notification/sms/send": initiate,
    "GET esign/events": events,
    "GET esign/process/:processId": query,
    "POST esign/process/:processId/cancel": cancel,
    "POST esign/process/:processId/sms/resend": resend,
    "GET esign/process/:processId/evidence": evidence,
  });
}

/** A value of the query; empty is absent. @throws PARAM_INVALID when it stands there twice */
function optionalQuery(req: GatewayRequest, name: string): string | undefined {
  const value = queryValue(req, name);
  const given = value !== null || new RegExp(`[?&]${name}(=|&|$)`).test(req.originalUrl);
  if (value === null && given) throw failure("PARAM_INVALID", { errors: [{ field: name, message: "只能出现一次" }] });
  return value || undefined;
}

function viewOf(target: string, view: string | null): { view?: "redacted" } {
  if (view === "redacted") return { view };
  if (view === null && !/[?&]view(=|&|$)/.test(target)) return {};
  throw failure("PARAM_INVALID", { errors: [{ field: "view", message: "只支持 redacted" }] });
}
