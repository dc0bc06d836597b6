import type { Doc, Model } from "../../mixins/collection-types.ts";

/** When to wake a process; `_id` is `processId`. Only a hint: the deadline that counts is the process's own. */
export interface WakeUp extends Doc {
  dueAt: Date;
}

export const wakeUpModel: Model = {
  name: "wake_up",
  fields: { dueAt: "date" },
  indexes: [{ fields: ["dueAt"] }],
};
