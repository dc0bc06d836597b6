import { randomBytes } from "node:crypto";
import { signRequest, type SigningKey } from "../../../contract/request-signature.ts";
import { Client } from "../faults/wallet-client.ts";

/** A wallet of production: every call of its own is signed. */
export class SigningClient extends Client {
  readonly #key: SigningKey;

  constructor(gateway: string, key: SigningKey) {
    super(() => [gateway], () => 0);
    this.#key = key;
  }

  override once(path: string, init: { body?: unknown; headers?: Record<string, string> } = {}) {
    return super.once(path, path.startsWith("/api/v1/") ? { ...init, headers: { ...init.headers, ...this.#signature(path, init) } } : init);
  }

  #signature(target: string, { body, headers = {} }: { body?: unknown; headers?: Record<string, string> }): Record<string, string> {
    const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), randomBytes(12).toString("hex")];
    const parts = {
      method: body === undefined ? "GET" : "POST", target, timestamp, nonce,
      systemCode: headers["x-system-code"] ?? "", businessId: headers["x-business-id"] ?? "",
      rawBody: body === undefined ? "" : JSON.stringify(body),
    };
    return { "x-timestamp": timestamp, "x-nonce": nonce, "x-key-id": this.#key.keyId, "x-sign-type": this.#key.signType, "x-signature": signRequest(this.#key, parts) };
  }
}
