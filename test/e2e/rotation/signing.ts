import { clientExample } from "../../fixtures/client-example.ts";
import { until } from "../driver/platform-process.ts";
import { signedBy, type Ask, type Client, type Told } from "./client.ts";
import type { Pair } from "./keys.ts";
import type { Outside } from "./outside.ts";

/** The keys with which the outside signs its calls just now; the test changes them. */
export interface CallerKeys {
  wallet: Pair;
  auth: Pair;
  sms: Pair;
}
export interface Street {
  client: Client;
  outside: Outside;
  keys: CallerKeys;
  /** The next process's number, for a key and a mobile of its own. */
  next(): number;
}

/** One signing of the client's own flow, step by step, by wallet, signer, SMS gateway and verification system. */
export class Signing {
  readonly #street: Street;
  readonly processId: string;
  readonly #token: string;

  private constructor(street: Street, processId: string, token: string) {
    this.#street = street;
    this.processId = processId;
    this.#token = token;
  }

  /** A wallet's initiation, signed anew by each call; by default with a mobile of its own. */
  static initiation(street: Street, mobile?: string): () => Ask {
    const number = String(street.next()).padStart(5, "0");
    const example = clientExample({ requestId: `ROTATION_${number}`, callbackUrl: `${street.outside.url}/wallet` });
    example.payeeInfo!.contactInfo!.mobile = mobile ?? `138001${number}`;
    return () => signedBy(street.keys.wallet.signing, "WALLET", { method: "POST", path: "/api/v1/esign/process/initiate", body: example }, `B${number}`);
  }

  /** Signed by the wallet; resolves when the invitation is on the phone and its receipt has been taken. */
  static async initiate(street: Street, mobile?: string): Promise<Signing> {
    const { client, outside } = street;
    const make = Signing.initiation(street, mobile);
    const processId = String((await client.good("the initiation", make, [409])).data["processId"]);
    const invitation = await until("the invitation is on the phone", async () => outside.messages.get(`INV_${processId}`));
    const token = /token=([A-Za-z0-9_-]+)/.exec(invitation.content)![1]!;
    const signing = new Signing(street, processId, token);
    await signing.receipt();
    return signing;
  }

  /** The SMS gateway reports the invitation's delivery, under the token it was given with it. */
  async receipt(): Promise<void> {
    const { client, outside, keys } = this.#street;
    const { pathname, search } = new URL(outside.messages.get(`INV_${this.processId}`)!.receiptUrl);
    const body = { messageId: `INV_${this.processId}`, status: "DELIVERED", at: "2026-11-24T08:00:00Z" };
    await client.good("the receipt", () => signedBy(keys.sms.signing, "SMS", { method: "POST", path: pathname + search, body }));
  }

  page(): Ask {
    return { method: "GET", path: "/h5/api/process", headers: this.#bearer };
  }
  get #bearer(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
  #h5 = (path: string, body: object) => (): Ask => ({ method: "POST", path: `/h5/api/${path}`, headers: this.#bearer, body });

  /** Reads the agreement and asks for the code. */
  async askForCode(): Promise<void> {
    const { client } = this.#street;
    const { protocolHash } = await this.#agreement();
    await client.good("the display", this.#h5("open", { protocolHash }));
    // 429 after a restart in between: the code went out.
    await client.good("the code", this.#h5("sign-code", {}), [429]);
  }

  /** Signs with the code that is on the phone; resolves when the verification system has been asked. */
  async sign(): Promise<void> {
    const { client, outside } = this.#street;
    const message = await until("the code is on the phone", async () => outside.messages.get(`CODE_${this.processId}_1`));
    const { protocolHash, keyClauses } = await this.#agreement();
    const smsCode = /(?<!\d)\d{6}(?!\d)/.exec(message.content)![0];
    await client.good("the signature", this.#h5("sign", { protocolHash, smsCode, keyClauses: keyClauses.map(({ id }) => id), scrolledToEnd: true, consent: true }));
    await until("the verification has been started", async () => outside.started.has(this.processId));
  }

  async #agreement(): Promise<{ protocolHash: string; keyClauses: { id: string }[] }> {
    const page = await this.#street.client.good("the page", () => this.page());
    return page.data["protocol"] as { protocolHash: string; keyClauses: { id: string }[] };
  }

  /** The verification system's result, under the token it was given at the start or another one. */
  result(token?: string): Ask {
    const { outside, keys } = this.#street;
    const { verificationId, callbackUrl, callbackToken } = outside.started.get(this.processId)!;
    const body = { verificationId, processId: this.processId, status: "SUCCESS", verifiedAt: "2026-11-24T08:00:00Z" };
    return signedBy(keys.auth.signing, "AUTH", { method: "POST", path: new URL(callbackUrl).pathname, headers: { "x-callback-token": token ?? callbackToken }, body });
  }

  query(): Ask {
    return signedBy(this.#street.keys.wallet.signing, "WALLET", { method: "GET", path: `/api/v1/esign/process/${this.processId}` });
  }

  /** The result comes in; resolves with the final query once the process is COMPLETED. */
  async complete(): Promise<Record<string, unknown>> {
    const { client } = this.#street;
    await client.good("the result", () => this.result());
    return until("the process is completed", async () => {
      const { data } = await client.good("the query", () => this.query());
      return data["status"] === "COMPLETED" && data;
    });
  }

  /** Path and query of a fresh download link. */
  async link(): Promise<string> {
    const { data } = await this.#street.client.good("the query", () => this.query());
    const { pathname, search } = new URL((data["protocolInfo"] as { downloadUrl: string }).downloadUrl);
    return pathname + search;
  }

  download = (link: string): Promise<Told> => this.#street.client.good("the download", () => ({ method: "GET", path: link }));

  bundle(): Promise<Told> {
    const { client, keys } = this.#street;
    return client.good("the evidence", () => signedBy(keys.wallet.signing, "WALLET", { method: "GET", path: `/api/v1/esign/process/${this.processId}/evidence` }));
  }

  /** All of it. */
  static async whole(street: Street): Promise<Signing> {
    const signing = await Signing.initiate(street);
    await signing.askForCode();
    await signing.sign();
    await signing.complete();
    await signing.download(await signing.link());
    await signing.bundle();
    return signing;
  }
}

/** Signings without a pause, several at once, until `stop`. */
export class Load {
  completed = 0;
  #stopped = false;
  readonly #workers: Promise<void>[];
  readonly #done: number[];
  readonly failures: string[] = [];

  constructor(street: Street, workers: number) {
    this.#done = Array.from({ length: workers }, () => 0);
    this.#workers = this.#done.map((_, worker) => this.#work(street, worker));
  }

  async #work(street: Street, worker: number): Promise<void> {
    while (!this.#stopped) {
      try {
        await Signing.whole(street);
        this.completed += 1;
        this.#done[worker]! += 1;
      } catch (error) {
        this.failures.push((error as Error).message);
        return;
      }
    }
  }

  /** Resolves when every worker has ended what it was at and done `count` whole signings more. */
  async goOn(count = 1): Promise<void> {
    const goal = this.#done.map((done) => done + count + 1);
    await until("the load goes on", async () => this.failures.length > 0 || this.#done.every((done, worker) => done >= goal[worker]!), 120_000);
    if (this.failures.length) throw new Error(this.failures.join("; "));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#workers);
  }
}
