import { codeOf, failure } from "../../contract/errors.ts";
import type { Confirmed, QueryAnswer, VerificationResult } from "../verification-bridge/verification-bridge.api.ts";
import { statusOf } from "./decision.ts";
import { answeredBefore, faceLinkExpired, outOfTurn } from "./decide-verification.ts";
import { answerDigest } from "./link-token.ts";
import { withPatience } from "./patience.ts";
import type { SignerCall, VerificationView } from "./process.api.ts";
import { processOfToken, type SignerDesk } from "./signer-calls.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { validateAnswer } from "./validation.ts";
import { verificationView } from "./views.ts";

interface Answered {
  status: string;
  verification: VerificationView | null;
}

/**
 * `POST /h5/api/verification/remittance`: the answer is recorded, passed on once, its reply recorded. Only callback, bus event
 * and query move the state (CONTRACT.md §3.2); the bridge asks at once when the reply is final. The same words again within a
 * minute of their reply are answered with it and not passed on.
 * @throws VERIFICATION_MISMATCH with the attempts left, VERIFICATION_SERVICE_ERROR when the system did not answer
 */
export async function answer(on: SignerDesk, { token, origin, body }: SignerCall): Promise<Answered> {
  const process = await processOfToken(on, token);
  const validated = validateAnswer(body);
  const said = validated.errors ? "" : answerDigest(validated.value);
  if (repeats(process, said, on.now())) return replyOf(process);
  const refusal = outOfTurn(process, "REMITTANCE", on.now());
  if (refusal) throw failure(refusal.code, refusal);
  if (validated.errors) throw failure("PARAM_INVALID", { errors: validated.errors });

  const { amount, remark } = validated.value;
  const answerId = on.newAnswerId();
  const asked = await on.command(process._id, () => ({ name: "answer", at: on.now(), answerId, said, amount, remark, origin }));
  // Somebody said the same between the look above and this decision, and has had the reply.
  if (asked.verification!.answer!.answerId !== answerId) return replyOf(asked);
  const { verificationId } = asked.verification!;
  const confirmed = await on
    .call<Confirmed>("verification-bridge.confirm", { processId: process.processId, verificationId, answerId, amount, remark }, 9_000)
    .catch((error: unknown) => {
      throw codeOf(error) ? error : failure("VERIFICATION_SERVICE_ERROR");
    });
  const after = await on.command(process._id, () => ({ name: "answered", at: on.now(), confirmed }));
  return reply(after, confirmed.outcome, confirmed.remainingAttempts);
}

/** A repeat while the process lives: after FAILED and EXPIRED every answer is out of turn (CONTRACT.md §2.4). */
const repeats = (process: SigningProcess, said: string, at: number): boolean =>
  !["FAILED", "EXPIRED"].includes(statusOf(process)) && answeredBefore(process, said, at) !== null;

const replyOf = (process: SigningProcess): Answered => reply(process, process.verification!.answer!.outcome!, process.verification!.remainingAttempts);

function reply(process: SigningProcess, outcome: Confirmed["outcome"], remainingAttempts: number | null): Answered {
  switch (outcome) {
    case "SUCCESS":
      return { status: statusOf(process), verification: verificationView(process) };
    case "UNREACHABLE":
      throw failure("VERIFICATION_SERVICE_ERROR");
    case "FAILED":
      throw failure("VERIFICATION_MISMATCH", { data: { remainingAttempts: 0, status: "FAILED" } });
    case "MISMATCH":
      throw failure("VERIFICATION_MISMATCH", { data: { remainingAttempts, status: statusOf(process) } });
  }
}

/** Asking the system about the old attempt, then starting the new one: together less than the page waits, which is 10 s. */
const ASK_FIRST_MS = 4_000;
const RENEWAL_PATIENCE_MS = 4_500;

/**
 * `POST /h5/api/verification/face`: where the face check is done. An expired link is replaced by that of a new attempt, unless the
 * system has a result of the old one whose callback was lost.
 * @throws PROCESS_STATE_INVALID out of turn, for a company, and while a check is being started; VERIFICATION_SERVICE_ERROR when
 *   the system cannot be asked about the expired attempt: then nothing has changed
 */
export async function face(on: FaceDesk, { token, origin }: SignerCall): Promise<{ faceUrl: string }> {
  const process = await processOfToken(on, token);
  const known = faceUrlOf(process, on.now());
  if (known) return { faceUrl: known };
  await settleExpired(on, process);
  await on.command(process._id, () => ({ name: "renewVerification", at: on.now(), expired: process.verification!.requestId, origin }));
  await withPatience(on.actor.settle(process._id), RENEWAL_PATIENCE_MS);
  const renewed = faceUrlOf((await on.processes.get(process._id))!, on.now());
  if (!renewed) throw notReady();
  return { faceUrl: renewed };
}

export interface FaceDesk extends SignerDesk {
  /** Hands a result that a query found to the process. */
  verified(processId: string, result: VerificationResult): Promise<unknown>;
}

/**
 * The link of the present check; null when it has expired.
 * @throws the refusal when it is not the signer's turn
 */
function faceUrlOf(process: SigningProcess, at: number): string | null {
  const refusal = outOfTurn(process, "FACE", at);
  if (refusal) throw failure(refusal.code, refusal);
  if (!process.verification!.faceUrl) throw notReady();
  return faceLinkExpired(process, at) ? null : process.verification!.faceUrl;
}

const notReady = () => failure("PROCESS_STATE_INVALID", { message: "人脸验证链接尚未就绪，请稍后再试" });

/** A check that was passed in the last minute before the link expired is not asked for twice. */
async function settleExpired(on: FaceDesk, { processId }: SigningProcess): Promise<void> {
  const { status, result } = await on
    .call<QueryAnswer>("verification-bridge.query", { processId }, ASK_FIRST_MS)
    .catch((): QueryAnswer => ({ status: "UNREACHABLE", result: null }));
  if (result) await on.verified(processId, result);
  else if (status === "UNREACHABLE") throw failure("VERIFICATION_SERVICE_ERROR");
}
