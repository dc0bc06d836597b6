import type { PlatformProcess } from "./platform-process.ts";
import { until } from "./platform-process.ts";

export interface Envelope<T = Record<string, unknown>> {
  http: number;
  code: string;
  message: string;
  data: T;
  errors?: { field: string; message: string }[];
}
export interface BankLine {
  verificationId: string;
  amount: string;
  remark: string;
}
export interface Sms {
  messageId: string;
  link?: string;
  code?: string;
}
export interface Callback {
  headers: Record<string, string>;
  body: string;
}

/** What `GET /h5/api/process` says, as far as it is needed here. */
export interface Page {
  page: { title: string; intro: string; consent: string; button: string };
  protocol: { protocolName: string; html: string; protocolHash: string; keyClauses: { id: string }[] };
  smsCode: { required: boolean };
}

/** The client's own flow, as the sandbox starts it. */
export const CLIENT_FLOW = { processType: "RELATION_BINDING", scene: "BATCH_PAYMENT", signerType: "ENTERPRISE" };

/** One call of the platform; rejects when it cannot be reached. */
export async function call<T = Record<string, unknown>>(url: string, init: { body?: unknown; headers?: Record<string, string> } = {}): Promise<Envelope<T>> {
  const { body, headers = {} } = init;
  const sent = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url, { ...sent, headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...headers } });
  return { http: response.status, ...((await response.json()) as object) } as Envelope<T>;
}

/**
 * A signing of the client's own flow by HTTP alone, as wallet, phone and bank see it. A call that dies with the platform is made
 * again on the next one.
 */
export class Signing {
  readonly platform: PlatformProcess;
  readonly processId: string;
  readonly token: string;

  constructor(platform: PlatformProcess, processId: string, token: string) {
    this.platform = platform;
    this.processId = processId;
    this.token = token;
  }

  /** A call as the signer. */
  h5<T = Record<string, unknown>>(path: string, body?: unknown): Promise<Envelope<T>> {
    return call<T>(`${this.platform.url}/h5/api/${path}`, { body, headers: { authorization: `Bearer ${this.token}` } });
  }

  async query(): Promise<Record<string, unknown> & { status: string; protocolInfo: { downloadUrl: string } | null }> {
    return (await call(`${this.platform.url}/api/v1/esign/process/${this.processId}`)).data as never;
  }

  /** Resolves when the process is in one of the states. */
  status(...wanted: string[]): Promise<unknown> {
    return this.platform.ask(`the process is ${wanted.join(" or ")}`, async () => wanted.includes((await this.query()).status));
  }

  /** Makes the call until it gives one of the wanted HTTP statuses. */
  insist<T = Record<string, unknown>>(what: string, wanted: number[], make: () => Promise<Envelope<T>>): Promise<Envelope<T>> {
    let last: Envelope<T> | undefined;
    return this.platform.ask(
      () => `${what}; last: ${JSON.stringify(last)}`,
      async () => {
        last = await make();
        return wanted.includes(last.http) ? last : null;
      },
    );
  }

  /** What is fetched, once the platform can be asked. */
  async #bytes(url: () => Promise<string>): Promise<Uint8Array> {
    const response = await this.platform.ask("the platform hands it out", async () => fetch(await url()));
    return new Uint8Array(await response.arrayBuffer());
  }
  async #sandbox<T>(path: string): Promise<T> {
    const bytes = await this.#bytes(async () => `${this.platform.url}/sandbox/api/${path}`);
    return JSON.parse(Buffer.from(bytes).toString()) as T;
  }
  phone = (): Promise<Sms[]> => this.#sandbox<Sms[]>("sms");
  bank = (): Promise<BankLine[]> => this.#sandbox<BankLine[]>(`bank?processId=${this.processId}`);
  async callbacks(): Promise<Callback[]> {
    const all = await this.platform.ask("the wallet is called back", async () => {
      const found = await this.#sandbox<{ headers: Record<string, string>; body: unknown }[]>(`wallet?processId=${this.processId}`);
      return found.length > 0 && found;
    });
    return all.map(({ headers, body }) => ({ headers, body: typeof body === "string" ? body : JSON.stringify(body) }));
  }

  bundle(view = ""): Promise<Uint8Array> {
    return this.#bytes(async () => `${this.platform.url}/api/v1/esign/process/${this.processId}/evidence${view}`);
  }
  pdf(): Promise<Uint8Array> {
    return this.#bytes(async () => (await this.query()).protocolInfo!.downloadUrl);
  }

  /** The newest code the phone has received. */
  code(): Promise<string> {
    return this.platform.ask("the code is on the phone", async () => (await this.phone()).filter((message) => message.code).at(-1)?.code);
  }

  /** Opens, asks for the code where one is wanted, acknowledges everything and signs. */
  async sign(): Promise<void> {
    const page = await this.insist<Page>("the page loads", [200], () => this.h5("process"));
    const { protocolHash, keyClauses } = page.data.protocol;
    await this.insist("the display is recorded", [200], () => this.h5("open", { protocolHash }));
    const smsCode = page.data.smsCode.required ? { smsCode: await this.#freshCode() } : {};
    const said = { protocolHash, ...smsCode, keyClauses: keyClauses.map((clause) => clause.id), scrolledToEnd: true, consent: true };
    await this.insist("it is signed", [200], () => this.h5("sign", said));
  }

  async #freshCode(): Promise<string> {
    // 429 means that a code went out before the platform died.
    await this.insist("the code is sent", [200, 429], () => this.h5("sign-code", {}));
    return this.code();
  }

  /** Goes to the face page and is recognised there, or not. */
  async face(result: "SUCCESS" | "FAILED" = "SUCCESS"): Promise<void> {
    const { data } = await this.insist<{ faceUrl: string }>("the face check is ready", [200], () => this.h5("verification/face", {}));
    const verificationId = new URL(data.faceUrl).pathname.split("/").at(-1);
    await this.insist("the face is judged", [200], () => call(`${this.platform.url}/sandbox/api/face/${verificationId}`, { body: { result } }));
  }

  /** Looks the money up on the bank statement and types it in. */
  async answer(): Promise<void> {
    const line = await this.platform.ask("the money has arrived", async () => (await this.bank())[0]);
    const said = { amount: line.amount, remark: line.remark };
    // After a crash in between the earlier answer is waited for (409) until its outcome is known or it is given up for lost.
    await this.platform.ask("the answer is passed on", async () => {
      const { http } = await this.h5("verification/remittance", said);
      return http === 200 || (http === 409 && (await this.query()).status !== "VERIFICATION_PENDING");
    });
  }
}

/**
 * Starts the client's own flow from the sandbox. When the platform dies over it, the wallet learns of the process the way it
 * would in earnest: the invitation reaches the phone once the platform is back.
 */
export async function startSigning(platform: PlatformProcess): Promise<Signing> {
  const link = await platform.ask("the invitation is on the phone", async () => {
    const messages = (await (await fetch(`${platform.url}/sandbox/api/sms`)).json()) as Sms[];
    const invitation = messages.find((message) => message.link);
    if (invitation) return { processId: invitation.messageId.replace("INV_", ""), url: invitation.link! };
    if (platform.starts > 1 && platform.asked) return null;
    platform.asked = true;
    await call(`${platform.url}/sandbox/api/start`, { body: CLIENT_FLOW });
    return null;
  });
  return new Signing(platform, link.processId, new URL(link.url).searchParams.get("token")!);
}

export { until };
