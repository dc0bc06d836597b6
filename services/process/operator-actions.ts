import type { Context } from "moleculer";
import { handOver, reveal } from "./disclosing.ts";
import { cancel, list, retry, type OperatorDesk } from "./operating.ts";
import { detail } from "./operator-detail.ts";
import type { DocumentCall, OperatorCall, ProcessListParams, RevealCall } from "./process.api.ts";

interface AtDesk {
  desk: OperatorDesk;
}

/** The process service's actions for operators (CONTRACT.md §2.5). Who may call them, and that it is in the audit, is the gateway's to see to. */
export const operatorActions = {
  list(this: AtDesk, ctx: Context<ProcessListParams>) {
    return list(this.desk, ctx.params);
  },
  inspect(this: AtDesk, ctx: Context<{ processId: string }>) {
    return detail(this.desk, ctx.params.processId);
  },
  retry(this: AtDesk, ctx: Context<OperatorCall>) {
    return retry(this.desk, ctx.params);
  },
  cancelByOperator(this: AtDesk, ctx: Context<OperatorCall>) {
    return cancel(this.desk, ctx.params);
  },
  reveal(this: AtDesk, ctx: Context<RevealCall>) {
    return reveal(this.desk, ctx.params);
  },
  handOver(this: AtDesk, ctx: Context<DocumentCall>) {
    return handOver(this.desk, ctx.params);
  },
};
