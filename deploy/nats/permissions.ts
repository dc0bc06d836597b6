import type { ServiceName } from "../../contract/vocabulary.ts";

/**
 * Who calls which actions of other services. A test compares this with the calls in the sources, another compares users.conf with this.
 * The operators' console is a node of its own, without services.
 */
export const CALLS: Record<ServiceName | "operator", readonly string[]> = {
  gateway: [
    "process.initiate", "process.get", "process.cancel", "process.resend", "process.page", "process.open", "process.show", "process.signCode",
    "process.sign", "process.decline", "process.answer", "process.face", "process.list", "process.inspect", "process.retry", "process.ping",
    "evidence.export", "protocol.download", "protocol.health", "verification-bridge.callback", "verification-bridge.health",
    "verification-bridge.queueHealth", "sms.receipt", "sms.health", "notifier.events", "notifier.deliveries", "notifier.replayByOperator",
    "notifier.queueHealth",
  ],
  process: [
    "template.choose", "template.render", "protocol.prepare", "protocol.freeze", "protocol.markSigned", "protocol.seal", "protocol.show", "protocol.link",
    "sms.reserve", "sms.release", "sms.send", "verification-bridge.mode", "verification-bridge.start", "verification-bridge.confirm",
    "verification-bridge.query", "verification-bridge.hurry", "verification-bridge.inspect", "verification-bridge.unstarted", "evidence.append",
    "notifier.record", "expiry.set",
  ],
  template: [],
  sms: ["template.render", "evidence.append"],
  protocol: ["template.render"],
  "verification-bridge": ["process.verified", "process.verificationStarted"],
  evidence: ["protocol.read"],
  notifier: ["evidence.append"],
  expiry: ["process.expire"],
  operator: [
    "process.list", "process.show", "process.inspect", "process.timeline", "process.retry", "process.cancel", "process.cancelByOperator",
    "notifier.deliveries", "notifier.replayByOperator", "evidence.outline", "evidence.export", "evidence.handOut", "evidence.verify",
    "gateway.beginAudit", "gateway.endAudit",
  ],
};

/** Events that go to every node with a listener, and whose nodes those are. */
const BROADCASTS: Partial<Record<ServiceName, readonly ServiceName[]>> = { template: ["template"] };

export interface Permissions {
  publish: string[];
  subscribe: string[];
}

/**
 * The subjects of one kind of node under `disableBalancer: true`. A node is named `<user>.<host>-<random>` (config/nats-address.ts), so
 * what is meant for one kind cannot be read by another. To see and to be seen, every node may speak to all; PING is used by nobody.
 */
export function permissionsOf(kind: keyof typeof CALLS): Permissions {
  const callers = Object.keys(CALLS).filter((caller) => CALLS[caller as typeof kind].some((action) => action.startsWith(`${kind}.`)));
  return {
    publish: [
      "MOL.DISCOVER", "MOL.DISCOVER.>", "MOL.INFO", "MOL.INFO.>", "MOL.HEARTBEAT", "MOL.DISCONNECT",
      ...CALLS[kind].map((action) => `MOL.REQB.${action}`),
      ...callers.map((caller) => `MOL.RES.${caller}.*`),
      ...(BROADCASTS[kind as ServiceName] ?? []).map((listener) => `MOL.EVENT.${listener}.*`),
    ],
    subscribe: [
      "MOL.DISCOVER", "MOL.INFO", "MOL.HEARTBEAT", "MOL.DISCONNECT", "MOL.PING",
      ...["DISCOVER", "INFO", "PING", "PONG", "REQ", "RES", "EVENT"].map((packet) => `MOL.${packet}.${kind}.*`),
      ...(kind === "operator" ? [] : [`MOL.REQB.${kind}.*`, `MOL.EVENTB.${kind}.>`]),
    ],
  };
}
