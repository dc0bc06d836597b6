import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigProblems, readConfig, type Config } from "../../../config/read.ts";
import { SETTINGS, type Setting } from "../../../config/table.ts";
import { SERVICE_NAMES } from "../../../contract/vocabulary.ts";

type Key = keyof typeof SETTINGS;
type Row = { good: [string, unknown][]; bad: string[]; together?: Record<string, string> };

const KEY = Buffer.alloc(32, 7).toString("base64");
const KEYS = [{ kid: "a", key: Buffer.alloc(32, 7) }];
const secrets: Row = {
  good: [[`a:${KEY}`, KEYS], [`b:${KEY}, a:${KEY}`, [{ kid: "b", key: KEYS[0]!.key }, ...KEYS]]],
  bad: [KEY, `a:${Buffer.alloc(31).toString("base64")}`, `a:${KEY},a:${KEY}`, `a:${KEY},`, "a:*"],
};
const duration: Row = { good: [["90s", 90_000], ["500ms", 500], ["2h", 7_200_000], ["7d", 604_800_000]], bad: ["90", "1.5h", "-1s", "1 h", "soon"] };
const onOff: Row = { good: [["on", true], ["off", false], ["true", true], ["0", false]], bad: ["yes", "ON!"] };
const text: Row = { good: [["some/where", "some/where"]], bad: [] };
const rate: Row = {
  good: [["60/m", { count: 60, perMs: 60_000 }], ["10/24h", { count: 10, perMs: 86_400_000 }], ["9/24d", { count: 9, perMs: 2_073_600_000 }], ["off", null]],
  bad: ["60", "60/", "0/m", "5/0s", "/m", "60/minute", "5/25d"],
};
const baseUrl: Row = { good: [["https://a.example/x/", "https://a.example/x"]], bad: ["a.example", "ftp://a.example", "https://a.example/?x=1", "https://u:p@a.example", "https://a.example/#f"] };

const S3 = { S3_REGION: "us-east-1", S3_BUCKET: "esign-files", S3_ACCESS_KEY_ID: "key", S3_SECRET_ACCESS_KEY: "secret" };

/** Every setting: texts it takes with their values, and texts it refuses. */
const ROWS: Record<Key, Row> = {
  environment: { good: [["test", "test"]], bad: ["staging"] },
  port: { good: [["0", 0], ["65535", 65535]], bad: ["65536", "-1", "80a"] },
  host: { good: [["::1", "::1"]], bad: [] },
  publicBaseUrl: baseUrl,
  trustedProxies: { good: [["10.0.0.0/8, fd00::/8", ["10.0.0.0/8", "fd00::/8"]]], bad: ["10.0.0.1", "10.0.0.0/33", "10.1.0.0/16,"] },
  dataDir: { good: [], bad: [] },
  mongoUri: { good: [["mongodb://h/x", "mongodb://h/x"], ["mongodb+srv://h/x", "mongodb+srv://h/x"], ["mongodb://u:p@h:1,i:2,j:3/x?replicaSet=r", "mongodb://u:p@h:1,i:2,j:3/x?replicaSet=r"]], bad: ["h:27017", "http://h", "mongodb://h:port/x"] },
  transporter: { good: [["nats://h:4222", "nats://h:4222"], ["tls://u:p@h:1,tls://i:2", "tls://u:p@h:1,tls://i:2"], ["nats+tls://h?ca=f", "nats+tls://h?ca=f"]], bad: ["nats", "redis://h"] },
  redisUrl: { good: [["redis://h", "redis://h"], ["rediss://h", "rediss://h"]], bad: ["h:6379"] },
  services: { good: [["sms, process", ["sms", "process"]], ["none", []]], bad: ["none,sms", "sms,nosuch", ",", "sms,"], together: { TRANSPORTER: "nats://h", MONGO_URI: "mongodb://h" } },
  sandbox: onOff,
  smsDriver: { good: [["http", "http"]], bad: ["pigeon"] },
  smsHttpUrl: { good: [["https://s.example/send?x=1", "https://s.example/send?x=1"]], bad: ["s.example", "https://u@s.example"] },
  verificationBaseUrl: baseUrl,
  storageDriver: { good: [["fs", "fs"], ["s3", "s3"]], bad: ["tape"], together: S3 },
  s3Endpoint: { good: [["https://s3.example:9000", "https://s3.example:9000"]], bad: ["s3.example", "ftp://s3.example", "https://u:p@s3.example"] },
  s3Region: text,
  s3Bucket: { good: [["esign-files", "esign-files"]], bad: ["ESIGN", "ab", "a/bucket", "-bucket-"] },
  s3AccessKeyId: text,
  s3SecretAccessKey: text,
  s3ForcePathStyle: onOff,
  callersFile: { good: [["/k/callers.json", "/k/callers.json"]], bad: [] },
  adminKeys: {
    good: [
      [`ann:${"a".repeat(64)}`, [{ name: "ann", sha256: "a".repeat(64), roles: ["author", "approver", "operator", "auditor"] }]],
      [`ann:${"a".repeat(64)}:auditor+author, bob:${"b".repeat(64)}:operator`, [{ name: "ann", sha256: "a".repeat(64), roles: ["author", "auditor"] }, { name: "bob", sha256: "b".repeat(64), roles: ["operator"] }]],
    ],
    bad: ["ann", `ann:${"A".repeat(64)}`, `a:${"a".repeat(64)},a:${"b".repeat(64)}`, `a:${"a".repeat(64)},b:${"a".repeat(64)}`, `a:${"a".repeat(64)}:`, `a:${"a".repeat(64)}:root`, `a:${"a".repeat(64)}:author+`],
  },
  h5TokenSecret: secrets,
  callbackTokenSecret: secrets,
  downloadSecret: secrets,
  fieldEncryptionKey: secrets,
  outboundKeyFile: { good: [["/k/o.json", "/k/o.json"]], bad: [] },
  sealKeyFile: { good: [["/k/k.pem", "/k/k.pem"]], bad: [] },
  sealCertFile: { good: [["/k/c.pem", "/k/c.pem"]], bad: [] },
  platformPartyName: { good: [["某支付有限公司", "某支付有限公司"]], bad: [] },
  signWindow: duration,
  verificationWindowRemittance: duration,
  verificationWindowFace: duration,
  signSmsCode: onOff,
  readSeconds: duration,
  verificationRulesFile: text,
  expiryScanInterval: duration,
  expiryQueryGrace: duration,
  smsTimeout: duration,
  verificationTimeout: duration,
  callbackTimeout: duration,
  verificationQueryAfter: duration,
  callbackSchedule: { good: [["0s, 5s,1m", [0, 5_000, 60_000]]], bad: ["0s,,5s", "0s;5s"] },
  downloadLinkTtl: duration,
  walletRate: rate,
  h5Rate: rate,
  smsMobileLimit: rate,
  chromiumPath: text,
  logLevel: { good: [["debug", "debug"]], bad: ["loud"] },
  metricsPort: { good: [["off", null], ["9100", 9100]], bad: ["on", "70000"] },
  strictChecksums: onOff,
  allowHmac: onOff,
  payeeContactSigns: onOff,
};

const setting = (key: string): Setting<unknown> => SETTINGS[key as Key];
let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "esign-config-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

const read = (env: Record<string, string>): Config => readConfig({ DATA_DIR: dataDir, ...env });
function problemsOf(env: Record<string, string>): string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigProblems) return error.problems;
    throw error;
  }
  return [];
}

const PRODUCTION = {
  NODE_ENV: "production",
  SMS_DRIVER: "http",
  SMS_HTTP_URL: "https://sms.example",
  VERIFICATION_BASE_URL: "https://auth.example",
  CALLERS_FILE: "/k/callers.json",
  H5_TOKEN_SECRET: `a:${KEY}`,
  CALLBACK_TOKEN_SECRET: `a:${KEY}`,
  DOWNLOAD_SECRET: `a:${KEY}`,
  FIELD_ENCRYPTION_KEY: `a:${KEY}`,
  OUTBOUND_KEY_FILE: "/k/outbound.json",
  SEAL_KEY_FILE: "/k/seal.pem",
  SEAL_CERT_FILE: "/k/cert.pem",
};

const good = Object.entries(ROWS).flatMap(([key, row]) => row.good.map(([given, value]) => [setting(key).env, given, key, value, row.together ?? {}] as const));
test.each(good)("%s takes %j", (env, given, key, value, together) => {
  const config = read({ ...together, [env]: ` ${given} ` }) as unknown as Record<string, unknown>;
  expect(config[key]).toEqual(value);
});

const bad = Object.entries(ROWS).flatMap(([key, row]) => row.bad.map((given) => [setting(key).env, given, row.together ?? {}] as const));
test.each(bad)("%s refuses %j with one line that does not repeat it", (env, given, together) => {
  const problems = problemsOf({ ...together, [env]: given });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(new RegExp(`^${env}: .{8,}`));
  if (given.length > 6) expect(problems[0]).not.toContain(given);
});

const settable = Object.entries(SETTINGS).map(([key, { env }]) => [env, key] as const).filter(([env]) => env !== "DATA_DIR");
test.each(settable)("an empty %s counts as absent", (env, key) => {
  const absent = read({}) as unknown as Record<string, unknown>;
  const empty = read({ [env]: "  " }) as unknown as Record<string, unknown>;
  expect(empty[key]).toEqual(absent[key]);
});

test("an empty DATA_DIR counts as absent", () => {
  expect(read({ ...PRODUCTION, DATA_DIR: " " }).dataDir).toBe(join(process.cwd(), "data"));
});

test("every problem is told at once, each on its line", () => {
  const problems = problemsOf({ PORT: "x", SIGN_WINDOW: "x", LOG_LEVEL: "x" });
  expect(problems.map((line) => line.split(":")[0])).toEqual(["PORT", "SIGN_WINDOW", "LOG_LEVEL"]);
});

test("what is read cannot be changed", () => expect(Object.isFrozen(read({}))).toBe(true));

describe("production", () => {
  test("starts with everything it needs and listens on all addresses", () => {
    expect(read(PRODUCTION)).toMatchObject({ production: true, sandbox: false, host: "0.0.0.0", smsMobileLimit: { count: 10, perMs: 86_400_000 } });
  });

  test("generates nothing", () => {
    read(PRODUCTION);
    expect(existsSync(join(dataDir, "keys"))).toBe(false);
  });

  test.each(Object.keys(PRODUCTION).filter((name) => name !== "NODE_ENV"))("is refused without %s", (name) => {
    expect(problemsOf({ ...PRODUCTION, [name]: "" })).toEqual([`${name}: required in production`]);
  });

  test("is refused with the sandbox", () => expect(problemsOf({ ...PRODUCTION, SANDBOX: "on" })).toEqual(["SANDBOX: refused in production"]));
});

describe("development", () => {
  test("makes its keys once and keeps them to itself", () => {
    const first = read({});
    const second = read({});
    for (const key of ["h5TokenSecret", "callbackTokenSecret", "downloadSecret", "fieldEncryptionKey"] as const) {
      expect(first[key][0]!.key).toHaveLength(32);
      expect(second[key]).toEqual(first[key]);
    }
    expect(statSync(join(dataDir, "keys", "h5-token.key")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(dataDir, "keys", "h5-token.key"), "utf8")).not.toBe(readFileSync(join(dataDir, "keys", "download.key"), "utf8"));
  });

  test.each([
    ["127.0.0.1", "http://127.0.0.1:3000/sandbox/gateway"],
    ["0.0.0.0", "http://127.0.0.1:3000/sandbox/gateway"],
    ["::", "http://[::1]:3000/sandbox/gateway"],
    ["::1", "http://[::1]:3000/sandbox/gateway"],
  ])("listening on %s it reaches its stand-ins at %s", (HOST, standIns) => {
    expect(read({ HOST })).toMatchObject({ smsHttpUrl: `${standIns}/sms`, verificationBaseUrl: standIns, sandbox: true, smsMobileLimit: null });
  });

  test("links carry the port unless a base is given", () => {
    expect(read({ PORT: "8080" }).publicBaseUrl).toBe("http://localhost:8080");
  });
});

test("a node without services needs the bus and no database", () => {
  expect(problemsOf({ SERVICES: "none" })).toEqual(["SERVICES: a node without services needs TRANSPORTER"]);
  expect(read({ SERVICES: "none", TRANSPORTER: "nats://h" }).services).toEqual([]);
});

test.each([[{}], [{ TRANSPORTER: "nats://h" }], [{ MONGO_URI: "mongodb://h" }]])("a subset of the services needs bus and database: %j", (given) => {
  expect(problemsOf({ ...given, SERVICES: SERVICE_NAMES[0] })).toEqual(["SERVICES: a subset of the services needs TRANSPORTER and MONGO_URI"]);
});

test("files in S3 need region, bucket and key where the protocol service runs, and each that is missing is a line", () => {
  const elsewhere = { STORAGE_DRIVER: "s3", TRANSPORTER: "nats://h", MONGO_URI: "mongodb://h" };
  expect(problemsOf({ ...elsewhere, SERVICES: "gateway,sms" })).toEqual([]);
  expect(problemsOf({ ...elsewhere, SERVICES: "gateway,protocol" })).toHaveLength(4);
  expect(problemsOf({ STORAGE_DRIVER: "s3", ...S3 })).toEqual([]);
  expect(problemsOf({ STORAGE_DRIVER: "s3" })).toEqual(Object.keys(S3).map((name) => `${name}: required with STORAGE_DRIVER=s3`));
});
