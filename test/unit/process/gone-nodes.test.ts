import { GoneNodes, ownerOf } from "../../../services/process/gone-nodes.ts";
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
    present: () => state.present,
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
  await gone.lost("node.with.dots-A");
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
  await gone.lost("node.with.dots-A");
  expect([world.performed, gone.isGone(DEAD)]).toEqual([[], false]);
  await world.end();
});

test("a node that was off the bus waits once more after it has come back, then takes over what is still gone", async () => {
  let waits = 0;
  const { world, gone } = await left({ connected: false, patience: async (state): Promise<void> => void ((waits += 1), (state.connected = true)) });
  await gone.lost("node.with.dots-A");
  expect([waits, gone.isGone(DEAD), world.performed.length > 0]).toEqual([2, true, true]);
  await world.end();
});

test("only the work of the node that is gone is taken", async () => {
  const { world, gone } = await left();
  await gone.lost("node.with.dots");
  expect(world.performed).toEqual([]);
  await world.end();
});

test("the leases of a node that comes back count again", async () => {
  const { world, gone } = await left();
  await gone.lost("node.with.dots-A");
  expect(gone.isGone(DEAD)).toBe(true);
  gone.back("node.with.dots-A");
  expect(gone.isGone(DEAD)).toBe(false);
  await world.end();
});
