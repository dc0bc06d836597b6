import type { SigningEvent } from "../../contract/events.ts";
import type { Operator } from "../../contract/operator.ts";
import type { PageParams } from "../../contract/paging.ts";

/** `notifier.record`: durably takes over an event, idempotent under `eventId`; then broadcasts and delivers it. The first body stays. */
export interface RecordParams {
  event: SigningEvent;
  systemCode: string;
  businessId: string;
  callbackUrl: string;
}

/** `notifier.events`: the caller's events in order (CONTRACT.md §2). */
export interface EventsParams {
  systemCode: string;
  after?: string;
  limit?: number;
}
export interface EventPage {
  events: SigningEvent[];
  next: string;
}

/** `notifier.deliveries`: for operators. */
export interface DeliveryListParams extends PageParams {
  state?: string;
  processId?: string;
}
/** A delivery as an operator sees it (CONTRACT.md §2.5). */
export interface DeliveryView {
  eventId: string;
  processId: string;
  state: "PENDING" | "DELIVERED" | "PARKED";
  attempts: { at: string; outcome: string; status: number | null }[];
  /** ISO time; null when no more tries will be made by themselves. */
  nextAt: string | null;
  /** ISO time. */
  createdAt: string;
  systemCode: string;
  businessId: string;
  /** Where it goes, without what a wallet may have put into path and query. */
  host: string;
  requestId: string | null;
  processType: string | null;
  scene: string | null;
  /** COMPLETED, FAILED or EXPIRED. */
  processStatus: string | null;
  failureCode: string | null;
  payerMerchantNo: string | null;
  payeeMerchantNo: string | null;
}
/** `notifier.replayByOperator`: as `notifier.replay`, with who and why in the chain of the process. */
export interface OperatorReplay {
  eventId: string;
  operator: Operator;
}
export interface Replayed {
  /** False when the event is still being tried: then nothing was changed. */
  replayed: boolean;
  delivery: DeliveryView;
}
