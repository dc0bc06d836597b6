import { failure, type FieldError } from "../../contract/errors.ts";
import { isoSeconds } from "../../contract/time.ts";
import { config } from "../../config/index.ts";
import { callbackTokenMatches } from "../../mixins/callback-token.ts";
import { clock } from "../../mixins/clock.ts";
import { isUniqueViolation } from "../../mixins/collection.ts";
import type { Bridge } from "./bridge.ts";
import { evidenceProblem, isIsoTime, isVerificationId, LONGEST_REASON } from "./result-fields.ts";
import { settleResult, storeResult, tellResult } from "./results.ts";
import type { VerificationResult } from "./verification-bridge.api.ts";
import type { VerificationRecord } from "./verification.model.ts";

/** The sweep tells the process when this node dies before it has. */
const TELL_LEASE = 15_000;

/**
 * A result by callback or bus event (§2.1.3). The token is judged before anything else of the body is believed; it is bound to the
 * process, so only `processId` is read for it.
 * @throws CALLBACK_TOKEN_INVALID for a wrong or missing token and for an unknown process alike; PARAM_INVALID with the fields
 */
export async function receiveResult(bridge: Bridge, token: unknown, body: unknown, source: "CALLBACK" | "EVENT"): Promise<void> {
  const fields = typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  const processId = fields["processId"];
  const tokenHolds =
    typeof token === "string" && typeof processId === "string" && callbackTokenMatches(config.callbackTokenSecret, "verification-callback", processId, token);
  const attempts = tokenHolds ? await bridge.collections.attempts.find({ processId }, { sort: ["-attempt"] }) : [];
  if (attempts.length === 0) {
    bridge.logger.error("alert: a verification callback with a wrong token was refused", { alert: "CALLBACK_TOKEN_INVALID", source });
    throw failure("CALLBACK_TOKEN_INVALID");
  }
  const said = readBody(fields);
  // The callback may beat the start's answer: then it is this callback that says which verification the open attempt became.
  const attempt = attempts.find((known) => known.verificationId === said.verificationId) ?? attempts.find((known) => known.verificationId === undefined);
  if (!attempt) throw unknownVerification();
  await take(bridge, attempt, { ...said, requestId: attempt._id, source });
}

async function take(bridge: Bridge, attempt: VerificationRecord, result: VerificationResult): Promise<void> {
  const { doc } = await storeResult(bridge, attempt._id, result, clock.now() + TELL_LEASE).catch((error: unknown) => {
    throw isUniqueViolation(error) ? unknownVerification() : error;
  });
  if (doc.verificationId !== result.verificationId) throw unknownVerification();
  // Nobody keeps a conflicting result here, so the caller hears of it when the process cannot be told, and repeats it.
  if (doc.result!.status !== result.status) await tellResult(bridge, doc.processId, result);
  else if (doc.owesResult) await settleResult(bridge, doc);
}

const unknownVerification = () => failure("PARAM_INVALID", { errors: [{ field: "verificationId", message: "不属于该签约流程" }] });

function readBody(fields: Record<string, unknown>): Omit<VerificationResult, "requestId" | "source"> {
  const { verificationId, status, verifiedAt, failureReason, evidence } = fields;
  const errors: FieldError[] = [];
  const check = (field: string, good: boolean, message: string): void => void (good || errors.push({ field, message }));
  check("verificationId", isVerificationId(verificationId), "必填，长度 1 至 64");
  check("status", status === "SUCCESS" || status === "FAILED", "必须是 SUCCESS 或 FAILED");
  check("verifiedAt", isIsoTime(verifiedAt), "必须是 ISO 8601 时间");
  check("failureReason", failureReason == null || (typeof failureReason === "string" && failureReason.length <= LONGEST_REASON && failureReason.isWellFormed()), "必须是不超过 256 字的文本");
  const unfit = evidenceProblem(evidence);
  check("evidence", unfit === null, unfit ?? "");
  if (errors.length > 0) throw failure("PARAM_INVALID", { errors });
  return {
    verificationId: verificationId as string,
    status: status as VerificationResult["status"],
    verifiedAt: isoSeconds(Date.parse(verifiedAt as string)),
    failureReason: (failureReason as string | null | undefined) ?? null,
    evidence: (evidence as Record<string, unknown> | null | undefined) ?? null,
  };
}
