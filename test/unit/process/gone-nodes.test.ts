import type { Collection } from "../../../mixins/collection-types.ts";
import { GoneNodes, ownerOf } from "../../../services/process/gone-nodes.ts";
import type { SigningProcess } from "../../../services/process/signing-process.model.ts";
import { START } from "../../fixtures/process.ts";
import { actorWorld, ID, initiateCommand } from "./actor-nodes.ts";

const DEAD = ownerOf("node.with.dots-A", "life");

interface State {
  present: boolean;
  connected: boolean;
}

/** A process whose owner was killed in its first effect, and the node that is told so. */
async function left({ present = false, connected = true, patience = async () => {} }: Partial<State> & { patience?: (state: State) => Promise<void> } = {}) {
  const world = actorWorld();
  const first = world.node(DEAD);
  await first.actor.create(initiateCommand());
  const state: State = { present, connected };
  const gone: GoneNodes = new GoneNodes({
    processes: first.processes,
    now: () => world.now,
    present: (nodeId) => nodeId !== "node.with.dots-A" || state.present,
    connected: () => state.connected,
    patience: (): Promise<void> => patience(state),
    settle: (id) => second.actor.settle(id),
    onFault: (error) => void world.faults.push(error),
  });
  const second = world.node(ownerOf("B", "life"), false, (owner) => gone.isGone(owner));
  return { world, gone, second, state };
}

/** The bus is lost during the first wait; the next one ends with the node. */
function cutOff(state: State): Promise<void> {
  if (!state.connected) return Promise.reject(new Error("stopped"));
  state.connected = false;
  return Promise.resolve();
}

test("what a node that is gone had leased is taken over at once, with the next attempt", async () => {
  const { world, gone, second } = await left();
  await second.actor.settle(ID);
  expect(world.performed).toEqual([]);
  await gone.look();
  expect(world.performed[0]).toEqual({ owner: "B/life", key: "wake:signature", attempt: 2 });
  expect((await second.processes.get(ID))!.owed).toEqual([]);
  await world.end();
});

test.each([
  ["a node that is back by then", { present: true }],
  ["a node that is there again when this one, which was off the bus itself, has come back", { connected: false, patience: async (state: State): Promise<void> => void Object.assign(state, { connected: true, present: true }) }],
  ["anybody, when this node was cut off meanwhile and stops", { patience: cutOff }],
  ["anybody, when this node stops meanwhile", { patience: (): Promise<void> => Promise.reject(new Error("stopped")) }],
])("nothing is taken from %s", async (_, state) => {
  const { world, gone } = await left(state);
  await gone.look();
  expect([world.performed, gone.isGone(DEAD)]).toEqual([[], false]);
  await world.end();
});

test("a node that was off the bus waits once more after it has come back, then takes over what is still gone", async () => {
  let waits = 0;
  const { world, gone } = await left({ connected: false, patience: async (state): Promise<void> => void ((waits += 1), (state.connected = true)) });
  await gone.look();
  expect([waits, gone.isGone(DEAD), world.performed.length > 0]).toEqual([2, true, true]);
  await world.end();
});

test("one that took its first lease after the look had begun is not taken for gone", async () => {
  const { world, gone, second } = await left();
  const late = ownerOf("late", "life");
  const other: GoneNodes = new GoneNodes({
    processes: second.processes, now: () => world.now, present: () => false, connected: () => true,
    // Meanwhile the lease has become another's, of whom nobody has heard yet.
    patience: async () => {
      const process = (await second.processes.get(ID))!;
      await second.processes.replaceIfVersion({ ...process, owed: process.owed.map((one) => ({ ...one, owner: late })) });
    },
    settle: (id) => second.actor.settle(id),
    onFault: (error) => void world.faults.push(error),
  });
  await other.look();
  expect([other.isGone(late), gone.isGone(late), world.performed]).toEqual([false, false, []]);
  await world.end();
});

test("nobody waits while nothing is leased to anybody who is not there", async () => {
  let waits = 0;
  const { world, gone } = await left({ present: true, patience: async () => void (waits += 1) });
  await gone.look();
  expect(waits).toBe(0);
  await world.end();
});

test("the leases of a node that comes back count again", async () => {
  const { world, gone } = await left();
  await gone.look();
  expect(gone.isGone(DEAD)).toBe(true);
  gone.back("node.with.dots-A");
  expect(gone.isGone(DEAD)).toBe(false);
  await world.end();
});

/** A process whose first effect is owned by this one, and what is behind it by that one. */
async function leasedBehind({ processes }: { processes: Collection<SigningProcess> }, first: string | null, behind: string): Promise<void> {
  const process = (await processes.get(ID))!;
  await processes.replaceIfVersion({ ...process, owed: process.owed.map((one, index) => ({ ...one, owner: index === 0 ? first : behind, ...(index === 0 && first === null ? { leaseUntil: null } : {}) })) });
}

test.each([
  ["something that is nobody's and due later", null],
  ["another node's", "B/life"],
])("what a dead node has leased behind %s is taken over as well", async (_, first) => {
  const { world, gone, second } = await left();
  await leasedBehind(second, first, DEAD);
  await gone.look();
  world.now += 1_000;
  await second.actor.settle(ID);
  expect((await second.processes.get(ID))!.owed).toEqual([]);
  await world.end();
});

test("a node that went and left nothing in sight is known to be gone when something of its turns up", async () => {
  const { world, gone, second } = await left({ present: true });
  await gone.look("another.node");
  expect(gone.isGone("another.node/life")).toBe(false);
  const absent: GoneNodes = new GoneNodes({
    processes: second.processes, now: () => world.now, present: () => false, connected: () => true,
    patience: async () => {},
    settle: async () => {},
    onFault: (error) => void world.faults.push(error),
  });
  await leasedBehind(second, null, "B/life");
  await absent.look("another.node");
  expect([absent.isGone("another.node/life"), world.faults]).toEqual([true, []]);
  await world.end();
});

test("all that is owed is looked through, however much is due before it", async () => {
  const { world, gone, second } = await left();
  const process = (await second.processes.get(ID))!;
  const due = process.owed.map((one) => ({ ...one, owner: null, leaseUntil: null }));
  for (let n = 0; n < 1_050; n += 1) {
    const id = `${ID.slice(0, -4)}${String(n).padStart(4, "0")}`;
    // All of one moment, so that pages end within it.
    await second.processes.insert({ ...process, _id: id, processId: id, requestId: `R${n}`, h5PageToken: `h${n}`, owed: due, owedDueAt: new Date(START + 1) });
  }
  await gone.look();
  expect(gone.isGone(DEAD)).toBe(true);
  expect((await second.processes.get(ID))!.owed).toEqual([]);
  await world.end();
});
