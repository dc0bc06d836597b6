import { STATUSES, TERMINAL, type Status } from "../../../contract/vocabulary.ts";
import { nextInvitationId } from "../../../services/process/decide-resend.ts";
import { advance } from "../../../services/process/lifecycle.ts";
import { COMMANDS, crashAfterEffect, newWorld, say, settleOne, status, type World } from "./world.ts";

/** §4.2.4, and the short cuts of CONTRACT.md §2.1: where each state may lead in one step of the history. */
const EDGES: Readonly<Record<Status, readonly Status[]>> = {
  INIT: ["SMS_SENT", "FAILED", "EXPIRED"],
  SMS_SENT: ["PROTOCOL_SIGNED", "FAILED", "EXPIRED"],
  PROTOCOL_SIGNED: ["VERIFICATION_PENDING", "EXPIRED"],
  VERIFICATION_PENDING: ["VERIFICATION_SUCCESS", "FAILED", "EXPIRED"],
  VERIFICATION_SUCCESS: ["COMPLETED"],
  COMPLETED: [],
  FAILED: [],
  EXPIRED: [],
};

const settleAll = (world: World): World => (world.process.owed.length ? settleAll(settleOne(world)) : world);
const later = (world: World, ms: number): World => ({ ...world, now: world.now + ms });
const tell = (name: string) => (world: World) => say(world, COMMANDS[name]!(world));
const through = (...steps: ((world: World) => World)[]) => steps.reduce((world, step) => step(world), newWorld());

/** A process in each state, as it gets there. */
const read = [settleAll, tell("open"), tell("codeSent"), (world: World) => later(world, 10_000)];
const IN: Readonly<Record<Status, () => World>> = {
  INIT: newWorld,
  SMS_SENT: () => through(...read),
  PROTOCOL_SIGNED: () => through(...read, settleAll, tell("sign")),
  VERIFICATION_PENDING: () => through(...read, tell("sign"), settleAll),
  VERIFICATION_SUCCESS: () => through(...read, tell("sign"), settleAll, tell("verified SUCCESS")),
  COMPLETED: () => through(...read, tell("sign"), settleAll, tell("verified SUCCESS"), settleAll),
  FAILED: () => through(...read, tell("sign"), settleAll, tell("verified FAILED"), settleAll),
  EXPIRED: () => through(...read, (world) => later(world, 25 * 3_600_000), tell("expire"), settleAll),
};

/** What each command comes to in each state: the state it leads to, `=` for no change of state, or the refusal. */
const S = "PROCESS_STATE_INVALID";
const X = "PROCESS_EXPIRED";
const MATRIX: [string, ...string[]][] = [
  // command                     INIT      SMS_SENT           SIGNED                  PENDING                 SUCCESS      COMPLETED FAILED EXPIRED
  ["open",                       S,        "=",               "=",                    "=",                    "=",         "=",      S,     X],
  ["resend",                     S,        "=",               S,                      "=",                    S,           S,        S,     X],
  ["codeSent",                   "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["sign",                       S,        "PROTOCOL_SIGNED", "=",                    "=",                    "=",         "=",      S,     X],
  ["sign with a wrong code",     S,        "SMS_CODE_INVALID","=",                    "=",                    "=",         "=",      S,     X],
  ["sign another text",          S,        "PROTOCOL_CHANGED","=",                    "=",                    "=",         "=",      S,     X],
  ["decline",                    S,        "FAILED",          S,                      S,                      S,           S,        S,     X],
  ["cancel",                     "FAILED", "FAILED",          S,                      S,                      S,           S,        S,     X],
  ["cancel by an operator",      "FAILED", "FAILED",          S,                      S,                      S,           S,        S,     X],
  ["retry",                      "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["renewVerification",          S,        S,                 S,                      S,                      S,           S,        S,     X],
  ["answer",                     S,        S,                 S,                      "=",                    S,           S,        S,     X],
  ["answered",                   "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["verified SUCCESS",           "=",      "=",               "VERIFICATION_SUCCESS", "VERIFICATION_SUCCESS", "=",         "=",      "=",   "="],
  ["verified FAILED",            "=",      "=",               "FAILED",               "FAILED",               "=",         "=",      "=",   "="],
  ["verified another attempt",   "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["expire",                     "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["invited late",               "SMS_SENT","=",              "=",                    "=",                    "=",         "=",      "=",   "="],
  ["resent late",                "=",      "=",               "=",                    "=",                    "=",         "=",      "=",   "="],
  ["started late",               "=",      "=",               "VERIFICATION_PENDING", "=",                    "=",         "=",      "=",   "="],
  ["sealed late",                "=",      "=",               "=",                    "=",                    "COMPLETED", "=",      "=",   "="],
];

describe("every command in every state", () => {
  const cases = MATRIX.flatMap(([command, ...row]) => STATUSES.map((state, i) => [command, state, row[i]!] as const));

  test.each(cases)("%s in %s comes to %s", (command, state, expected) => {
    const world = IN[state]();
    expect(status(world)).toBe(state);
    const decision = advance(world.process, COMMANDS[command]!(world));
    const reached = decision.process ? status({ ...world, process: decision.process }) : state;
    expect(decision.refusal?.code ?? (reached === state ? "=" : reached)).toBe(expected);
  });

  test("the matrix speaks of every command there is", () => {
    expect(MATRIX.map(([command]) => command)).toEqual(Object.keys(COMMANDS));
  });

  test.each(["open", "resend", "sign", "decline", "cancel", "renewVerification", "answer"])("%s after the deadline is refused although nobody has expired the process yet", (command) => {
    const world = later(IN[command === "answer" || command === "renewVerification" ? "VERIFICATION_PENDING" : "SMS_SENT"](), 8 * 24 * 3_600_000);
    expect(advance(world.process, COMMANDS[command]!(world)).refusal?.code).toBe(X);
  });

  test.each(["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_PENDING"] as const)("%s expires at its deadline and not a millisecond before", (state) => {
    const world = IN[state]();
    const deadline = world.process.expiredAt!.getTime();
    expect(advance(world.process, { name: "expire", at: deadline - 1 }).process).toBeUndefined();
    const { process } = advance(world.process, { name: "expire", at: deadline });
    expect(status({ ...world, process: process! })).toBe("EXPIRED");
  });

  test.each(["decline", "cancel"])("%s again is answered with the first outcome", (command) => {
    const once = tell(command)(IN.SMS_SENT());
    expect(advance(once.process, COMMANDS[command]!(once))).toEqual({ effects: [] });
  });
});

/** An owner reports only what it has done: these can come late or twice, but not out of nothing. */
const REPORTS: Readonly<Record<string, (world: World) => boolean>> = {
  "invited late": ({ outside }) => outside.invitations.length > 0,
  "resent late": ({ outside, process }) => outside.reminders.includes(nextInvitationId(process)),
  "started late": ({ outside }) => outside.remittances.length > 0,
  "sealed late": ({ outside }) => outside.seals > 0,
};

/** Everything that can happen next in a world. */
function nexts(world: World): [string, World][] {
  const possible = Object.keys(COMMANDS).filter((name) => REPORTS[name]?.(world) ?? true);
  const outside = possible.map((name): [string, World] => [name, tell(name)(world)]);
  const clock: [string, World][] = [
    ["ten seconds", later(world, 10_000)],
    ["past the deadline", world.process.expiredAt ? { ...world, now: Math.max(world.now, world.process.expiredAt.getTime()) } : world],
    ["past the hold", world.process.expiredAt ? { ...world, now: Math.max(world.now, world.process.expiredAt.getTime() + 60_000) } : world],
  ];
  if (!world.process.owed.length) return [...outside, ...clock];
  return [
    ...outside,
    ...clock,
    ["effect", settleOne(world)],
    ["effect, the gateway refuses", settleOne(world, "FAILED")],
    ["effect, the verification system is down", settleOne(world, "SENT", false)],
    ["effect, and a crash before the strike-off", crashAfterEffect(world)],
  ];
}

/** A fact for the chain leads to no command, so which of them waits makes no difference; that one waits does, since it is in the way. */
const waiting = ({ owed }: World["process"]): string[] => owed.map((one) => (one.name === "record" ? "record" : one.key));
/** Nor do the facts that the chain has; an invariant asks for that of the seal. */
const sealed = ({ outside: { evidence, ...seen } }: World) => ({ ...seen, sealed: evidence.includes("PROTOCOL_SEALED") });

/** Two worlds with the same key can go on in the same ways. */
function keyOf(world: World): string {
  const { process, now } = world;
  const { status: stored, openedAt, signedAt, signCode, verification, failureCode, expiredAt, resends } = process;
  const clock = expiredAt ? (now < expiredAt.getTime() ? Math.min(now - (openedAt?.getTime() ?? now), 10_000) : now < expiredAt.getTime() + 60_000 ? "due" : "held") : "none";
  return JSON.stringify([stored, !!openedAt, !!signedAt, signCode?.tries, verification?.status, verification?.answer?.outcome, !!verification?.answer, verification?.verificationId, failureCode, resends?.sent, !!resends?.pending, waiting(process), clock, sealed(world)]);
}

function check(before: World, name: string, after: World): void {
  const path = after.process.history.map((entry) => entry.status);
  const context = `${path.join(" → ")} after ${name}`;
  const broken = (rule: string) => `${rule}: ${context}`;
  if (TERMINAL.includes(status(before)) && status(after) !== status(before)) throw new Error(broken("terminal is final"));
  if (before.process.signedAt && after.process.signedAt?.getTime() !== before.process.signedAt.getTime()) throw new Error(broken("at most one signature"));
  if (path.filter((one) => one === "PROTOCOL_SIGNED").length > 1) throw new Error(broken("at most one signature"));
  if (path.includes("EXPIRED") && path.includes("COMPLETED")) throw new Error(broken("never both EXPIRED and COMPLETED"));
  if (path.slice(1).some((one, i) => !EDGES[path[i]!].includes(one))) throw new Error(broken("the history is a path of §4.2.4"));
  const waits = after.process.expiredAt !== null || after.process.owed.length > 0;
  if (!TERMINAL.includes(status(after)) && !waits) throw new Error(broken("a non-terminal state owes something or has a deadline"));
  const { outside } = after;
  for (const list of [outside.invitations, outside.remittances, outside.events]) if (list.length > 1) throw new Error(broken("once outside is once"));
  if ((after.process.resends?.sent ?? 0) > outside.reminders.length) throw new Error(broken("no reminder counts that was not sent"));
  if (outside.reminders.length > 3) throw new Error(broken("at most three reminders"));
  if (status(after) === "COMPLETED" && !(outside.seals && outside.evidence.includes("PROTOCOL_SEALED"))) throw new Error(broken("COMPLETED is sealed and in evidence"));
  if (TERMINAL.includes(status(after)) && !after.process.owed.length && outside.events.length !== 1) throw new Error(broken("a settled terminal process has told its one event"));
}

/** Walks every sequence of steps, breadth first, checking each edge; worlds that can go on in the same ways are walked once. */
function walk(start: World, depth: number): { worlds: number; reached: Set<Status> } {
  const seen = new Set([keyOf(start)]);
  const reached = new Set([status(start)]);
  for (let frontier = [start], step = 0; step < depth; step++) {
    const next: World[] = [];
    for (const world of frontier) {
      for (const [name, after] of nexts(world)) {
        check(world, name, after);
        const key = keyOf(after);
        if (seen.has(key)) continue;
        seen.add(key);
        reached.add(status(after));
        next.push(after);
      }
    }
    frontier = next;
  }
  return { worlds: seen.size, reached };
}

test("breadth first over every sequence of ten steps, with duplicates, crashes and bad luck, no invariant breaks", () => {
  const { worlds, reached } = walk(newWorld(), 10);
  expect(worlds).toBeGreaterThan(1_000);
  expect(reached).toEqual(new Set(["INIT", "SMS_SENT", "PROTOCOL_SIGNED", "VERIFICATION_SUCCESS", "FAILED", "EXPIRED"]));
});

test.each(STATUSES)("breadth first over every sequence of seven steps from %s, no invariant breaks", (state) => {
  expect(walk(IN[state](), 7).worlds).toBeGreaterThan(1);
});
