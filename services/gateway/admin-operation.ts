import { failure, type FieldError } from "../../contract/errors.ts";
import { reasonFault, type AdminRole, type Operator } from "../../contract/operator.ts";
import type { AdminAuthentication, Administrator } from "./admin-authentication.ts";
import { audited, type Audit } from "./audit.ts";
import { header, queryValue, type Endpoint, type Exchange, type GatewayRequest } from "./exchange.ts";
import { BODY_LIMIT, parseBody, readBody } from "./request-body.ts";

/** What every route of the administration is made with. */
export interface AdminParts {
  authenticate: AdminAuthentication;
  addressOf(req: GatewayRequest): string;
  audit: Audit;
}

/** What a route asks of whoever calls. */
export interface Guard {
  /** One of these; absent: any role will do. */
  roles?: readonly AdminRole[];
  /**
   * It changes something: a body with a good `reason` is demanded. `"reason-optional"` for a draft that changes nothing for
   * anybody yet: a reason is kept where one is given. Absent or false: nothing is changed.
   */
  changes?: boolean | "reason-optional";
  /** Reads a body although nothing is changed (a preview of unsaved words); implied by `changes`. */
  body?: boolean;
  /** It only judges the caller's own words, as the editor asks at each pause in typing: an entry for each would bury the audit. What is refused is written down all the same. */
  untraced?: boolean;
  /** Bytes a body may have; `BODY_LIMIT` (64 kB) by default. */
  bodyLimit?: number;
  /** What it is about, for the audit, where the path's `:id` or `:eventId` or the query's `q` or `target` does not say it. `body` is `{}` where none was read or it was no object. */
  target?(exchange: Exchange, body: Record<string, unknown>): string | null;
  /** What of the target it is about, for the audit: a word of our own, never what was sent. */
  detail?(body: Record<string, unknown>): string | null;
}

/** Does what was asked. `operator.reason` is empty where none was given; `body` is the parsed object, `{}` for a route without one. */
export type AdminHandle = (exchange: Exchange, operator: Operator, body: Record<string, unknown>, who: Administrator) => Promise<{ message: string; data?: unknown }>;

/** Makes the endpoint of one operation. */
export type OperationGuard = (action: string, guard: Guard, handle: AdminHandle) => Endpoint;

/**
 * The one door of the administration (CONTRACT.md §2.5): proves who calls and leaves a trace of it before anything is done, of a
 * refused call too; then role and reason are judged. What changes something needs a reason.
 * @throws ADMIN_UNAUTHORIZED, RATE_LIMITED, ADMIN_FORBIDDEN, PAYLOAD_TOO_LARGE, PARAM_INVALID, and whatever `handle` throws
 */
export function adminOperation(parts: AdminParts): OperationGuard {
  return (action, guard, handle) => async (exchange) => {
    const { req, params } = exchange;
    // Before anything is waited for: a connection that has been reset meanwhile has no address any more.
    const address = parts.addressOf(req);
    const who = await parts.authenticate(header(req, "authorization"), address);
    const given = guard.changes || guard.body ? await bodyOf(req, guard) : NOTHING;
    const target = guard.target?.(exchange, given.body) ?? params["id"] ?? params["eventId"] ?? queryValue(req, "q") ?? queryValue(req, "target");
    const call = { name: who.name, via: "ADMIN_API", action, target, detail: guard.detail?.(given.body) ?? null, reason: given.reason, address, session: who.session && who.session._id.slice(0, SESSION_SHOWN) } as const;
    const allowed = !guard.roles || guard.roles.some((role) => who.roles.includes(role));
    if (guard.untraced && allowed && !given.error) return handle(exchange, { id: "", name: who.name, via: "ADMIN_API", reason: "" }, given.body, who);
    return audited(parts.audit, call, async (id) => {
      if (!allowed) throw failure("ADMIN_FORBIDDEN");
      if (given.error) throw given.error;
      return handle(exchange, { id, name: who.name, via: "ADMIN_API", reason: given.reason ?? "" }, given.body, who);
    });
  };
}

/** Hex digits of a session's id by which the audit tells sessions of one name apart. */
const SESSION_SHOWN = 12;

interface Given {
  body: Record<string, unknown>;
  /** A good one. */
  reason: string | null;
  error: Error | null;
}
const NOTHING: Given = { body: {}, reason: null, error: null };

/** Never throws: a bad body is refused after it has been written down who sent it. */
async function bodyOf(req: GatewayRequest, { changes, bodyLimit = BODY_LIMIT }: Guard): Promise<Given> {
  let body: Record<string, unknown>;
  try {
    body = parseBody(req, await readBody(req, bodyLimit));
  } catch (error) {
    return { ...NOTHING, error: error as Error };
  }
  const { reason } = body;
  const absent = reason === undefined || reason === null || reason === "";
  if (!changes || (changes === "reason-optional" && absent)) return { body, reason: null, error: null };
  const fault = reasonFault(reason);
  return fault === null ? { body, reason: reason as string, error: null } : { body, reason: null, error: invalid([{ field: "reason", message: fault }]) };
}

const invalid = (errors: FieldError[]): Error => failure("PARAM_INVALID", { errors });
