import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { rotatingKeys, rate, type Rate, type RotatingKey } from "./parsers.ts";
import { SETTINGS, type Setting } from "./table.ts";
import { SERVICE_NAMES } from "../contract/vocabulary.ts";

type Table = typeof SETTINGS;
type Value<K extends keyof Table> = Table[K] extends Setting<infer T> ? T : never;
type WithDefault = { [K in keyof Table]: Table[K] extends { default: string } ? K : never }[keyof Table];
type Read = { [K in keyof Table]: Value<K> | undefined };

/** Settings that are always there after reading, by default, by derivation or by generation. */
type Always =
  | "environment" | "port" | "host" | "publicBaseUrl" | "dataDir" | "sandbox" | "smsDriver" | "smsHttpUrl" | "verificationBaseUrl"
  | "storageDriver" | "callersFile" | "h5TokenSecret" | "callbackTokenSecret" | "downloadSecret" | "fieldEncryptionKey"
  | "outboundKeyFile" | "sealKeyFile" | "sealCertFile" | "platformPartyName" | "signWindow" | "verificationWindowRemittance"
  | "verificationWindowFace" | "signSmsCode" | "readSeconds" | "expiryScanInterval" | "expiryQueryGrace" | "smsTimeout"
  | "verificationTimeout" | "callbackTimeout" | "verificationQueryAfter" | "callbackSchedule" | "downloadLinkTtl" | "walletRate"
  | "h5Rate" | "smsMobileLimit" | "s3ForcePathStyle" | "logLevel" | "metricsPort" | "strictChecksums" | "allowHmac" | "payeeContactSigns" | WithDefault;

export type Config = Readonly<{ [K in Always]: Value<K> } & { [K in Exclude<keyof Table, Always>]?: Value<K> }> & { readonly production: boolean };

const S3_NEEDS = ["s3Region", "s3Bucket", "s3AccessKeyId", "s3SecretAccessKey"] as const satisfies (keyof Table)[];

/** Thrown when settings are bad: one line per problem. */
export class ConfigProblems extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(problems.join("\n"));
    this.problems = problems;
  }
}

/**
 * Reads and checks every setting (CONTRACT.md §1); an empty value counts as absent. In development missing keys are generated
 * into DATA_DIR, so that they are the same at the next start. In production keys and key files that no service of this node needs
 * are empty unless given.
 * @throws ConfigProblems with one line per problem; no line holds a value
 */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = [];
  const read: Partial<Record<keyof Table, unknown>> = {};
  for (const [key, setting] of Object.entries(SETTINGS) as [keyof Table, Setting<unknown>][]) {
    const text = env[setting.env]?.trim() || setting.default;
    if (text === undefined) continue;
    try {
      read[key] = setting.parse(text);
    } catch (error) {
      problems.push(`${setting.env}: ${(error as Error).message}`);
    }
  }
  const given = read as Read;
  const production = given.environment === "production";
  if (production) {
    for (const setting of Object.values(SETTINGS) as Setting<unknown>[]) {
      const needed = setting.generated || setting.requiredInProduction;
      const here = setting.neededBy?.some((service) => (given.services ?? SERVICE_NAMES).includes(service)) ?? true;
      if (needed && here && !env[setting.env]?.trim()) problems.push(`${setting.env}: required in production`);
    }
    if (given.sandbox) problems.push("SANDBOX: refused in production");
  }
  if (given.services?.length === 0) {
    if (!given.transporter) problems.push("SERVICES: a node without services needs TRANSPORTER");
  } else if (given.services && !(given.transporter && given.mongoUri)) {
    problems.push("SERVICES: a subset of the services needs TRANSPORTER and MONGO_URI");
  }
  if (given.storageDriver === "s3" && (given.services ?? SERVICE_NAMES).includes("protocol")) {
    const missing = S3_NEEDS.map((key) => SETTINGS[key].env).filter((name) => !env[name]?.trim());
    problems.push(...missing.map((name) => `${name}: required with STORAGE_DRIVER=s3`));
  }
  if (problems.length) throw new ConfigProblems(problems);
  return Object.freeze(derive(given, env, production)) as Config;
}

/** Fills in what follows from other settings, and in development what has to be generated. */
function derive(given: Read, env: Readonly<Record<string, string | undefined>>, production: boolean): Partial<Config> {
  const dataDir = resolve(given.dataDir ?? "./data");
  const sandbox = given.sandbox ?? !production;
  const publicBaseUrl = given.publicBaseUrl ?? `http://localhost:${given.port}`;
  const host = production && !env["HOST"]?.trim() ? "0.0.0.0" : given.host;
  // The stand-ins are reached on the gateway's own port, not by the public address, which may be a proxy that is not there yet.
  const standIns = `http://${ownAddress(host!)}:${given.port}/sandbox/gateway`;
  // What production lacks is what this node's services do not need: empty, so that nothing can be done with it.
  const key = (name: string, value: RotatingKey[] | undefined) => value ?? (production ? [] : developmentKey(dataDir, name));
  const file = (value: string | undefined, ...name: string[]) => (value || !production ? resolve(value ?? join(dataDir, ...name)) : "");
  return {
    ...(given as object),
    production,
    dataDir,
    host,
    sandbox,
    publicBaseUrl,
    smsHttpUrl: given.smsHttpUrl ?? `${standIns}/sms`,
    verificationBaseUrl: given.verificationBaseUrl ?? standIns,
    callersFile: file(given.callersFile, "callers.json"),
    outboundKeyFile: file(given.outboundKeyFile, "keys", "outbound.json"),
    sealKeyFile: file(given.sealKeyFile, "keys", "seal-key.pem"),
    sealCertFile: file(given.sealCertFile, "keys", "seal-cert.pem"),
    h5TokenSecret: key("h5-token", given.h5TokenSecret),
    callbackTokenSecret: key("callback-token", given.callbackTokenSecret),
    downloadSecret: key("download", given.downloadSecret),
    fieldEncryptionKey: key("field-encryption", given.fieldEncryptionKey),
    smsMobileLimit: given.smsMobileLimit === undefined ? defaultMobileLimit(sandbox) : given.smsMobileLimit,
  };
}

/** Where this host reaches what listens on `host`, as a URL writes it. */
function ownAddress(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  if (host === "::") return "[::1]";
  return host.includes(":") ? `[${host}]` : host;
}

const defaultMobileLimit = (sandbox: boolean): Rate | null => (sandbox ? null : rate("10/24h"));

/** The key kept in DATA_DIR/keys, made on first use. */
function developmentKey(dataDir: string, name: string): RotatingKey[] {
  const path = join(dataDir, "keys", `${name}.key`);
  try {
    return rotatingKeys(readFileSync(path, "utf8").trim());
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  mkdirSync(join(dataDir, "keys"), { recursive: true, mode: 0o700 });
  const text = `dev1:${randomBytes(32).toString("base64")}`;
  try {
    writeFileSync(path, `${text}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return developmentKey(dataDir, name);
  }
  return rotatingKeys(text);
}
