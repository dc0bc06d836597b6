import { failure } from "../../contract/errors.ts";
import type { SigningEvent } from "../../contract/events.ts";
import { clock } from "../../mixins/clock.ts";
import { amend } from "../../mixins/amend.ts";
import type { DeliveryRecord } from "./delivery.model.ts";
import type { EventPage, EventsParams } from "./notifier.api.ts";
import type { Notifier } from "./notifier.ts";

/** A place in the feed is a time that was read before it was stored: the youngest are held back, so that a cursor never skips one that is still being written. */
const HELD_BACK = 2_000;
/** Whoever took longer to store a place takes a new one. The rest of HELD_BACK is for clocks that differ. */
const STORED_WITHIN = 1_000;
const DEFAULT_LIMIT = 50;
const HIGHEST_LIMIT = 100;

interface Position {
  createdAt: number;
  eventId: string;
}
const START: Position = { createdAt: 0, eventId: "" };

/**
 * Sees to it that no reader has passed the place of this event. A slow database or a paused node may have stored it long after its
 * time was read; then it moves to now, and who has read it already reads it twice.
 */
export async function placeInFeed({ collections: { deliveries } }: Notifier, delivery: DeliveryRecord): Promise<void> {
  const late = ({ createdAt }: DeliveryRecord): boolean => clock.now() - createdAt.getTime() > STORED_WITHIN;
  let placed = delivery;
  while (late(placed)) {
    const moved = await amend(deliveries, placed._id, (present) => (late(present) ? { ...present, createdAt: new Date(clock.now()) } : null));
    placed = moved!.doc;
  }
}

/**
 * One page of the caller's events in the order in which they were handed to delivery (CONTRACT.md §2).
 * @throws PARAM_INVALID for a bad cursor or limit
 */
export async function eventsAfter(notifier: Notifier, { systemCode, after, limit = DEFAULT_LIMIT }: EventsParams): Promise<EventPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > HIGHEST_LIMIT) throw invalid("limit", `必须是 1 至 ${HIGHEST_LIMIT} 的整数`);
  const from = after ? readCursor(after) : START;
  const { events, deliveries } = notifier.collections;
  const horizon = new Date(clock.now() - HELD_BACK);
  // Several may share a millisecond: first the rest of the cursor's own one, then the later ones.
  const sameTime = { systemCode, createdAt: new Date(from.createdAt), _id: { $gt: from.eventId } };
  const found: DeliveryRecord[] = from === START ? [] : await deliveries.find(sameTime, { sort: ["_id"], limit });
  if (found.length < limit) {
    const later = { systemCode, createdAt: { $gt: new Date(from.createdAt), $lte: horizon } };
    found.push(...(await deliveries.find(later, { sort: ["createdAt", "_id"], limit: limit - found.length })));
  }
  const stored = found.length ? await events.find({ _id: { $in: found.map(({ _id }) => _id) } }) : [];
  const bodies = new Map(stored.map(({ _id, body }) => [_id, body]));
  const last = found.at(-1);
  return {
    events: found.map(({ _id }) => JSON.parse(bodies.get(_id)!) as SigningEvent),
    next: last ? cursorAt({ createdAt: last.createdAt.getTime(), eventId: last._id }) : (after ?? cursorAt(START)),
  };
}

const cursorAt = ({ createdAt, eventId }: Position): string => Buffer.from(`${createdAt}.${eventId}`).toString("base64url");

function readCursor(cursor: string): Position {
  const match = /^(\d{1,14})\.([A-Z0-9_]{0,32})$/.exec(Buffer.from(cursor, "base64url").toString());
  const position = match && { createdAt: Number(match[1]), eventId: match[2]! };
  // Only what `cursorAt` has written is a cursor; base64url decoding would forgive a lot.
  if (!position || cursorAt(position) !== cursor) throw invalid("after", "游标无效");
  return position;
}

const invalid = (field: string, message: string) => failure("PARAM_INVALID", { errors: [{ field, message }] });
