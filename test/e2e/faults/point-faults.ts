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
const WORK_POINTS = WORK.flatMap(workPoints);

/** In the middle of a call: most take 5 to 50 ms, a sealing 100. */
const MIDDLE_MS = 30;
/** Signings that end by themselves come by every point within seconds. */
const REACHED_MS = 90_000;
/** The node that dies: always the same one, so that there is one that has seen it go. */
const victim = ({ cluster }: Course, { service }: Point): ClusterNode => cluster.of(service).at(-1)!;

/** Arms the node and waits until the load has led it there. Afterwards it is gone, or stands still. */
async function strikeAt(course: Course, point: Point, how: How): Promise<ClusterNode> {
  const { load, cluster, random } = course;
  // Once in a minute the invitation may be sent again, and either copy may be the one that does it.
  const armed = point.resent ? cluster.of(point.service) : [victim(course, point)];
  const [moment, what] = point.name.split(" ");
  const arm: Arm = moment === "in" ? { point: `before ${what}`, how, afterMs: 1 + random() * MIDDLE_MS } : { point: point.name, how, afterMs: 0 };
  await Promise.all(armed.map((node) => node.arm(arm)));
  const struck = await until(() => `a node comes to ${point.name}; ${load.steps()}`, () => armed.find((node) => node.armed === null), { limitMs: REACHED_MS, pauseMs: 20 });
  await Promise.all(armed.map((node) => node.disarm()));
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

/** One after the other, the next as soon as the node is there again. */
const walk = (name: string, how: How, points: readonly Point[]): FaultRow => ({
  name,
  async run(course) {
    const resendings = new Resendings(course, points);
    // Those last that have to wait for their minute.
    for (const point of points.toSorted((a, b) => Number(a.resent ?? false) - Number(b.resent ?? false))) {
      const struck = strikeAt(course, point, how);
      if (point.resent) resendings.next();
      await recover(await struck, how, course.random);
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
  walk("SIGKILL at every effect", "SIGKILL", EFFECT_POINTS),
  walk("SIGKILL of every service at its work", "SIGKILL", WORK_POINTS),
];
