/** `expiry.set`: wakes the process at that time; only the latest time counts. A wake-up is a hint: the actor decides. */
export interface SetWakeParams {
  processId: string;
  /** ISO time. */
  at: string;
}
