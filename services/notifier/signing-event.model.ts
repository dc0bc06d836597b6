import type { Doc, Model } from "../../mixins/collection-types.ts";

/** One outcome of one process; `_id` is `eventId`. Inserted before anything is sent and never changed. */
export interface SigningEventRecord extends Doc {
  systemCode: string;
  /** A process has one outcome, so one event. */
  processId: string;
  /** The exact bytes of every try, as text. */
  body: string;
  recordedAt: Date;
}

export const signingEventModel: Model = {
  name: "signing_event",
  fields: { systemCode: "string", processId: "string", body: "string", recordedAt: "date" },
  indexes: [{ fields: ["processId"], unique: true }],
};
