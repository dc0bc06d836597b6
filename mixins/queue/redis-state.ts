import type { Redis } from "ioredis";
import type { Service } from "moleculer";
import { faultOf } from "../fault.ts";
import { within } from "./within.ts";

const PING_MS = 1_000;

/** Whether Redis does its part; says once that it does not, and once that it does again. */
export class RedisState {
  readonly #client: Redis;
  readonly #logger: Service["logger"];
  #up = true;
  #ending = false;

  constructor(client: Redis, logger: Service["logger"]) {
    this.#client = client;
    this.#logger = logger;
    client.on("ready", () => this.works());
    client.on("close", () => this.complain(new Error("the connection is closed")));
  }

  /** Whether a command would be sent at all. */
  get ready(): boolean {
    return this.#client.status === "ready";
  }

  async answers(): Promise<boolean> {
    if (!this.ready) return false;
    const answer = await within(PING_MS, this.#client.ping().catch(() => null));
    return answer === "PONG";
  }

  /** From now on a closed connection is what was wanted. */
  expectTheEnd(): void {
    this.#ending = true;
  }

  complain(error: unknown): void {
    if (this.#ending || !this.#up) return;
    this.#up = false;
    this.#logger.error("alert: Redis does not do its part; each node goes on with its own wake-ups, the rest is the sweep's", { alert: "QUEUE_DOWN", fault: faultOf(error) });
  }

  works(): void {
    if (this.#ending || this.#up) return;
    this.#up = true;
    this.#logger.info("Redis does its part again");
  }
}
