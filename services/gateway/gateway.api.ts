import type { PageParams } from "../../contract/paging.ts";

/** `gateway.beginAudit`: what an operator is about to do; answers the operation's id. `gateway.endAudit {id, outcome}` closes it. */
export interface AuditedCall {
  name: string;
  via: "ADMIN_API" | "CONSOLE";
  action: string;
  target: string | null;
  /** What of the target, where that matters: a word of ours, never a value. */
  detail?: string | null;
  reason: string | null;
  address: string | null;
  /** The beginning of the session's id; null or absent without one. */
  session?: string | null;
}
export interface AuditListParams extends PageParams {
  target?: string;
  name?: string;
}
/** One entry of the audit; times are ISO. `outcome` is null while the call runs, and for good when the node died over it. */
export interface AuditEntry extends AuditedCall {
  id: string;
  at: string;
  outcome: string | null;
  endedAt: string | null;
}
