import type { Status } from "../../../contract/vocabulary.ts";
import type { EvidenceItem } from "../../../services/evidence/evidence.api.ts";
import type { Operator } from "../../../contract/operator.ts";
import type { Command } from "../../../services/process/commands.ts";
import { statusOf } from "../../../services/process/decision.ts";
import { nextInvitationId, RESEND_PAUSE_MS } from "../../../services/process/decide-resend.ts";
import { advance } from "../../../services/process/lifecycle.ts";
import { owing, struckOff } from "../../../services/process/owed.ts";
import type { OwedEffect, SigningProcess } from "../../../services/process/signing-process.model.ts";
import { HASH, initiated, REMITTANCE_WINDOW_MS, START } from "../../fixtures/process.ts";

/** What the outside has seen: each list holds every time it was seen, so that a doubling shows. */
export interface Outside {
  invitations: string[];
  reminders: string[];
  remittances: string[];
  seals: number;
  events: string[];
  evidence: string[];
}

/** One process, its clock and the outside: a state of the model that is walked. */
export interface World {
  process: SigningProcess;
  now: number;
  outside: Outside;
}

const ORIGIN = { ip: "203.0.113.9", userAgent: "test" };
const OWNER = "node-1";

export const newWorld = (): World => {
  const { process, effects } = initiated();
  return { process: owing(process, effects, OWNER, START), now: START, outside: { invitations: [], reminders: [], remittances: [], seals: 0, events: [], evidence: [] } };
};

const sms = (process: SigningProcess, status: "SENT" | "FAILED") => ({
  messageId: process.invitationId,
  status,
  smsId: "S1",
  attempts: 1,
  at: new Date(START).toISOString(),
  templateCode: "T",
  contentForEvidence: "…",
  contentSha256: "d".repeat(64),
  failure: null,
});

const result = (process: SigningProcess, status: "SUCCESS" | "FAILED", requestId = `${process.processId}-1`) => ({
  verificationId: "VER1",
  requestId,
  status,
  verifiedAt: "2026-11-24T09:00:00Z",
  failureReason: null,
  evidence: null,
  source: "CALLBACK" as const,
});

const signing = (at: number, change: object = {}): Command => ({
  name: "sign",
  at,
  protocolHash: HASH,
  origin: ORIGIN,
  codeRequired: true,
  codeMatches: true,
  keyClauses: ["scope", "form"],
  scrolledToEnd: true,
  consent: true,
  readMs: 8_000,
  windowMs: REMITTANCE_WINDOW_MS,
  ...change,
});

/** Every command from outside, good and bad. */
export const OPERATOR: Operator = { id: "AUDIT_1", name: "ann", reason: "客户来电", via: "CONSOLE" };
export const COMMANDS: Readonly<Record<string, (world: World) => Command>> = {
  open: ({ now }) => ({ name: "open", at: now, protocolHash: HASH, origin: ORIGIN }),
  resend: ({ now }) => ({ name: "resend", at: now + RESEND_PAUSE_MS }),
  codeSent: ({ now, process }) => ({ name: "codeSent", at: now, n: 1, kid: "k1", sms: sms(process, "SENT") }),
  sign: ({ now }) => signing(now),
  "sign with a wrong code": ({ now }) => signing(now, { codeMatches: false }),
  "sign another text": ({ now }) => signing(now, { protocolHash: "e".repeat(64) }),
  decline: ({ now }) => ({ name: "decline", at: now, reason: "不同意", origin: ORIGIN }),
  cancel: ({ now }) => ({ name: "cancel", at: now, reason: "撤回" }),
  "cancel by an operator": ({ now }) => ({ name: "cancel", at: now, reason: "撤回", operator: OPERATOR }),
  retry: ({ now }) => ({ name: "retry", at: now, operator: OPERATOR }),
  renewVerification: ({ now, process }) => ({ name: "renewVerification", at: now, expired: `${process.processId}-1`, origin: ORIGIN }),
  answer: ({ now }) => ({ name: "answer", at: now, answerId: "A1", said: "s1", amount: "0.12", remark: "验证码", origin: ORIGIN }),
  answered: ({ now }) => ({ name: "answered", at: now, confirmed: { answerId: "A1", outcome: "MISMATCH", remainingAttempts: 2 } }),
  "verified SUCCESS": ({ now, process }) => ({ name: "verified", at: now, result: result(process, "SUCCESS") }),
  "verified FAILED": ({ now, process }) => ({ name: "verified", at: now, result: result(process, "FAILED") }),
  "verified another attempt": ({ now, process }) => ({ name: "verified", at: now, result: result(process, "SUCCESS", `${process.processId}-9`) }),
  expire: ({ now }) => ({ name: "expire", at: now }),
  "invited late": ({ now, process }) => ({ name: "invited", at: now, sms: sms(process, "SENT") }),
  "resent late": ({ now, process }) => ({ name: "resent", at: now, messageId: nextInvitationId(process), sms: sms(process, "SENT") }),
  "started late": ({ now, process }) => ({ name: "verificationStarted", at: now, started: started(process, "PENDING") }),
  "sealed late": ({ now, process }) => ({ name: "sealed", at: now, sealed: sealedFile(process) }),
};

const started = (process: SigningProcess, status: "PENDING" | "NOT_STARTED") => ({
  requestId: `${process.processId}-1`,
  status,
  verificationId: status === "PENDING" ? "VER1" : null,
  startedAt: "2026-11-24T08:30:00Z",
  faceUrl: null,
  faceUrlExpiresAt: null,
});

const sealedFile = (process: SigningProcess) => ({
  protocolId: process.protocolId,
  pdfSha256: "f".repeat(64),
  size: 1,
  storagePath: "x",
  sealedAt: "2026-11-24T09:01:00Z",
  sealCertSha256: "0".repeat(64),
});

/** The world after a command. A refusal leaves at most a counted try behind. */
export function say(world: World, command: Command): World {
  const { process, effects } = advance(world.process, command);
  return { ...world, process: owing(process ?? world.process, effects, OWNER, world.now) };
}

/** What an effect's owner does outside, idempotent under the effect's own key, and the command its outcome becomes. */
function perform(world: World, owed: OwedEffect, smsStatus: "SENT" | "FAILED", systemUp: boolean): { outside: Outside; command: Command | null } {
  const { process, now } = world;
  const once = <T>(list: T[], one: T): T[] => (list.includes(one) ? list : [...list, one]);
  const facts = (owed.params["items"] as EvidenceItem[] | undefined)?.map((item) => item.key) ?? [];
  const outside = { ...world.outside, evidence: facts.reduce(once, world.outside.evidence) };
  switch (owed.name) {
    case "invite":
      if (smsStatus === "SENT") outside.invitations = once(outside.invitations, process.invitationId);
      return { outside, command: { name: "invited", at: now, sms: sms(process, smsStatus) } };
    case "reinvite": {
      const messageId = owed.params["messageId"] as string;
      if (smsStatus === "SENT") outside.reminders = once(outside.reminders, messageId);
      return { outside, command: { name: "resent", at: now, messageId, sms: sms(process, smsStatus) } };
    }
    case "startVerification":
      if (systemUp) outside.remittances = once(outside.remittances, process.verification!.requestId);
      return { outside, command: { name: "verificationStarted", at: now, started: started(process, systemUp ? "PENDING" : "NOT_STARTED") } };
    case "seal":
      outside.seals = 1;
      outside.evidence = once(outside.evidence, "PROTOCOL_SEALED");
      return { outside, command: { name: "sealed", at: now, sealed: sealedFile(process) } };
    case "announce":
      outside.evidence = once(outside.evidence, `STATE:${statusOf(process)}`);
      outside.events = once(outside.events, process.eventId);
      return { outside, command: null };
    default:
      return { outside, command: null };
  }
}

/** The next owed effect is done and struck off, with what its outcome comes to. */
export function settleOne(world: World, smsStatus: "SENT" | "FAILED" = "SENT", systemUp = true): World {
  const owed = world.process.owed[0]!;
  const { outside, command } = perform(world, owed, smsStatus, systemUp);
  const without = { ...world, outside, process: struckOff(world.process, [owed]) };
  return command ? say(without, command) : without;
}

/** The next owed effect is done, and the node dies before it is struck off. */
export const crashAfterEffect = (world: World): World => ({ ...world, outside: perform(world, world.process.owed[0]!, "SENT", true).outside });

export const status = (world: World): Status => statusOf(world.process);
