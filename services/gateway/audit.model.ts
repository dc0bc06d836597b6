import type { Doc, Model } from "../../mixins/collection-types.ts";

/** One call of an operator, written before anything is done and never changed; `_id` is the operation's id, under which it stands in the chain of the process too. */
export interface AuditRecord extends Doc {
  at: Date;
  /** The admin key's name, or what the console was given with `--by`. */
  name: string;
  via: "ADMIN_API" | "CONSOLE";
  /** `process.retry`, `deliveries.list`, … */
  action: string;
  /** Which process, delivery or search. */
  target: string | null;
  /** What of it, where that matters: the field that was revealed, the kind of document. A word of ours, never a value; absent in entries of before there was one. */
  detail?: string | null;
  reason: string | null;
  /** The client's address; null for the console. */
  address: string | null;
  /** Which session of that name it was: the beginning of its id, which is no token. Null for the key itself, the console, and in older entries absent. */
  session?: string | null;
}
/** What became of a call: a row of its own under the same `_id`, so that nothing in the trail is ever changed. Absent while it runs, and for good when the node died over it. */
export interface AuditEnd extends Doc {
  /** `SUCCESS` or the code of the refusal. */
  outcome: string;
  at: Date;
}

export const auditModel: Model = {
  name: "admin_audit",
  fields: {
    at: "date",
    name: "string",
    via: "string",
    action: "string",
    target: "string",
    detail: "string",
    reason: "string",
    address: "string",
    session: "string",
  },
  indexes: [
    { fields: ["at", "_id"] },
    { fields: ["target", "at", "_id"] },
    { fields: ["name", "at", "_id"] },
    { fields: ["target", "name", "at", "_id"] },
    // How often somebody has done this lately (audit-limit.ts).
    { fields: ["name", "action", "at", "_id"] },
  ],
};

export const auditEndModel: Model = { name: "admin_audit_end", fields: { outcome: "string", at: "date" }, indexes: [] };
