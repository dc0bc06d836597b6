import { natsTransporter, nodeName } from "../../../config/nats-address.ts";

const lasting = { maxReconnectAttempts: -1, ignoreAuthErrorAbort: true, reconnectTimeWait: 1_000, timeout: 5_000, pingInterval: 1_000, maxPingOut: 2 };

test.each([
  ["nats://127.0.0.1:4222", { servers: ["127.0.0.1:4222"] }],
  ["nats://bus", { servers: ["bus"] }],
  ["nats://gateway:secret@bus:4222", { servers: ["bus:4222"], user: "gateway", pass: "secret" }],
  ["tls://gateway:secret@bus:4222", { servers: ["bus:4222"], user: "gateway", pass: "secret", tls: {} }],
  ["nats+tls://gateway:secret@bus:4222", { servers: ["bus:4222"], user: "gateway", pass: "secret", tls: {} }],
  ["tls://gateway:p%40s%2Fs@bus:4222", { servers: ["bus:4222"], user: "gateway", pass: "p@s/s", tls: {} }],
  ["tls://u:p@bus:4222?ca=/run/secrets/ca.pem", { servers: ["bus:4222"], user: "u", pass: "p", tls: { caFile: "/run/secrets/ca.pem" } }],
  ["nats://bus?ca=ca.pem", { servers: ["bus"], tls: { caFile: "ca.pem" } }],
  ["tls://u:p@one:4222,tls://two:4222,tls://[::1]:4223", { servers: ["one:4222", "two:4222", "[::1]:4223"], user: "u", pass: "p", tls: {} }],
])("%s becomes the transporter's options", (address, options) => {
  expect(natsTransporter(address)).toEqual({ type: "NATS", options: { ...options, ...lasting } });
});

test.each([
  [undefined, "host", "host-r1"],
  ["nats://bus", "host", "host-r1"],
  [undefined, "a.b.example", "a-b-example-r1"],
  ["tls://verification-bridge:x@bus", "host.example", "verification-bridge.host-example-r1"],
])("a node with TRANSPORTER %s on %s is named %s", (address, host, name) => {
  expect(nodeName(address, host, "r1")).toBe(name);
});
