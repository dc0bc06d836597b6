import { failure } from "../../contract/errors.ts";
import type { SigningEvent } from "../../contract/events.ts";
import { clock } from "../../mixins/clock.ts";
import type { EventPage, EventsParams } from "./notifier.api.ts";
import type { Notifier } from "./notifier.ts";
import type { SigningEventRecord } from "./signing-event.model.ts";

/** An event is stamped before it is durable: the youngest are held back, so that a cursor never skips one that is still being written. */
const HELD_BACK = 2_000;
const DEFAULT_LIMIT = 50;
const HIGHEST_LIMIT = 100;

interface Position {
  recordedAt: number;
  eventId: string;
}
const START: Position = { recordedAt: 0, eventId: "" };

/**
 * One page of the caller's events in the order they were recorded (CONTRACT.md §2).
 * @throws PARAM_INVALID for a bad cursor or limit
 */
export async function eventsAfter(notifier: Notifier, { systemCode, after, limit = DEFAULT_LIMIT }: EventsParams): Promise<EventPage> {
  if (!Number.isInteger(limit) || limit < 1 || limit > HIGHEST_LIMIT) throw invalid("limit", `必须是 1 至 ${HIGHEST_LIMIT} 的整数`);
  const from = after ? readCursor(after) : START;
  const { events } = notifier.collections;
  const horizon = new Date(clock.now() - HELD_BACK);
  // Several may share a millisecond: first the rest of the cursor's own one, then the later ones.
  const sameTime = { systemCode, recordedAt: new Date(from.recordedAt), _id: { $gt: from.eventId } };
  const found: SigningEventRecord[] = from === START ? [] : await events.find(sameTime, { sort: ["_id"], limit });
  if (found.length < limit) {
    const later = { systemCode, recordedAt: { $gt: new Date(from.recordedAt), $lte: horizon } };
    found.push(...(await events.find(later, { sort: ["recordedAt", "_id"], limit: limit - found.length })));
  }
  const last = found.at(-1);
  return {
    events: found.map(({ body }) => JSON.parse(body) as SigningEvent),
    next: last ? cursorAt({ recordedAt: last.recordedAt.getTime(), eventId: last._id }) : (after ?? cursorAt(START)),
  };
}

const cursorAt = ({ recordedAt, eventId }: Position): string => Buffer.from(`${recordedAt}.${eventId}`).toString("base64url");

function readCursor(cursor: string): Position {
  const match = /^(\d{1,14})\.([A-Z0-9_]{0,32})$/.exec(Buffer.from(cursor, "base64url").toString());
  const position = match && { recordedAt: Number(match[1]), eventId: match[2]! };
  // Only what `cursorAt` has written is a cursor; base64url decoding would forgive a lot.
  if (!position || cursorAt(position) !== cursor) throw invalid("after", "游标无效");
  return position;
}

const invalid = (field: string, message: string) => failure("PARAM_INVALID", { errors: [{ field, message }] });
