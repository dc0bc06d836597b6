import type { ServiceName } from "../../contract/vocabulary.ts";

/**
 * Who calls which actions of other services. A test compares this with the calls in the sources, another compares users.conf with this.
 * The operators' console is a node of its own, without services.
 */
export const CALLS: Record<ServiceName | "operator", readonly string[]> = {
  gateway: [
    "process.initiate", "process.get", "process.cancel", "process.resend", "process.page", "process.open", "process.show", "process.signCode",
    "process.sign", "process.decline", "process.answer", "process.face", "process.list", "process.inspect", "process.retry", "process.reveal", "process.handOver",
    "process.settings", "process.settingsHistory", "process.changeSettings", "process.ping",
    "evidence.export", "protocol.download", "protocol.health", "verification-bridge.callback", "verification-bridge.health",
    "verification-bridge.queueHealth", "sms.receipt", "sms.health", "notifier.events", "notifier.deliveries", "notifier.replayByOperator",
    "template.list", "template.get", "template.submit", "template.lint", "template.approve", "template.reject", "template.activate",
    "template.deactivate", "template.preview", "template.previewDraft", "template.diff", "template.coverage", "template.variables",
    "notifier.queueHealth", "template.ping", "sms.ping", "protocol.ping", "verification-bridge.ping", "evidence.ping", "notifier.ping", "expiry.ping",
  ],
  process: [
    "template.choose", "template.render", "protocol.prepare", "protocol.freeze", "protocol.markSigned", "protocol.seal", "protocol.show", "protocol.read", "protocol.link",
    "sms.reserve", "sms.release", "sms.send", "verification-bridge.mode", "verification-bridge.start", "verification-bridge.confirm",
    "verification-bridge.query", "verification-bridge.hurry", "verification-bridge.inspect", "verification-bridge.unstarted", "evidence.append",
    "evidence.overview", "evidence.handOut",
    "notifier.record", "expiry.set",
  ],
  template: ["process.sample", "protocol.preview"],
  sms: ["template.render", "evidence.append", "process.settings"],
  protocol: ["process.settings", "template.render"],
  "verification-bridge": ["process.settings", "process.verified", "process.verificationStarted"],
  evidence: ["protocol.read"],
  notifier: ["process.settings", "evidence.append"],
  expiry: ["process.expire"],
  operator: [
    "process.list", "process.show", "process.inspect", "process.timeline", "process.retry", "process.cancel", "process.cancelByOperator",
    "notifier.deliveries", "notifier.replayByOperator", "evidence.outline", "evidence.export", "evidence.handOut", "evidence.verify",
    "gateway.beginAudit", "gateway.endAudit",
  ],
};

/** Events that go to every node with a listener, and whose nodes those are. */
const BROADCASTS: Partial<Record<ServiceName, readonly ServiceName[]>> = {
  template: ["template"],
  process: ["process", "gateway", "sms", "protocol", "verification-bridge", "notifier"],
};

/**
 * Systems outside the platform, in users-outside.conf only. One that hears is a node whose one service is named after its user; one
 * that sends is a plain client, which may publish its one event and hears nothing.
 */
export const OUTSIDE: Record<string, { hears?: ServiceName; sends?: `${ServiceName}.${string}` }> = {
  wallet: { hears: "notifier" },
  "verification-system": { sends: "verification-bridge.verification.completed" },
};

export interface Permissions {
  publish: string[];
  subscribe: string[];
}

/** To see and to be seen. */
const SEEING = {
  publish: ["MOL.DISCOVER", "MOL.DISCOVER.>", "MOL.INFO", "MOL.INFO.>", "MOL.HEARTBEAT", "MOL.DISCONNECT"],
  subscribe: ["MOL.DISCOVER", "MOL.INFO", "MOL.HEARTBEAT", "MOL.DISCONNECT", "MOL.PING"],
};
const ownSubjects = (user: string): string[] => ["DISCOVER", "INFO", "PING", "PONG", "REQ", "RES", "EVENT"].map((packet) => `MOL.${packet}.${user}.*`);

/**
 * The subjects of one kind of node under `disableBalancer: true`. A node is named `<user>.<host>-<random>` (config/nats-address.ts), so
 * what is meant for one kind cannot be read by another. To see and to be seen, every node may speak to all; PING is used by nobody.
 * @param withOutside those that hear from it may be outside
 */
export function permissionsOf(kind: keyof typeof CALLS, withOutside = false): Permissions {
  const callers = Object.keys(CALLS).filter((caller) => CALLS[caller as typeof kind].some((action) => action.startsWith(`${kind}.`)));
  return {
    publish: [
      ...SEEING.publish,
      ...CALLS[kind].map((action) => `MOL.REQB.${action}`),
      ...callers.map((caller) => `MOL.RES.${caller}.*`),
      ...(BROADCASTS[kind as ServiceName] ?? []).map((listener) => `MOL.EVENT.${listener}.*`),
      ...(withOutside ? Object.keys(OUTSIDE).filter((user) => OUTSIDE[user]!.hears === kind).map((user) => `MOL.EVENT.${user}.*`) : []),
    ],
    subscribe: [
      ...SEEING.subscribe,
      ...ownSubjects(kind),
      ...(kind === "operator" ? [] : [`MOL.REQB.${kind}.*`, `MOL.EVENTB.${kind}.>`]),
    ],
  };
}

/** The subjects of a system outside. */
export function permissionsOutside(user: string): Permissions {
  const { hears, sends } = OUTSIDE[user]!;
  return {
    publish: [...(hears ? SEEING.publish : []), ...(sends ? [`MOL.EVENTB.${sends}`] : [])],
    subscribe: hears ? [...SEEING.subscribe, ...ownSubjects(user), `MOL.EVENTB.${user}.>`] : [],
  };
}
