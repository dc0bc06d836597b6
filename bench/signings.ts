import { setTimeout as wait } from "node:timers/promises";
import { HEADERS } from "./load.ts";
import type { Agreement } from "./platform.ts";
import { requestOf } from "./requests.ts";

const PAUSE_MS = 20;
const PATIENCE_MS = 30_000;
let phones = 0;

interface Page {
  protocol: Agreement & { keyClauses: { id: string }[] };
}

/** One signer: a process that was initiated, and the phone its link came to. */
export class Signer {
  readonly #url: string;
  readonly #outside: string;
  readonly #mobile: string;
  readonly #processId: string;
  readonly #token: string;

  private constructor(url: string, outside: string, mobile: string, processId: string, token: string) {
    this.#url = url;
    this.#outside = outside;
    this.#mobile = mobile;
    this.#processId = processId;
    this.#token = token;
  }

  /** @param outside where the sandbox is, when it is not the platform's own */
  static async invite(url: string, outside: string = url): Promise<Signer> {
    const mobile = `138${String((phones += 1)).padStart(8, "0")}`;
    const { processId, h5PageUrl } = await data<{ processId: string; h5PageUrl: string }>(`${url}/api/v1/esign/process/initiate`, requestOf(outside, mobile), HEADERS);
    return new Signer(url, outside, mobile, processId, new URL(h5PageUrl).searchParams.get("token")!);
  }

  page(): Promise<Page> {
    return this.#h5<Page>("process");
  }

  /** Opens, reads, signs with the code from the phone, types in what the bank shows, and waits for the end. */
  async complete(): Promise<void> {
    const { protocol } = await this.page();
    const { protocolHash } = protocol;
    await this.#h5("open", { protocolHash });
    await this.#h5("sign-code", {});
    const smsCode = await this.#until(async () => (await sandbox<{ code?: string }[]>(`${this.#outside}/sandbox/api/sms?mobile=${this.#mobile}`)).at(-1)?.code);
    await this.#h5("sign", { protocolHash, smsCode, keyClauses: protocol.keyClauses.map(({ id }) => id), scrolledToEnd: true, consent: true });
    const { amount, remark } = await this.#until(async () => (await sandbox<{ amount: string; remark: string }[]>(`${this.#outside}/sandbox/api/bank?processId=${this.#processId}`))[0]);
    // The money may be on the statement before the platform has heard that its order was taken.
    await this.#until(() => this.#h5("verification/remittance", { amount, remark }).then(() => true, (error: Refused) => error.http !== 409 && Promise.reject(error)));
    await this.#until(async () => (await data<{ status: string }>(`${this.#url}/api/v1/esign/process/${this.#processId}`)).status === "COMPLETED");
  }

  #h5<T>(path: string, body?: object): Promise<T> {
    return data<T>(`${this.#url}/h5/api/${path}`, body, { authorization: `Bearer ${this.#token}`, "content-type": "application/json" });
  }

  async #until<T>(ask: () => Promise<T | false | undefined>): Promise<T> {
    for (const end = performance.now() + PATIENCE_MS; performance.now() < end; await wait(PAUSE_MS)) {
      const answer = await ask();
      if (answer) return answer;
    }
    throw new Error(`${this.#processId} does not get on`);
  }
}

/**
 * Whole signings by HTTP, `parallel` at once.
 * @returns how many were COMPLETED a second within the time; those that were under way at its end are finished and not counted
 */
export async function signingsPerSecond(url: string, parallel: number, seconds: number): Promise<number> {
  let completed = 0;
  const begun = performance.now();
  const end = begun + seconds * 1000;
  const worker = async (): Promise<void> => {
    while (performance.now() < end) {
      await (await Signer.invite(url)).complete();
      if (performance.now() < end) completed += 1;
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return completed / seconds;
}

class Refused extends Error {
  readonly http: number;
  constructor(url: string, http: number, code: string) {
    super(`${new URL(url).pathname} answered ${http} ${code}`);
    this.http = http;
  }
}

async function data<T>(url: string, body?: object, headers: Record<string, string> = {}): Promise<T> {
  const answer = await fetch(url, body ? { method: "POST", headers, body: JSON.stringify(body) } : { headers });
  const envelope = (await answer.json()) as { code: string; data: T };
  if (answer.status !== 200 || envelope.code !== "SUCCESS") throw new Refused(url, answer.status, envelope.code);
  return envelope.data;
}

const sandbox = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;
