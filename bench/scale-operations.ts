import type { ServiceBroker } from "moleculer";
import type { Page } from "../contract/paging.ts";
import { clock } from "../mixins/clock.ts";
import type { InitiateRequest } from "../contract/schemas/initiate.ts";
import { config } from "../config/index.ts";
import type { Sweeping } from "../mixins/sweep.ts";
import type { Initiated, PageData } from "../services/process/process.api.ts";
import { initiateBodies } from "./requests.ts";
import { processIdOf, type Plan } from "./scale-rows.ts";

export const OPERATIONS = ["initiate", "query", "query any", "page", "sign", "sweep process", "sweep expiry", "sweep verification-bridge", "sweep notifier", "wake 20", "list", "list by merchant", "list stuck"] as const;
export type Operation = (typeof OPERATIONS)[number];
export interface Measured {
  /** ms of each */
  times: number[];
  /** CPU ms of the whole process an operation, with what goes on behind the answer. */
  cpu: number;
  /** Resident bytes afterwards. */
  rss: number;
  error?: string;
}

const WOKEN = 20;
/** As many processes are asked for again and again. */
const YOUNG = 500;
const ORIGIN = { ip: "127.0.0.1", userAgent: "bench" };
const CALLER = { systemCode: "WALLET" };
interface Opened {
  processId: string;
  token: string;
  page?: PageData;
}

/** The operations of a platform in this process, one after the other, as a gateway would call them. */
export class Measuring {
  readonly #broker: ServiceBroker;
  readonly #plan: Plan;
  readonly #body = initiateBodies(config.publicBaseUrl);
  /** The sample's headquarters, a party of every fifth process. */
  readonly #merchant = (JSON.parse(this.#body()) as InitiateRequest).payerInfo.merchantNo;
  #opened: Opened[] = [];
  #asked = 0;

  constructor(broker: ServiceBroker, plan: Plan) {
    this.#broker = broker;
    this.#plan = plan;
  }

  /** `page` and `sign` go on with what the last `initiate` has begun. @throws what an operation is refused with */
  async run(operation: Operation, count: number): Promise<Measured> {
    if (operation === "initiate") this.#opened = [];
    const times: number[] = [];
    let cpu = 0;
    for (let n = 0; n < count; n += 1) {
      if (operation === "wake 20") await this.#makeDue();
      const before = process.cpuUsage();
      const begun = performance.now();
      await this.#once(operation, n);
      times.push(performance.now() - begun);
      await this.#idle();
      const { user, system } = process.cpuUsage(before);
      cpu += user + system;
    }
    return { times, cpu: cpu / count / 1000, rss: process.memoryUsage.rss() };
  }

  async #once(operation: Operation, n: number): Promise<void> {
    const call = <T>(action: string, params: object): Promise<T> => this.#broker.call<T, object>(action, params, { timeout: 30_000 });
    switch (operation) {
      case "initiate": {
        const { processId, h5PageUrl } = await call<Initiated>("process.initiate", { ...CALLER, businessId: "BENCH", body: JSON.parse(this.#body()) });
        this.#opened.push({ processId, token: new URL(h5PageUrl).searchParams.get("token")! });
        return;
      }
      case "query":
      case "query any": {
        // Of those that have ended, since a completed one costs more than an open one and the share of these is not the same at all sizes:
        // the youngest, as the wallets do, or a step through the whole store that meets every part of it, where no cache helps.
        const ended = this.#plan.total - this.#plan.open;
        const step = (this.#asked += 1) * 7_919;
        await call("process.get", { ...CALLER, processId: processIdOf(this.#plan, operation === "query" ? ended - 1 - (step % YOUNG) : step % ended) });
        return;
      }
      case "page": {
        const one = this.#opened[n]!;
        one.page = await call<PageData>("process.page", { token: one.token });
        await call("process.open", { token: one.token, origin: ORIGIN, body: { protocolHash: one.page.protocol.protocolHash } });
        return;
      }
      case "sign": {
        const { token, page } = this.#opened[n]!;
        const { protocolHash, keyClauses } = page!.protocol;
        await call("process.sign", { token, origin: ORIGIN, body: { protocolHash, keyClauses: keyClauses.map(({ id }) => id), scrolledToEnd: true, consent: true } });
        return;
      }
      case "wake 20":
        await this.#sweep("expiry");
        return;
      case "list": {
        const first = await call<Page<object>>("process.list", { limit: 50 });
        if (first.next) await call("process.list", { limit: 50, after: first.next });
        return;
      }
      case "list by merchant": {
        const { items } = await call<Page<object>>("process.list", { limit: 50, q: this.#merchant });
        if (items.length < 50) throw new Error("the merchant has too few processes to compare");
        return;
      }
      case "list stuck":
        await call("process.list", { limit: 50, stuck: true });
        return;
      default:
        await this.#sweep(operation.slice("sweep ".length));
    }
  }

  async #sweep(service: string): Promise<void> {
    await (this.#broker.getLocalService(service) as unknown as Sweeping).sweepNow();
  }

  /** Wake-ups that come too early, so that the processes look at their deadlines and nothing of the store is used up. */
  async #makeDue(): Promise<void> {
    const at = new Date(clock.now() - 1).toISOString();
    for (let n = 0; n < WOKEN; n += 1) {
      await this.#broker.call("expiry.set", { processId: processIdOf(this.#plan, this.#plan.total - 1 - n), at });
    }
  }

  /** What is done behind an answer belongs to the operation. */
  async #idle(): Promise<void> {
    const { actor } = this.#broker.getLocalService("process") as unknown as { actor: { idle(): Promise<void> } };
    await actor.idle();
  }
}
