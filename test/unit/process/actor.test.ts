import { codeOf } from "../../../contract/errors.ts";
import { isUniqueViolation } from "../../../mixins/storage/unique-violation.ts";
import type { Command } from "../../../services/process/commands.ts";
import { statusOf } from "../../../services/process/decision.ts";
import { HASH, START } from "../../fixtures/process.ts";
import { actorWorld, ID, initiateCommand } from "./actor-nodes.ts";
import { COMMANDS, type World } from "./world.ts";

let world: ReturnType<typeof actorWorld>;
beforeEach(() => {
  world = actorWorld();
});
afterEach(() => world.end());

const told = (name: string) => (process: World["process"]): Command => COMMANDS[name]!({ process, now: world.now } as World);
/** A promise and its end, in a test's hands. */
function gate() {
  let open!: () => void;
  const closed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { closed, open };
}
const keys = () => world.performed.map((one) => `${one.owner} ${one.key} ${one.attempt}`);

test("a new process is stored with what it owes, and its key can be taken once", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  expect((await processes.get(ID))!.owed.map((one) => [one.key, one.owner])).toEqual([["wake:signature", "A"], ["agree", "A"], ["invite", "A"]]);
  await expect(world.node("B").actor.create(initiateCommand())).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
  expect(await world.node("C").actor.create(initiateCommand()).catch(isUniqueViolation)).toBe(true);
});

test("effects run in order and once, however often settling is asked for", async () => {
  const { actor, processes } = world.node("A");
  const stored = await actor.create(initiateCommand());
  await Promise.all([actor.settle(ID, stored), actor.settle(ID), actor.settle(ID)]);
  expect(keys()).toEqual(["A wake:signature 1", "A agree 1", "A invite 1"]);
  expect(await processes.get(ID)).toMatchObject({ owed: [], owedDueAt: null });
});

test("the outcome of an effect and its strike-off are one write", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  world.perform = async (_, owed) => (owed.name === "invite" ? told("invited late") : undefined);
  await actor.settle(ID);
  const process = (await processes.get(ID))!;
  expect([statusOf(process), process.owed]).toEqual(["SMS_SENT", []]);
});

test("an effect that fails goes back with a reason, keeps those behind it waiting and waits longer each time", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  world.perform = async (_, owed) => {
    if (owed.name === "agree") throw new Error("down");
    return undefined;
  };
  const seen: unknown[] = [];
  for (const wait of [1_000, 2_000, 4_000]) {
    await actor.settle(ID);
    const before = world.performed.length;
    await actor.settle(ID);
    expect(world.performed.length).toBe(before);
    const [head] = (await processes.get(ID))!.owed;
    seen.push([head!.key, head!.owner, head!.dueAt - world.now, head!.lastError]);
    world.now += wait;
  }
  expect(seen).toEqual([["agree", null, 1_000, "DOWN"], ["agree", null, 2_000, "DOWN"], ["agree", null, 4_000, "DOWN"]]);
  world.perform = async () => undefined;
  await actor.settle(ID);
  expect(keys()).toEqual(["A wake:signature 1", "A agree 1", "A agree 2", "A agree 3", "A agree 4", expect.stringMatching(/^A invite/)]);
});

test("what a dead node left is taken over when its lease has run out, and not before", async () => {
  await world.node("dead").actor.create(initiateCommand());
  const { actor } = world.node("B");
  world.now = START + 9_999;
  await actor.settle(ID);
  expect(keys()).toEqual([]);
  world.now = START + 10_000;
  await actor.settle(ID);
  expect(keys()).toEqual(["B wake:signature 2"]);
  world.now = START + 24_000;
  await actor.settle(ID);
  expect(keys()).toEqual(["B wake:signature 2", "B agree 2", "B invite 2"]);
});

test("a sole owner takes over at once", async () => {
  await world.node("before the restart", true).actor.create(initiateCommand());
  await world.node("after it", true).actor.settle(ID);
  expect(keys()).toEqual(["after it wake:signature 2", "after it agree 2", "after it invite 2"]);
});

test("a paused owner that wakes finds its attempt outdated: neither its strike nor its outcome counts", async () => {
  const paused = gate();
  const reached = gate();
  const { actor: a, processes } = world.node("A");
  const { actor: b } = world.node("B");
  await a.create(initiateCommand());
  world.perform = async (_, owed, owner) => {
    if (owned(owed.name, owner)) {
      reached.open();
      await paused.closed;
      return told("invited late");
    }
    return undefined;
  };
  const owned = (name: string, owner: string) => name === "invite" && owner === "A";
  const sleeping = a.settle(ID);
  await reached.closed;
  world.now += 30_000;
  // B fails at the invitation, so that it is owed under B's attempt while A comes back.
  world.perform = async (_, owed) => {
    if (owed.name === "invite") throw new Error("down");
    return undefined;
  };
  await b.settle(ID);
  paused.open();
  await sleeping;
  const process = (await processes.get(ID))!;
  expect(process.owed.map((one) => [one.key, one.attempt, one.owner])).toEqual([["invite", 2, null]]);
  expect(statusOf(process)).toBe("INIT");
});

test("who loses the compare-and-set decides again on what the winner left", async () => {
  const { actor: a, processes } = world.node("A");
  const { actor: b } = world.node("B");
  await a.create(initiateCommand());
  const stale = (await processes.get(ID))!;
  await b.apply(ID, told("cancel"));
  const decided: string[] = [];
  const { decision, process } = await a.apply(ID, (current) => (decided.push(statusOf(current)), told("cancel")(current)), [], stale);
  expect(decided).toEqual(["INIT", "FAILED"]);
  expect([decision.effects, statusOf(process), process.history.length]).toEqual([[], "FAILED", 2]);
});

test("a refusal judged on a document handed in is judged again on what is stored", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  const stale = (await processes.get(ID))!;
  await actor.apply(ID, told("invited late"));
  const { decision } = await actor.apply(ID, told("open"), [], stale);
  expect(decision.refusal).toBeUndefined();
  expect((await processes.get(ID))!.openedAt).not.toBeNull();
});

test("of many nodes that decide at once exactly one moves the process, and all others see what it did", async () => {
  const nodes = ["A", "B", "C", "D"].map((name) => world.node(name));
  await nodes[0]!.actor.create(initiateCommand());
  await nodes[0]!.actor.apply(ID, told("invited late"));
  const outcomes = await Promise.all(nodes.flatMap(({ actor }) => ["cancel", "decline"].map(async (name) => ({ name, ...(await actor.apply(ID, told(name))) }))));
  const process = (await nodes[0]!.processes.get(ID))!;
  const winner = process.history.at(-1)!.command;
  expect(process.history.filter((entry) => entry.status === "FAILED")).toHaveLength(1);
  expect(outcomes.filter((one) => one.decision.effects.length)).toHaveLength(1);
  expect(outcomes.filter((one) => one.decision.refusal).map((one) => one.name)).toEqual(Array(4).fill(winner === "cancel" ? "decline" : "cancel"));
});

test("an effect decided by another node while this one works is done by this one, without waiting for a lease, and what has become moot is not done", async () => {
  const { actor: a, processes } = world.node("A");
  const { actor: b } = world.node("B");
  await a.create(initiateCommand());
  world.perform = async (_, owed) => {
    if (owed.name !== "agree") return undefined;
    const { decision } = await b.apply(ID, told("cancel"));
    expect(decision.effects.length).toBe(2);
    await b.settle(ID);
    return undefined;
  };
  await a.settle(ID);
  expect((await processes.get(ID))!.owed).toEqual([]);
  expect(world.performed.map((one) => `${one.owner} ${one.key}`)).toEqual(["A wake:signature", "A agree", "A record:ENDED_BY_WALLET", "A announce"]);
});

test("the same fact noted twice while the first waits to be recorded is recorded once", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  await actor.settle(ID);
  world.perform = () => Promise.reject(new Error("down"));
  await actor.apply(ID, told("verified SUCCESS"));
  await actor.settle(ID);
  await actor.apply(ID, told("verified SUCCESS"));
  world.now += 1_000;
  world.perform = async () => undefined;
  world.performed.length = 0;
  await actor.settle(ID);
  expect(keys()).toEqual([expect.stringMatching(/^A record:VERIFICATION_ANOMALY:.* 2$/)]);
  expect((await processes.get(ID))!.owed).toEqual([]);
});

test("a database that is away is a fault of the run, never a rejection, and the next run goes on", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  const { replaceIfVersion } = processes;
  processes.replaceIfVersion = () => Promise.reject(new Error("away"));
  await actor.settle(ID);
  expect(world.faults).toHaveLength(1);
  processes.replaceIfVersion = replaceIfVersion.bind(processes);
  await actor.settle(ID);
  expect((await processes.get(ID))!.owed).toEqual([]);
});

test("an outcome that cannot be written is not struck off: the effect is done again and its outcome counts", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  const { replaceIfVersion } = processes;
  world.perform = async (_, owed) => {
    if (owed.name !== "invite") return undefined;
    processes.replaceIfVersion = () => Promise.reject(new Error("away"));
    return told("invited late");
  };
  await actor.settle(ID);
  expect(world.faults).toHaveLength(1);
  processes.replaceIfVersion = replaceIfVersion.bind(processes);
  world.perform = async (_, owed) => (owed.name === "invite" ? told("invited late") : undefined);
  await actor.settle(ID);
  const process = (await processes.get(ID))!;
  expect([statusOf(process), process.owed]).toEqual(["SMS_SENT", []]);
});

test("a run that the database broke off is told until one ends well, and its node does the effect before its own lease runs out", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  world.perform = async (_, owed) => {
    if (owed.name !== "agree") return undefined;
    // The database goes away meanwhile, so that the failure cannot be written down either.
    away = true;
    throw new Error("down");
  };
  let away = false;
  const { get } = processes;
  processes.get = async (id) => {
    if (away) throw new Error("away");
    return get.call(processes, id);
  };
  await actor.settle(ID);
  expect([world.faults.length, actor.interrupted(), actor.interrupted()]).toEqual([1, [ID], [ID]]);
  away = false;
  world.perform = async () => undefined;
  await actor.settle(ID);
  expect([actor.interrupted(), (await processes.get(ID))!.owed]).toEqual([[], []]);
});

test("an effect whose outcome can never be written is done a few times in its lease, not each second", async () => {
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  world.perform = async (_, owed) => {
    if (owed.name !== "invite") return undefined;
    return () => {
      throw new Error("never");
    };
  };
  await actor.settle(ID);
  for (let second = 0; second < 60; second += 1) {
    for (const id of actor.interrupted()) await actor.settle(id);
    world.now += 1_000;
  }
  // Behind 0, 1, 3, 7, 15, 31 seconds and the first time.
  expect(world.performed.filter(({ key }) => key.startsWith("invite"))).toHaveLength(7);
  world.perform = async () => undefined;
  world.now += 60_000;
  for (const id of actor.interrupted()) await actor.settle(id);
  expect([actor.interrupted(), (await processes.get(ID))!.owed]).toEqual([[], []]);
});

test("idle waits for the effect under way", async () => {
  const busy = gate();
  const { actor, processes } = world.node("A");
  await actor.create(initiateCommand());
  world.perform = () => busy.closed.then(() => undefined);
  void actor.settle(ID);
  const idle = actor.idle();
  busy.open();
  await idle;
  expect((await processes.get(ID))!.owed).toEqual([]);
});

test("a command for a process that is not there is refused", async () => {
  const error: unknown = await world.node("A").actor.apply("nobody", told("expire")).catch((thrown: unknown) => thrown);
  expect(codeOf(error)).toBe("PROCESS_NOT_FOUND");
});

test("nothing personal of a process stands in its table in clear", async () => {
  await world.node("A").actor.create(initiateCommand());
  const stored = world.rawBytes();
  expect(stored.includes(HASH)).toBe(true);
  expect(["13800138000", "110101199001011234", "6228480012345678901", "张三"].filter((secret) => stored.includes(secret))).toEqual([]);
});
