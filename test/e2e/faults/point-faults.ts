import { EFFECT_NAMES, type EffectName } from "../../../services/process/signing-process.model.ts";
import { until } from "../../until.ts";
import type { Arm } from "../driver/child.ts";
import type { ClusterNode } from "./cluster-node.ts";
import { lasting, type Course, type FaultRow } from "./fault-row.ts";
import type { SigningPlay } from "./signing-play.ts";

/** A place in the work at which a node ends or stands still. */
interface Point {
  /** As the driven node names it (`../driver/child.ts`). */
  name: string;
  service: string;
  /** Only an invitation that is sent again comes there. */
  resent?: true;
}
type How = Arm["how"];

/** Before it is begun; done and not struck off; struck off. */
const MOMENTS = ["before", "after", "struck"] as const;
const ofEffect = (effect: EffectName): Point[] =>
  MOMENTS.map((moment) => ({ name: `${moment} ${effect}`, service: "process", ...(effect === "reinvite" && { resent: true as const }) }));
const EFFECT_POINTS = EFFECT_NAMES.flatMap(ofEffect);

/** The actions behind the effects, and those that change a signing: by whom they are called, and what they have begun when they die. */
const WORK = [
  "process.initiate", "process.sign", "process.verified",
  "template.render",
  "protocol.freeze", "protocol.seal",
  "sms.send",
  "verification-bridge.mode", "verification-bridge.start", "verification-bridge.confirm", "verification-bridge.callback",
  "evidence.append",
  "notifier.record",
  "expiry.set",
] as const;
/** The call has come; somewhere in the middle; all is done and nothing answered. */
const workPoints = (action: string): Point[] => ["before", "in", "after"].map((moment) => ({ name: `${moment} ${action}`, service: action.split(".")[0]! }));
const WORK_POINTS = WORK.map((action) => workPoints(action)[1]!);

/** In the middle of a call: most take 5 to 50 ms, a sealing 100. */
const MIDDLE_MS = 30;
/** Signings that end by themselves come by every point within seconds. */
const REACHED_MS = 90_000;

/** Arms the node and waits until the load has led it there. @returns the one that is gone now, or stands still */
async function strikeAt({ load, cluster, random }: Course, victim: ClusterNode, point: Point, how: How): Promise<ClusterNode> {
  // Once in a minute the invitation may be sent again, and any copy may be the one that does it.
  const armed = point.resent ? cluster.of(point.service) : [victim];
  const [moment, what] = point.name.split(" ");
  const arm: Arm = moment === "in" ? { point: `before ${what}`, how, afterMs: 1 + random() * MIDDLE_MS } : { point: point.name, how, afterMs: 0 };
  await Promise.all(armed.map((node) => node.arm(arm)));
  const struck = await until(() => `a node comes to ${point.name}; ${load.steps()}`, () => armed.find((node) => node.armed === null), { limitMs: REACHED_MS, pauseMs: 20 });
  await Promise.all(armed.map((node) => node.disarm()));
  // Both copies may have come to it in the same moment: without one of them the other could not be missed by anybody.
  for (const other of armed) {
    if (other === struck) continue;
    if (other.paused) other.resume();
    if (!other.running) await other.start();
  }
  if (how === "SIGKILL") await until(`${struck.id} is gone`, () => !struck.running, { pauseMs: 5 });
  return struck;
}

async function recover(node: ClusterNode, how: How, random: () => number): Promise<void> {
  if (how === "SIGKILL") return node.start();
  await lasting(5_000 + random() * 3_000);
  node.resume();
}

/** Signings whose invitation is sent again when it is asked for, a minute after their beginning at the soonest. */
class Resendings {
  readonly #gates: (() => void)[] = [];
  readonly #plays: Promise<SigningPlay>[] = [];

  constructor({ load }: Course, points: readonly Point[]) {
    for (const point of points) {
      if (!point.resent) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#gates.push(resolve);
      this.#plays.push(load.one("RESEND", promise));
    }
  }

  next(): void {
    this.#gates.shift()?.();
  }

  async over(): Promise<void> {
    for (const open of this.#gates) open();
    await Promise.all(this.#plays);
  }
}

/**
 * One point after the other. The first copy of each service is spared, so that one is there that has seen the others go.
 * @param spare one node more, that dies while the one before it is started again
 */
const walk = (name: string, how: How, points: readonly Point[], { spare = false } = {}): FaultRow => ({
  name,
  async run(course) {
    const { cluster, random } = course;
    const services = [...new Set(points.map(({ service }) => service))];
    const more = spare ? [await cluster.join(services)] : [];
    const resendings = new Resendings(course, points);
    const recovering = new Map<ClusterNode, Promise<void>>();
    let turn = 0;
    try {
      // Those last that have to wait for their minute.
      for (const point of points.toSorted((a, b) => Number(a.resent ?? false) - Number(b.resent ?? false))) {
        const victims = [cluster.of(point.service)[1]!, ...more];
        if (point.resent) await Promise.all(recovering.values());
        const victim = victims[turn++ % victims.length]!;
        await recovering.get(victim);
        const striking = strikeAt(course, victim, point, how);
        if (point.resent) resendings.next();
        const struck = await striking;
        const again = recover(struck, how, random);
        // It is awaited when the node is needed next.
        again.catch(() => {});
        recovering.set(struck, again);
      }
      await Promise.all(recovering.values());
    } finally {
      await Promise.allSettled(recovering.values());
      for (const node of more) await cluster.leave(node);
    }
    await resendings.over();
  },
});

/** All moments of one, and of all. */
const walks = (how: How): FaultRow[] => [
  ...EFFECT_NAMES.map((effect) => walk(`${how} around ${effect}`, how, ofEffect(effect))),
  ...WORK.map((action) => walk(`${how} in ${action}`, how, workPoints(action))),
];

export const POINT_FAULTS: readonly FaultRow[] = [
  ...walks("SIGKILL"),
  ...walks("SIGSTOP"),
  walk("SIGKILL at every effect", "SIGKILL", EFFECT_POINTS, { spare: true }),
  walk("SIGKILL of every service at its work", "SIGKILL", WORK_POINTS, { spare: true }),
];
