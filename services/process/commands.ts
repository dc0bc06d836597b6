import type { Operator } from "../../contract/operator.ts";
import type { SmsOutcome } from "../sms/sms.api.ts";
import type { Sealed } from "../protocol/protocol.api.ts";
import type { Confirmed, Started, VerificationResult } from "../verification-bridge/verification-bridge.api.ts";
import type { SignerOrigin } from "./process.api.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/**
 * Everything that can happen to a process. `at` is milliseconds of the clock when it was seen; every id an effect will need
 * is in the command, so that a repeat after a crash repeats the same id.
 */
export type Command = { at: number } & (
  | { name: "initiate"; draft: SigningProcess; requestEvidence: Record<string, unknown> }
  | { name: "invited"; sms: SmsOutcome }
  | { name: "resend" }
  /** `sms` is null when it was no longer to be sent. */
  | { name: "resent"; messageId: string; sms: SmsOutcome | null }
  | { name: "open"; protocolHash: string; origin: SignerOrigin }
  | { name: "codeSent"; n: number; kid: string; sms: SmsOutcome }
  | {
      name: "sign";
      protocolHash: string;
      origin: SignerOrigin;
      /** As pinned by the agreement: false when SIGN_SMS_CODE was off at initiation. */
      codeRequired: boolean;
      /** Judged against the code of the process as it is now; null when none was typed. */
      codeMatches: boolean | null;
      keyClauses: string[];
      scrolledToEnd: boolean;
      consent: boolean;
      readMs: number;
      windowMs: number;
    }
  | { name: "decline"; reason: string; origin: SignerOrigin }
  /** `operator` when it was not the wallet. */
  | { name: "cancel"; reason: string; operator?: Operator }
  | { name: "retry"; operator: Operator }
  | { name: "verificationStarted"; started: Started }
  /** The signer is back and the link of the face check has expired; `expired` names the attempt it belonged to. */
  | { name: "renewVerification"; expired: string; origin: SignerOrigin }
  | { name: "answer"; answerId: string; said: string; amount: string; remark: string; origin: SignerOrigin }
  | { name: "answered"; confirmed: Confirmed }
  | { name: "verified"; result: VerificationResult }
  | { name: "sealed"; sealed: Sealed }
  | { name: "expire" }
);
export type CommandName = Command["name"];
export type CommandOf<N extends CommandName> = Extract<Command, { name: N }>;
