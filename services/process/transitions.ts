import { STATUSES, type Status } from "../../contract/vocabulary.ts";
import type { ErrorCode } from "../../contract/errors.ts";
import type { CommandName } from "./commands.ts";

/**
 * What a command does in a state:
 * - `judge`: its own rules decide whether it moves the process, and where to;
 * - `note`: it changes no state, but may leave a fact or evidence behind;
 * - `repeat`: it was done before, the caller gets the first outcome;
 * - `ignore`: it is stale, nothing happens;
 * - an error code: refused.
 */
export type Rule = "judge" | "note" | "repeat" | "ignore" | ErrorCode;

interface Row {
  command: CommandName;
  in: readonly Status[];
  rule: Rule;
  /** Refused with PROCESS_EXPIRED once the deadline has passed, whether or not the sweep has come by (CONTRACT.md §2.1 "Expiry"). */
  beforeDeadline?: true;
  /** Where it can lead. */
  to?: readonly Status[];
  /** The clause the row answers. */
  cite: string;
}

const SIGNED: readonly Status[] = ["PROTOCOL_SIGNED", "VERIFICATION_PENDING", "VERIFICATION_SUCCESS", "COMPLETED"];
const AFTER_SIGNATURE: readonly Status[] = [...SIGNED, "FAILED", "EXPIRED"];

export const TRANSITIONS: readonly Row[] = [
  { command: "invited", in: ["INIT"], rule: "judge", to: ["SMS_SENT", "FAILED"], cite: "§4.1.1 steps 5-6, §6 SMS_SEND_FAILED" },
  { command: "invited", in: ["SMS_SENT", ...AFTER_SIGNATURE], rule: "ignore", cite: "§4.3.3" },

  { command: "resend", in: ["SMS_SENT", "VERIFICATION_PENDING"], rule: "judge", beforeDeadline: true, to: ["SMS_SENT", "VERIFICATION_PENDING"], cite: "CONTRACT §2 sms/resend" },
  { command: "resend", in: ["INIT", "PROTOCOL_SIGNED", "VERIFICATION_SUCCESS", "COMPLETED", "FAILED"], rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2 sms/resend" },
  { command: "resend", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "CONTRACT §2.4" },
  { command: "resent", in: STATUSES, rule: "note", cite: "CONTRACT §2 sms/resend" },

  { command: "open", in: ["SMS_SENT"], rule: "judge", beforeDeadline: true, to: ["SMS_SENT"], cite: "CONTRACT §2.4 open" },
  { command: "open", in: SIGNED, rule: "repeat", cite: "CONTRACT §2.4 open" },
  { command: "open", in: ["INIT", "FAILED"], rule: "PROCESS_STATE_INVALID", cite: "§4.3.3" },
  { command: "open", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "§6 PROCESS_EXPIRED" },

  { command: "codeSent", in: STATUSES, rule: "note", cite: "CONTRACT §2.4 sign-code" },

  { command: "sign", in: ["SMS_SENT"], rule: "judge", beforeDeadline: true, to: ["SMS_SENT", "PROTOCOL_SIGNED"], cite: "§4.1.1 step 7" },
  { command: "sign", in: SIGNED, rule: "repeat", cite: "CONTRACT §2.4 sign" },
  { command: "sign", in: ["INIT", "FAILED"], rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2.4 sign" },
  { command: "sign", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "§6 PROCESS_EXPIRED" },

  { command: "decline", in: ["SMS_SENT"], rule: "judge", beforeDeadline: true, to: ["FAILED"], cite: "CONTRACT §2.4 decline" },
  { command: "decline", in: ["FAILED"], rule: "repeat", cite: "CONTRACT §2.4 decline" },
  { command: "decline", in: ["INIT", ...SIGNED], rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2.4 decline" },
  { command: "decline", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "§6 PROCESS_EXPIRED" },

  { command: "cancel", in: ["INIT", "SMS_SENT"], rule: "judge", beforeDeadline: true, to: ["FAILED"], cite: "CONTRACT §2 cancel" },
  { command: "cancel", in: ["FAILED"], rule: "repeat", cite: "CONTRACT §2 cancel" },
  { command: "cancel", in: SIGNED, rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2 cancel" },
  { command: "cancel", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "CONTRACT §2.4" },

  { command: "retry", in: STATUSES, rule: "note", cite: "CONTRACT §2.5 retry" },

  { command: "verificationStarted", in: ["PROTOCOL_SIGNED"], rule: "judge", to: ["VERIFICATION_PENDING"], cite: "§4.1.1 step 8, §6 VERIFICATION_SERVICE_ERROR" },
  { command: "verificationStarted", in: AFTER_SIGNATURE.slice(1), rule: "note", cite: "CONTRACT §3.2 callback before the start's answer" },
  { command: "verificationStarted", in: ["INIT", "SMS_SENT"], rule: "ignore", cite: "§4.3.3" },

  { command: "renewVerification", in: ["VERIFICATION_PENDING"], rule: "judge", beforeDeadline: true, to: ["VERIFICATION_PENDING"], cite: "CONTRACT §2.4 verification/face: that of a new attempt" },
  { command: "renewVerification", in: STATUSES.filter((status) => status !== "VERIFICATION_PENDING" && status !== "EXPIRED"), rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2.4" },
  { command: "renewVerification", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "CONTRACT §2.4" },

  { command: "answer", in: ["VERIFICATION_PENDING"], rule: "judge", beforeDeadline: true, to: ["VERIFICATION_PENDING"], cite: "§5.1 step 19" },
  { command: "answer", in: STATUSES.filter((status) => status !== "VERIFICATION_PENDING" && status !== "EXPIRED"), rule: "PROCESS_STATE_INVALID", cite: "CONTRACT §2.4" },
  { command: "answer", in: ["EXPIRED"], rule: "PROCESS_EXPIRED", cite: "CONTRACT §2.4" },

  { command: "answered", in: AFTER_SIGNATURE, rule: "note", cite: "CONTRACT §3.2: confirm's answer is shown and recorded" },
  { command: "answered", in: ["INIT", "SMS_SENT"], rule: "ignore", cite: "§4.3.3" },

  { command: "verified", in: ["PROTOCOL_SIGNED", "VERIFICATION_PENDING"], rule: "judge", to: ["PROTOCOL_SIGNED", "VERIFICATION_PENDING", "VERIFICATION_SUCCESS", "FAILED"], cite: "§4.1.1 step 9, §4.2.4" },
  { command: "verified", in: ["INIT", "SMS_SENT", "VERIFICATION_SUCCESS", "COMPLETED", "FAILED", "EXPIRED"], rule: "note", cite: "CONTRACT §2.1 Expiry, §3.2: the first terminal result wins" },

  { command: "sealed", in: ["VERIFICATION_SUCCESS"], rule: "judge", to: ["COMPLETED"], cite: "§4.1.2, CONTRACT §2.1 States" },
  { command: "sealed", in: STATUSES.filter((status) => status !== "VERIFICATION_SUCCESS"), rule: "ignore", cite: "§4.3.3" },

  { command: "expire", in: ["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING"], rule: "judge", to: ["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING", "EXPIRED"], cite: "§4.1.1 step 10" },
  { command: "expire", in: ["VERIFICATION_SUCCESS", "COMPLETED", "FAILED", "EXPIRED"], rule: "ignore", cite: "CONTRACT §2.1 States: no deadline" },
];

const INDEX = new Map(TRANSITIONS.flatMap((row) => row.in.map((status) => [`${row.command}|${status}`, row] as const)));

/** The row for a command in a state. `initiate` has none: it creates. */
export function transition(command: CommandName, status: Status): Row {
  const row = INDEX.get(`${command}|${status}`);
  if (!row) throw new RangeError(`no transition for ${command} in ${status}`);
  return row;
}
