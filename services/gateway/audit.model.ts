import type { Doc, Model } from "../../mixins/collection-types.ts";

/** One call of an operator, whatever became of it; `_id` is the operation's id, under which it stands in the chain of the process too. */
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
  /** `SUCCESS` or the code of the refusal; null while it runs, and for good when the node died over it. */
  outcome: string | null;
  endedAt: Date | null;
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
    outcome: "string",
    endedAt: "date",
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
