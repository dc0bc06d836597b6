import type { ServiceBroker } from "moleculer";
import { clock } from "../../mixins/clock.ts";

export type Check = "UP" | "DOWN" | "OFF";
export interface Readiness {
  /** Only the database decides. */
  up: boolean;
  checks: Record<"database" | "transporter" | "queue" | "sms" | "verification" | "storage" | "chromium", Check>;
}

/** Shorter than the 2 s within which the endpoint answers whatever happens. */
const CHECK_TIMEOUT_MS = 1_500;

/** Those who have a queue answer for it; only they have a connection to Redis. OFF is one in the process, which cannot be down. */
const QUEUES = ["verification-bridge.queueHealth", "notifier.queueHealth"];

/** Those who own collections say whether the database answers them and has their indexes. */
const OWNERS = ["template.ping", "sms.ping", "protocol.ping", "verification-bridge.ping", "evidence.ping", "notifier.ping", "expiry.ping"];

/**
 * Asks every part how it is, all at once.
 * @param own asks the database for the gateway's own collections
 */
export async function readiness(broker: ServiceBroker, settings: { transporter?: string }, own: (options: { timeout: number }) => Promise<unknown>): Promise<Readiness> {
  const ask = (action: string): Promise<unknown> =>
    broker.call(action, {}, { timeout: CHECK_TIMEOUT_MS }).then(
      (answer) => answer ?? "UP",
      () => "DOWN",
    );
  // Who does not answer is not there, which is not the database's fault; without the process nobody is served. In one process whoever is
  // not there has not opened its collections yet: the platform is still starting.
  const absent = settings.transporter ? "OFF" : "DOWN";
  const complaint = (action: string): Promise<unknown> =>
    broker.call(action, {}, { timeout: CHECK_TIMEOUT_MS }).catch((error: { type?: string }) => (error.type === "SERVICE_NOT_FOUND" ? absent : "OFF"));
  const [[process, sms, verification, protocol, ...queues], owners] = await Promise.all([
    Promise.all(["process.ping", "sms.health", "verification-bridge.health", "protocol.health", ...QUEUES].map(ask)),
    Promise.all([...OWNERS.map(complaint), own({ timeout: CHECK_TIMEOUT_MS }).catch(() => "DOWN")]),
  ]);
  const database = worst([process, ...owners].map((answer) => checkOf(answer)));
  const checks = {
    // Of this node: its clock is not the database's.
    database: clock.right() ? database : "DOWN",
    transporter: settings.transporter ? (broker.transit?.connected ? "UP" : "DOWN") : "OFF",
    queue: worst(queues.map((queue) => checkOf(queue))),
    sms: checkOf(sms),
    verification: checkOf(verification),
    storage: checkOf(protocol, "storage"),
    chromium: checkOf(protocol, "chromium"),
  } satisfies Readiness["checks"];
  return { up: checks.database === "UP", checks };
}

const worst = (checks: Check[]): Check => (["DOWN", "UP"] as const).find((check) => checks.includes(check)) ?? "OFF";

/** A part answers with a word or with an object of words; silence, errors and anything else are DOWN. */
function checkOf(answer: unknown, member = "status"): Check {
  const word = typeof answer === "object" && answer !== null ? (answer as Record<string, unknown>)[member] : answer;
  return word === "UP" || word === true ? "UP" : word === "OFF" ? "OFF" : "DOWN";
}
