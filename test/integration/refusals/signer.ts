import { clientExample } from "../../fixtures/client-example.ts";
import { bearer, JSON_BODY, WALLET, type Envelope, type Told } from "./http-client.ts";
import type { WholePlatform } from "./whole-platform.ts";

let number = 0;
/** The client's own example under a new key, called back at the sandbox's wallet. */
export const exampleOf = (platform: WholePlatform, change: object = {}) =>
  clientExample({ requestId: `REFUSED_${++number}`, callbackUrl: `${platform.url}/sandbox/gateway/wallet`, ...change });

export const INITIATE = "/api/v1/esign/process/initiate";
export const processPath = (processId: string): string => `/api/v1/esign/process/${processId}`;

interface Message {
  messageId: string;
  content: string;
  code?: string;
}

/** One signing by HTTP alone, as its wallet and its signer make it. */
export class Signer {
  readonly platform: WholePlatform;
  readonly processId: string;
  readonly token: string;
  protocolHash = "";
  keyClauses: string[] = [];

  private constructor(platform: WholePlatform, processId: string, token: string) {
    this.platform = platform;
    this.processId = processId;
    this.token = token;
  }

  /** An invited signer. */
  static async invited(platform: WholePlatform, request: object = exampleOf(platform)): Promise<Signer> {
    const data = done(await platform.http.call("POST", INITIATE, WALLET, JSON.stringify(request))) as { processId: string; h5PageUrl: string };
    const signer = new Signer(platform, data.processId, new URL(data.h5PageUrl).searchParams.get("token")!);
    const page = done(await platform.http.call("GET", "/h5/api/process", bearer(signer.token))) as { protocol: { protocolHash: string; keyClauses: { id: string }[] } };
    signer.protocolHash = page.protocol.protocolHash;
    signer.keyClauses = page.protocol.keyClauses.map(({ id }) => id);
    return signer;
  }

  /** A signer who has opened the agreement and holds a code. */
  static async ready(platform: WholePlatform, request?: object): Promise<Signer> {
    const signer = await Signer.invited(platform, request);
    done(await signer.post("open", { protocolHash: signer.protocolHash }));
    done(await signer.post("sign-code"));
    return signer;
  }

  /** A signer whose verification is under way. */
  static async signed(platform: WholePlatform, request?: object): Promise<Signer> {
    const signer = await Signer.ready(platform, request);
    done(await signer.post("sign", await signer.words()));
    await platform.quiet();
    return signer;
  }

  post(path: string, body: unknown = {}): Promise<Told> {
    return this.platform.http.call("POST", `/h5/api/${path}`, bearer(this.token), typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body));
  }

  async code(): Promise<string> {
    const messages = (await sms(this.platform)).filter(({ messageId, code }) => code && messageId.includes(this.processId));
    return messages.at(-1)!.code!;
  }

  /** Everything a signature says. */
  async words(change: object = {}): Promise<Record<string, unknown>> {
    return { protocolHash: this.protocolHash, smsCode: await this.code(), keyClauses: this.keyClauses, scrolledToEnd: true, consent: true, ...change };
  }
}

export const sms = (platform: WholePlatform): Promise<Message[]> => sandbox<Message[]>(platform, "sms");

export async function sandbox<T>(platform: WholePlatform, path: string): Promise<T> {
  return JSON.parse((await platform.http.call("GET", `/sandbox/api/${path}`)).text) as T;
}

/** Throws a switch of the sandbox. */
export const faults = (platform: WholePlatform, switches: object): Promise<Told> => platform.http.call("PUT", "/sandbox/api/faults", JSON_BODY, JSON.stringify(switches));

/** The data of a success; throws at a refusal. */
function done({ status, text }: Told): object {
  if (status !== 200) throw new Error(`not 200 but ${status}: ${text}`);
  return (JSON.parse(text) as Envelope).data ?? {};
}
