import { statusNumber } from "../../contract/vocabulary.ts";
import { isoSeconds } from "../../contract/time.ts";
import type { Command, CommandOf } from "./commands.ts";
import * as resending from "./decide-resend.ts";
import * as operating from "./decide-operator.ts";
import * as signing from "./decide-signing.ts";
import * as verification from "./decide-verification.ts";
import { effect, isDue, nothing, refuse, statusOf, type Decision } from "./decision.ts";
import { transition } from "./transitions.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/**
 * The state machine of §4.2.4: `process` and a command in, the next process and the effects it owes out. Pure: the same
 * inputs give the same decision on every node. The table in transitions.ts says which rule applies in which state.
 * @param process null only for `initiate`
 */
export function advance(process: SigningProcess | null, command: Command): Decision {
  if (command.name === "initiate") return initiate(command);
  if (!process) throw new TypeError(`${command.name} needs a process`);
  const row = transition(command.name, statusOf(process));
  if (row.beforeDeadline && isDue(process, command.at)) return refuse("PROCESS_EXPIRED");
  switch (row.rule) {
    case "judge":
      return judge(process, command);
    case "note":
      return note(process, command);
    case "repeat":
      return repeat(process, command);
    case "ignore":
      return nothing();
    default:
      return refuse(row.rule);
  }
}

/** §4.1.1 steps 1-6: everything a new process owes, the deadline's wake-up first so that nothing can outlive it. */
function initiate(command: CommandOf<"initiate">): Decision {
  const { draft, at } = command;
  return {
    process: {
      ...draft,
      status: statusNumber("INIT"),
      expiredAt: draft.signDeadline,
      createdAt: new Date(at),
      updatedAt: new Date(at),
      history: [{ at: isoSeconds(at), status: "INIT", command: "initiate" }],
    },
    effects: [effect("wake:signature", "wake"), effect("agree", "agree", { request: command.requestEvidence }), effect("invite", "invite")],
  };
}

function judge(process: SigningProcess, command: Command): Decision {
  switch (command.name) {
    case "invited":
      return signing.invited(process, command);
    case "resend":
      return resending.resend(process, command);
    case "open":
      return signing.open(process, command);
    case "sign":
      return signing.sign(process, command);
    case "decline":
      return signing.decline(process, command);
    case "cancel":
      return command.operator ? operating.cancelByOperator(process, command.operator, command.at) : signing.cancel(process, command);
    case "verificationStarted":
      return verification.verificationStarted(process, command);
    case "renewVerification":
      return verification.renewVerification(process, command);
    case "answer":
      return verification.answer(process, command);
    case "verified":
      return verification.verified(process, command);
    case "sealed":
      return verification.sealed(process, command);
    case "expire":
      return verification.expire(process, command);
    default:
      throw new TypeError(`${command.name} has no judgement`);
  }
}

function note(process: SigningProcess, command: Command): Decision {
  switch (command.name) {
    case "resent":
      return resending.resent(process, command);
    case "retry":
      return operating.retry(process, command);
    case "codeSent":
      return signing.codeSent(process, command, statusOf(process) === "SMS_SENT");
    case "verificationStarted":
      return verification.verificationStarted(process, command);
    case "answered":
      return verification.answered(process, command);
    case "verified":
      return verification.verifiedOutOfTurn(process, command);
    default:
      throw new TypeError(`${command.name} has nothing to note`);
  }
}

/** Done before: the first outcome stands. A decline of what the wallet cancelled (and the reverse) is no repeat. */
function repeat(process: SigningProcess, command: Command): Decision {
  if (command.name === "decline" && process.failureCode !== "SIGNER_DECLINED") return refuse("PROCESS_STATE_INVALID");
  if (command.name === "cancel" && process.failureCode !== "CANCELLED") return refuse("PROCESS_STATE_INVALID");
  if (command.name === "open" && command.protocolHash !== process.agreement.protocolHash) return refuse("PROTOCOL_CHANGED");
  return nothing();
}
