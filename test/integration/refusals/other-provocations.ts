import { asVerificationSystem, AUDITOR, OPERATOR, post, VERIFICATION_CALLBACK } from "./arranging.ts";
import { JSON_BODY } from "./http-client.ts";
import type { Provocation } from "./provocation.ts";
import { processPath, Signer } from "./signer.ts";

/** How anybody else is refused, and what the platform says of its own faults. */
export const BY_OTHERS: Provocation[] = [
  {
    code: "CALLBACK_TOKEN_INVALID",
    by: "a result with another process's token",
    async arrange(platform) {
      const [one, other] = [await Signer.signed(platform), await Signer.invited(platform)];
      const result = { verificationId: "VER1", processId: one.processId, status: "SUCCESS", verifiedAt: new Date().toISOString() };
      return () => post(platform, VERIFICATION_CALLBACK, result, asVerificationSystem(platform, other.processId));
    },
  },
  ...(["", "Bearer ", `Bearer ${"A".repeat(43)}`, "Basic b3BzOm9wcw=="] as const).map((authorization): Provocation => ({
    code: "ADMIN_UNAUTHORIZED",
    by: `an administrator who shows "${authorization.slice(0, 10)}"`,
    call: (platform) => post(platform, "/api/admin/v1/processes/ESIGN_PROC_1/retry", { reason: "重试" }, { ...JSON_BODY, Authorization: authorization }),
  })),
  { code: "ADMIN_FORBIDDEN", by: "an administrator who may only look", call: (platform) => post(platform, "/api/admin/v1/processes/ESIGN_PROC_1/retry", { reason: "重试" }, AUDITOR), writes: ["admin_audit", "admin_audit_end"] },
  { code: "TEMPLATE_STATE_INVALID", by: "an administrator who approves what is in force already", call: (platform) => post(platform, "/api/admin/v1/templates/SIGN_CODE/1/approve", { reason: "已核对" }, OPERATOR), message: "该版本当前为“使用中”，不能审批", writes: ["admin_audit", "admin_audit_end"] },
  { code: "PROCESS_NOT_FOUND", by: "an administrator who looks for what there is not", call: (platform) => platform.http.call("GET", "/api/admin/v1/processes/ESIGN_PROC_1", OPERATOR), writes: ["admin_audit", "admin_audit_end"] },
  {
    code: "SETTINGS_CHANGED",
    by: "an operator whose change is based on what is no longer so",
    call: (platform) => post(platform, "/api/admin/v1/settings", { basedOn: 7, changes: { SIGN_WINDOW: "48h" }, reason: "延长" }, OPERATOR),
    writes: ["admin_audit", "admin_audit_end"],
  },
  { code: "LINK_INVALID", by: "a download link with a forged signature", call: (platform) => platform.http.call("GET", "/protocol/download/PROTO_1.pdf?expires=9999999999&kid=dev1&sig=AAAA") },
  { code: "NOT_FOUND", by: "a path nobody serves", call: (platform) => platform.http.call("GET", "/api/v1/esign/processes") },
  { code: "NOT_FOUND", by: "a method nobody serves", call: (platform) => platform.http.call("DELETE", processPath("ESIGN_PROC_1")) },
  {
    code: "INTERNAL_ERROR",
    by: "a fault of the platform itself, of which nothing is told",
    async arrange(platform) {
      const { processId } = await Signer.invited(platform);
      return async () => {
        platform.broken.set("process.get", () => {
          throw new TypeError("13800138000 is not iterable");
        });
        const answer = await platform.http.call("GET", processPath(processId));
        platform.broken.clear();
        return answer;
      };
    },
  },
  {
    code: "SERVICE_UNAVAILABLE",
    by: "a part of the platform that is away",
    async arrange(platform) {
      const { processId } = await Signer.invited(platform);
      await platform.quiet();
      const back = await platform.without("evidence");
      return async () => {
        const answer = await platform.http.call("GET", `${processPath(processId)}/evidence`);
        await back();
        return answer;
      };
    },
    retryAfter: true,
  },
];
