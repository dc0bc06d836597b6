import { randomBytes } from "node:crypto";
import { signRequest, type SigningKey } from "../../../contract/request-signature.ts";
import { until, type PlatformProcess } from "../driver/platform-process.ts";

export interface Told {
  status: number;
  bytes: Buffer;
  /** The envelope's `data`. */
  data: Record<string, unknown>;
  code: string;
}
export interface Ask {
  method: "GET" | "POST";
  path: string;
  headers?: Record<string, string>;
  body?: object;
}

/**
 * Whoever calls the platform while its keys are rotated. A good request may find the platform restarting: no connection, or 503. It is
 * then made again, freshly signed. Any other answer than the expected one is a refusal, and there must be none.
 */
export class Client {
  readonly platform: PlatformProcess;
  readonly refusals: string[] = [];
  /** How often a request met the platform restarting. */
  retried = 0;

  constructor(platform: PlatformProcess) {
    this.platform = platform;
  }

  /** One try; rejects when there is no connection. */
  async once({ method, path, headers = {}, body }: Ask): Promise<Told> {
    const sent = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } };
    const response = await fetch(`${this.platform.url}${path}`, { method, headers, ...sent });
    const bytes = Buffer.from(await response.arrayBuffer());
    const told = response.headers.get("content-type")?.startsWith("application/json") ? (JSON.parse(bytes.toString()) as { data?: object; code?: string }) : {};
    return { status: response.status, bytes, data: (told.data ?? {}) as Record<string, unknown>, code: told.code ?? "" };
  }

  /**
   * The answer to a good request.
   * @param make makes the request anew for each try
   * @param repeated statuses that are as good once an earlier try may have been acted on
   */
  async good(what: string, make: () => Ask, repeated: number[] = []): Promise<Told> {
    let tries = 0;
    const told = await until(`${what} is answered`, async () => {
      tries += 1;
      const answer = await this.once(make()).catch(() => null);
      if (answer !== null && answer.status !== 503) return answer;
      this.retried += 1;
      return null;
    });
    const fine = told.status === 200 || (tries > 1 && repeated.includes(told.status));
    if (!fine) {
      this.refusals.push(`${what}: ${told.status} ${told.code}`);
      throw new Error(`${what} was refused with ${told.status} ${told.code}`);
    }
    return told;
  }
}

/** The request with the signing headers of CONTRACT.md §2.3. */
export function signedBy(key: SigningKey, systemCode: string, ask: Ask, businessId = ""): Ask {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(12).toString("hex");
  const parts = { method: ask.method, target: ask.path, timestamp, nonce, systemCode, businessId, rawBody: ask.body ? JSON.stringify(ask.body) : "" };
  const headers = {
    ...ask.headers,
    "x-system-code": systemCode,
    ...(businessId ? { "x-business-id": businessId } : {}),
    "x-timestamp": timestamp,
    "x-nonce": nonce,
    "x-key-id": key.keyId,
    "x-sign-type": key.signType,
    "x-signature": signRequest(key, parts),
  };
  return { ...ask, headers };
}
