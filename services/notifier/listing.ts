import type { SigningEvent } from "../../contract/events.ts";
import { badField, cursorAt, pageLimit, readCursor, type Page } from "../../contract/paging.ts";
import { isoOrNull, isoSeconds } from "../../contract/time.ts";
import type { DeliveryRecord } from "./delivery.model.ts";
import type { DeliveryListParams, DeliveryView } from "./notifier.api.ts";
import type { Notifier } from "./notifier.ts";
import type { SigningEventRecord } from "./signing-event.model.ts";

const STATES: readonly unknown[] = ["PENDING", "DELIVERED", "PARKED"];
const EVENT_ID = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A delivery for an operator: what is told to whom, and how the tries went. Of the address the host only: a wallet may have put a key of
 * its own into the rest. The event's payload has no personal data (CONTRACT.md §3.3).
 */
export function deliveryView({ _id, processId, systemCode, businessId, state, attempts, nextAt, callbackUrl, createdAt }: DeliveryRecord, event: SigningEventRecord | null): DeliveryView {
  const told = event ? (JSON.parse(event.body) as SigningEvent).payload : null;
  return {
    eventId: _id,
    processId,
    state,
    attempts: attempts.map(({ at, outcome, status }) => ({ at, outcome, status })),
    nextAt: isoOrNull(nextAt),
    createdAt: isoSeconds(createdAt),
    systemCode,
    businessId,
    host: new URL(callbackUrl).host,
    requestId: told?.requestId ?? null,
    processType: told?.processType ?? null,
    scene: told?.scene ?? null,
    processStatus: told?.processStatus ?? told?.status ?? null,
    failureCode: told?.failureCode ?? null,
    payerMerchantNo: told?.payerMerchantNo ?? null,
    payeeMerchantNo: told?.payeeMerchantNo ?? null,
  };
}

/** With what their events say, read in one query. */
async function viewsOf(notifier: Notifier, rows: readonly DeliveryRecord[]): Promise<DeliveryView[]> {
  const events = rows.length ? await notifier.collections.events.find({ _id: { $in: rows.map(({ _id }) => _id) } }) : [];
  const byId = new Map(events.map((event) => [event._id, event]));
  return rows.map((row) => deliveryView(row, byId.get(row._id) ?? null));
}

/**
 * Deliveries for an operator: of one state in the order in which they came, of one process, or all, the youngest day first.
 * @throws PARAM_INVALID for an unknown state, a bad cursor or limit
 */
export async function deliveries(notifier: Notifier, params: DeliveryListParams): Promise<Page<DeliveryView>> {
  const limit = pageLimit(params.limit);
  const { state, processId } = params;
  if (state !== undefined && !STATES.includes(state)) throw badField("state", `取值不正确，可选值：${STATES.join("、")}`);
  const found = processId !== undefined ? await ofProcess(notifier, processId, state) : state !== undefined ? await ofState(notifier, state, params.after, limit) : await all(notifier, params.after, limit);
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  const next = found.length > limit ? (state === undefined ? cursorAt(last!._id) : cursorAt(last!.createdAt.getTime(), last!._id)) : null;
  return { items: await viewsOf(notifier, rows), next };
}

/** A process has one outcome, so one delivery. */
async function ofProcess(notifier: Notifier, processId: unknown, state: string | undefined): Promise<DeliveryRecord[]> {
  if (typeof processId !== "string") throw badField("processId", "类型不正确，应为 string");
  const event = await notifier.collections.events.findOne({ processId });
  const delivery = event && (await notifier.collections.deliveries.get(event._id));
  return delivery && (state === undefined || delivery.state === state) ? [delivery] : [];
}

async function ofState(notifier: Notifier, state: string, after: string | undefined, limit: number): Promise<DeliveryRecord[]> {
  const from = readCursor(after, /^\d{1,14}$/, EVENT_ID);
  const records = notifier.collections.deliveries;
  const start = new Date(from ? Number(from[0]) : 0);
  // Several may share a millisecond: first the rest of the cursor's own one, then the later ones.
  const found = from ? await records.find({ state, createdAt: start, _id: { $gt: from[1]! } }, { sort: ["_id"], limit: limit + 1 }) : [];
  if (found.length <= limit) found.push(...(await records.find({ state, createdAt: { $gt: start } }, { sort: ["createdAt", "_id"], limit: limit + 1 - found.length })));
  return found;
}

function all(notifier: Notifier, after: string | undefined, limit: number): Promise<DeliveryRecord[]> {
  const from = readCursor(after, EVENT_ID);
  return notifier.collections.deliveries.find(from ? { _id: { $lt: from[0]! } } : {}, { sort: ["-_id"], limit: limit + 1 });
}
