import type { SigningEvent } from "../../contract/events.ts";

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
