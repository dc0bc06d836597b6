import type { Collection } from "../../../mixins/collection-types.ts";
import { callbackToken } from "../../../mixins/callback-token.ts";
import type { SmsRecord } from "../../../services/sms/sms-record.model.ts";
import { OPERATOR, post } from "./arranging.ts";
import type { Target } from "./shooting.ts";
import { processPath, Signer } from "./signer.ts";
import type { WholePlatform } from "./whole-platform.ts";

/** The wallet asks for the invitation again; what else it says is ignored. */
export function resending(platform: WholePlatform): Target {
  let signer: Signer | null = null;
  return {
    fields: new Set(),
    bases: () => [{ note: "请再发一次" }],
    async fire(bytes) {
      signer ??= await Signer.invited(platform);
      return post(platform, `${processPath(signer.processId)}/sms/resend`, bytes);
    },
  };
}

/** The SMS gateway's receipt with the right token; the detail of one that is taken is kept, as text that can be kept. */
export function receipt(platform: WholePlatform): Target {
  let signer: Signer | null = null;
  const { records } = (platform.broker.getLocalService("sms") as unknown as { collections: { records: Collection<SmsRecord> } }).collections;
  const messageId = async (): Promise<string> => `INV_${(signer ??= await Signer.invited(platform)).processId}`;
  return {
    fields: new Set(["messageId", "status", "at", "detail"]),
    bases: async () => [{ messageId: await messageId(), status: "FAILED", at: "2026-11-24T08:00:00Z", detail: "空号" }],
    async fire(bytes) {
      const token = callbackToken(platform.config.callbackTokenSecret, "sms-receipt", await messageId());
      return platform.http.call("POST", `/api/internal/esign/callback/sms?token=${token}`, { "Content-Type": "application/json" }, bytes);
    },
    async then(answer, sent) {
      if (answer.status !== 200) return false;
      const { detail, status } = JSON.parse(sent.toString()) as { detail?: string | null; status: string };
      const kept = (await records.get(await messageId()))!.receipts!.find((one) => one.status === status);
      signer = null;
      expect(kept!.detail).toBe(detail == null ? null : Array.from(detail.toWellFormed()).slice(0, 256).join(""));
      return true;
    },
  };
}

/** An operator's changes. Whoever gives a reason that can be read is in the audit with it, whatever came of the call. */
export function administering(platform: WholePlatform, path: string): Target {
  return {
    fields: new Set(["body", "reason"]),
    bases: () => [{ reason: "对账时发现" }],
    fire: (bytes) => platform.http.call("POST", path, OPERATOR, bytes),
    then: (answer) => answer.status !== 400 && answer.status !== 413,
  };
}
