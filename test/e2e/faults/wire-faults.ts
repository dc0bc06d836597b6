import { until } from "../../until.ts";
import { lasting, one, type FaultRow } from "./fault-row.ts";
import type { Wires } from "./cluster-node.ts";

type Kind = keyof Wires;
/** Held: the cable is pulled, and what lay in it arrives afterwards. Reset: every connection breaks, and none can be made. */
type Cut = "held" | "reset";

const NAME: Record<Kind, string> = { nats: "NATS", mongo: "MongoDB" };
/** What was on its way at the moment of the cut has passed by then. */
const DRAINED_MS = 200;

/** One node that lives and hears nothing, while all the others go on. */
const cutOff = (service: string, kinds: Kind[], how: Cut): FaultRow => ({
  name: `a node with ${service} cut from ${kinds.map((kind) => NAME[kind]).join(" and ")}, ${how}`,
  async run({ cluster, random }) {
    const { id, wires } = one(cluster.of(service), random);
    const cut = kinds.map((kind) => wires[kind]);
    for (const wire of cut) {
      if (how === "held") wire.cut();
      else wire.reset(true);
    }
    await lasting(DRAINED_MS);
    const before = cut.map(({ passed }) => passed);
    await lasting(4_000 + random() * 4_000);
    if (cut.some(({ passed }, at) => passed !== before[at])) throw new Error(`${id} is not cut off`);
    for (const wire of cut) wire.heal();
    await until(`${id} is heard again`, () => cut.every(({ passed }, at) => passed > before[at]!), { pauseMs: 50 });
  },
});

/** A longer wire to every node. */
const slowed = (kind: Kind, delayMs: number): FaultRow => ({
  name: `slow ${NAME[kind]}`,
  async run({ cluster }) {
    for (const { wires } of cluster.nodes) wires[kind].slow(delayMs);
    await lasting(6_000);
    for (const { wires } of cluster.nodes) wires[kind].slow(0);
  },
});

const HOWS: readonly Cut[] = ["held", "reset"];
const ON_BUS = ["gateway", "process", "protocol", "sms", "verification-bridge", "evidence", "notifier", "expiry"] as const;
const STORING = ["gateway", "process", "protocol", "evidence", "notifier"] as const;

export const WIRE_FAULTS: readonly FaultRow[] = [
  ...ON_BUS.flatMap((service) => HOWS.map((how) => cutOff(service, ["nats"], how))),
  ...STORING.flatMap((service) => HOWS.map((how) => cutOff(service, ["mongo"], how))),
  ...HOWS.map((how) => cutOff("process", ["nats", "mongo"], how)),
  slowed("mongo", 150),
  slowed("nats", 75),
];
