/** How a queue is: OFF is one without anything that could be down. */
export type QueueHealth = "UP" | "DOWN" | "OFF";

/** What a queue does with an id. */
export interface Work {
  /** How many jobs of this process run at once. */
  concurrency: number;
  handle(id: string): Promise<void>;
  /** Told of a job that failed; never of its message. */
  failed(fault: object): void;
}

/** A queue of wake-ups, of whatever kind. Every kind passes test/conformance/queue-suite.ts. */
export interface WakeUps {
  /** Begins to take what others have woken; a queue of one process has no others. */
  start(): void;
  /** Never throws and keeps nobody waiting. */
  wake(id: string, delayMs: number): void;
  health(): Promise<QueueHealth>;
  /** Drops what waits in this process, waits for what runs. */
  stop(): Promise<void>;
}
