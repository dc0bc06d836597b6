import { verifyRequest } from "../../../contract/request-signature.ts";
import { webhookSignature } from "../../../services/notifier/webhook-signature.ts";
import { json, outsideSystem, type Call, type Reply } from "../../integration/outside-system.ts";
import type { Pair } from "./keys.ts";

export interface Sms {
  content: string;
  receiptUrl: string;
}
export interface Started {
  verificationId: string;
  callbackUrl: string;
  callbackToken: string;
}

/**
 * SMS gateway, verification system and wallet of the rotation test on one port. Each checks who calls by the keys it knows at the moment,
 * as the real ones do; whatever does not verify is kept as a complaint.
 */
export async function startOutside(platformKeys: Pair[], webhookSecrets: string[]) {
  const messages = new Map<string, Sms>();
  const started = new Map<string, Started>();
  const callbacks: { processId: string; signatures: number }[] = [];
  const complaints: string[] = [];
  const trusted = { platformKeys, webhookSecrets };

  const said = (call: Call, name: string): string => String(call.json[name]);

  function signedByPlatform({ method, path, headers, raw }: Call): boolean {
    const text = (name: string): string => String(headers[name] ?? "");
    const parts = { method, target: path, timestamp: text("x-timestamp"), nonce: text("x-nonce"), systemCode: text("x-system-code"), businessId: "", rawBody: raw };
    const key = trusted.platformKeys.find(({ listed }) => listed.keyId === text("x-key-id"));
    return key !== undefined && verifyRequest(key.listed, parts, text("x-signature"));
  }

  function receiveEvent(call: Call): Reply {
    const [id, timestamp] = [String(call.headers["webhook-id"]), Number(call.headers["webhook-timestamp"])];
    const signatures = String(call.headers["webhook-signature"]).split(" ");
    const holds = trusted.webhookSecrets.some((secret) => signatures.includes(`v1,${webhookSignature(id, timestamp, call.raw, secret)}`));
    if (!holds) complaints.push("a callback that no known secret signs");
    callbacks.push({ processId: String((call.json["payload"] as { processId?: unknown } | undefined)?.processId), signatures: signatures.length });
    return json({ code: "SUCCESS" }, holds ? 200 : 401);
  }

  const system = await outsideSystem((response, call) => reply(call)(response, call));
  function reply(call: Call): Reply {
    if (call.path === "/wallet") return receiveEvent(call);
    if (!signedByPlatform(call)) {
      complaints.push(`${call.method} ${call.path} that no known key of the platform signs`);
      return json({ code: "SIGNATURE_INVALID" }, 401);
    }
    if (call.path === "/sms") {
      messages.set(said(call, "messageId"), { content: said(call, "content"), receiptUrl: said(call, "receiptUrl") });
      return json({ code: "SUCCESS", data: { smsId: said(call, "messageId") } });
    }
    if (call.method === "GET") return json({ code: "SUCCESS", data: { verificationId: verificationOf(call.path), status: "PENDING" } });
    const verificationId = `VER-${said(call, "requestId")}`;
    started.set(said(call, "processId"), { verificationId, callbackUrl: said(call, "callbackUrl"), callbackToken: said(call, "callbackToken") });
    return json({ code: "SUCCESS", data: { verificationId, status: "PENDING" } });
  }
  const verificationOf = (path: string): string => {
    const url = new URL(path, "http://stand-in");
    return url.searchParams.has("requestId") ? `VER-${url.searchParams.get("requestId")}` : url.pathname.split("/").at(-1)!;
  };

  return { url: system.url, messages, started, callbacks, complaints, trusted, close: system.close };
}
export type Outside = Awaited<ReturnType<typeof startOutside>>;
