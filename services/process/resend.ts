import { failure } from "../../contract/errors.ts";
import { statusOf } from "./decision.ts";
import { isAwaited, nextInvitationId, resendOutcome } from "./decide-resend.ts";
import type { Initiator } from "./initiate.ts";
import { advance } from "./lifecycle.ts";
import { reserveSms, type Limiter } from "./limits.ts";
import { withPatience } from "./patience.ts";
import type { Initiated, ResendParams } from "./process.api.ts";
import type { CommandOn } from "./actor.ts";
import type { SigningProcess } from "./signing-process.model.ts";
import { initiatedView } from "./views.ts";

export interface Resender extends Limiter, Pick<Initiator, "processes" | "actor" | "now" | "link"> {
  command(id: string, command: CommandOn): Promise<SigningProcess>;
}

/** The SMS takes at most 7 s; the gateway waits 10 s for the whole call. */
const PATIENCE_MS = 9_000;

/**
 * `POST …/sms/resend` (CONTRACT.md §2): the invitation again, with the same link. Once it is decided it is owed, so it goes out
 * even when this node dies; of two calls at once one is decided and the other is told to wait.
 * @returns what initiate answers, also while the sending is still under way
 * @throws PROCESS_NOT_FOUND, PROCESS_STATE_INVALID, PROCESS_EXPIRED, RATE_LIMITED; SMS_SEND_FAILED when the gateway would not have
 *   it, which neither ends the process nor counts
 */
export async function resend(on: Resender, { systemCode, processId }: ResendParams): Promise<Initiated> {
  const process = await on.processes.get(processId);
  if (!process || process.systemCode !== systemCode) throw failure("PROCESS_NOT_FOUND");
  const early = advance(process, { name: "resend", at: on.now() }).refusal;
  if (early) throw failure(early.code, early);
  const link = on.link(process);
  if (!link) throw failure("PROCESS_STATE_INVALID", { message: "签约链接所用的密钥已停用，请重新发起签约" });

  await on.walletRate.count(systemCode);
  const messageId = nextInvitationId(process);
  // Not given back: what is refused from here on is a second call for the same message, whose place it is.
  await reserveSms(on, messageId, process.payeeContactMobile);
  await on.command(processId, () => ({ name: "resend", at: on.now() }));
  await withPatience(on.actor.settle(processId), PATIENCE_MS);

  const after = (await on.processes.get(processId))!;
  const out = resendOutcome(after, messageId);
  if (!out && !isAwaited(after)) throw failure(statusOf(after) === "EXPIRED" ? "PROCESS_EXPIRED" : "PROCESS_STATE_INVALID");
  if (out === false) throw failure("SMS_SEND_FAILED", { message: "短信发送失败，签约流程不受影响，请稍后重试" });
  return initiatedView(after, link);
}
