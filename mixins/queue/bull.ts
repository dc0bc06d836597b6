import type { Job, Queue } from "bull";
import type { Redis } from "ioredis";
import type { Service } from "moleculer";
import type { BullMethods } from "moleculer-bull";
import { KEY_PREFIX } from "./bull-mixin.ts";
import { Delays } from "./delays.ts";
import { Jobs } from "./jobs.ts";
import { RedisState } from "./redis-state.ts";
import { within } from "./within.ts";
import type { QueueHealth, WakeUps, Work } from "./wake-ups.ts";

const JOB = "wake";
/** The id of the job is the id that was woken, so repeats fold. Nothing is kept of a job that ended, or its id could not be woken again. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true };
/** What is left of a wake-up when all who knew of it died. */
const FORGOTTEN_AFTER_SECONDS = 3_600;
/** For the last words to Redis at a stop; it is not waited for longer. */
const FAREWELL_MS = 3_000;

/** What this file uses of a Bull queue beyond its types. */
type Inside = Queue & { readonly client: Redis; readonly bclient: Redis; readonly eclient: Redis; readonly processing: Record<string, Promise<unknown>> };

/**
 * Wake-ups shared by the nodes that run the service, in one Bull queue named after it. Times are kept by the node that was given
 * them, so Redis holds what is to be done now and nothing else. Without Redis a node does what it was told of itself.
 */
export class BullWakeUps implements WakeUps {
  readonly #work: Work;
  readonly #service: Service & BullMethods;
  readonly #queue: Inside;
  readonly #redis: RedisState;
  readonly #jobs: Jobs;
  readonly #delays = new Delays((id) => void this.#now(id));
  #stopped = false;

  constructor(service: Service & BullMethods, work: Work) {
    this.#service = service;
    this.#work = work;
    this.#jobs = new Jobs(work);
    this.#queue = service.getQueue(service.name) as Inside;
    this.#redis = new RedisState(this.#queue.client, service.logger);
    this.#queue.on("error", (error) => this.#redis.complain(error));
    // Of a job that another node dropped there is nothing left to be told.
    const ended = (job: Job | null): void => void (job && this.#onceMore(String(job.id)));
    this.#queue.on("completed", ended).on("failed", ended);
  }

  /** Bull's first steps fail without Redis and are not repeated, so they wait for it. */
  start(): void {
    if (this.#redis.ready) this.#process();
    else this.#queue.client.once("ready", () => !this.#stopped && this.#process());
  }

  wake(id: string, delayMs: number): void {
    if (!this.#stopped) this.#delays.add(id, delayMs);
  }

  async health(): Promise<QueueHealth> {
    return (await this.#redis.answers()) ? "UP" : "DOWN";
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#redis.expectTheEnd();
    this.#delays.clear();
    const { client, bclient, eclient, processing } = this.#queue;
    // Without waiting: Bull's own leaves a rejection unhandled when Redis is away. What it would wait for is waited for here.
    const closed = this.#queue.close(true).catch(() => undefined);
    bclient.disconnect();
    await this.#jobs.stop();
    await within(FAREWELL_MS, Promise.allSettled(Object.values(processing)));
    await within(FAREWELL_MS, closed);
    await within(FAREWELL_MS, client.quit().catch(() => undefined));
    for (const redis of [client, bclient, eclient]) redis.disconnect();
  }

  #process(): void {
    const processing = this.#queue.process(JOB, this.#work.concurrency, (job) => this.#take(String(job.id)));
    processing.catch((error: unknown) => this.#redis.complain(error));
  }

  /** Never rejects. A wake-up that Redis did not take, or may not have taken, is done here: twice is harmless, never is a delay. */
  async #now(id: string): Promise<void> {
    try {
      if (this.#redis.ready) return await this.#add(id);
    } catch (error) {
      this.#redis.complain(error);
    }
    await this.#jobs.handle(id);
  }

  /** The mark is set first: whoever has the job at present and began before it will see the mark when it ends. */
  async #add(id: string): Promise<void> {
    const marked = this.#queue.client.set(markOf(this.#queue.name, id), "1", "EX", FORGOTTEN_AFTER_SECONDS);
    const added = this.#service.createJob(this.#queue.name, JOB, {}, { jobId: id, ...JOB_OPTIONS });
    const outcomes = await Promise.allSettled([marked, added]);
    const failed = outcomes.find((outcome) => outcome.status === "rejected");
    if (failed) throw failed.reason;
    this.#redis.works();
  }

  /** A job from Redis: whatever was woken before this moment is seen by the handler, so the mark goes first. */
  async #take(id: string): Promise<void> {
    await this.#queue.client.del(markOf(this.#queue.name, id)).catch(() => undefined);
    await this.#jobs.handle(id);
  }

  /** The job has left Redis. Was its id woken while it ran, then that wake-up found the job still there and added nothing. */
  async #onceMore(id: string): Promise<void> {
    const marked = await this.#queue.client.del(markOf(this.#queue.name, id)).catch(() => 0);
    if (marked && !this.#stopped) await this.#now(id);
  }
}

const markOf = (name: string, id: string): string => `${KEY_PREFIX}:${name}:woken:${id}`;
