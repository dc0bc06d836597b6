import type { Books, Verification } from "./books.ts";
import { readSwitches } from "./faults.ts";
import { invalid, json, refusal, type End } from "./http-exchange.ts";
import { shownMessage } from "./sms-gateway.ts";
import type { VerificationSystem } from "./verification-system.ts";
import { processOf } from "./wallet.ts";

/**
 * The JSON API for scripts and for the page (CONTRACT.md §2.6). Lists are oldest first; a filter that is absent filters nothing.
 */
export function operatorApi(books: Books, system: VerificationSystem): Record<string, End> {
  const faceOf = (verificationId: string | undefined): Verification | undefined => {
    const verification = books.verifications.get(verificationId ?? "");
    return verification?.face ? verification : undefined;
  };
  const noFace = () => refusal(404, "VERIFICATION_NOT_FOUND", "人脸认证不存在");
  const shownFace = ({ verificationId, processId, status, face }: Verification) =>
    json({ verificationId, processId, status, expiresAt: face!.expiresAt, returnUrl: face!.returnUrl });

  return {
    "GET sms": ({ query }) => json([...books.messages.values()].filter(same("mobile", query["mobile"])).map(shownMessage)),

    "GET bank": ({ query }) =>
      json(
        [...books.verifications.values()].filter(same("processId", query["processId"])).flatMap(({ verificationId, processId, remittance, createdAt }) =>
          remittance ? [{ verificationId, processId, ...remittance, at: createdAt }] : [],
        ),
      ),

    "GET face/:verificationId": ({ params }) => {
      const verification = faceOf(params["verificationId"]);
      return verification ? shownFace(verification) : noFace();
    },

    "POST face/:verificationId": (call) => {
      const verification = faceOf(call.params["verificationId"]);
      const { result } = call.json();
      if (!verification) return noFace();
      if (result !== "SUCCESS" && result !== "FAILED") return invalid([{ field: "result", message: "应为 SUCCESS 或 FAILED" }]);
      if (verification.status === "PENDING" && system.faceExpired(verification)) return refusal(409, "FACE_LINK_EXPIRED", "人脸认证链接已过期，请回到签约页面重新获取");
      return shownFace(system.decideFace(verification, result));
    },

    "GET wallet": ({ query }) =>
      json(books.webhooks.filter((webhook) => !query["processId"] || processOf(webhook) === query["processId"])),

    "GET faults": () => json(books.switches),

    "PUT faults": (call) => {
      const { switches, errors } = readSwitches(books.switches, call.json());
      if (errors.length) return invalid(errors);
      books.keepSwitches(switches);
      return json(switches);
    },

    "DELETE ": () => {
      books.clear();
      return json({ cleared: true });
    },
  };
}

const same =
  <K extends string>(key: K, wanted: string | undefined) =>
  (item: Record<K, unknown>): boolean =>
    !wanted || item[key] === wanted;
