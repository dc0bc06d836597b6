import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { freePort } from "../../../cli/free-port.ts";
import { issueDevelopmentSeal } from "../../../config/development-certificates.ts";
import type { SigningKey } from "../../../contract/request-signature.ts";
import { startMongo, startNats, startRedis } from "../../../scripts/servers/start.ts";
import type { ServerProcess } from "../../../scripts/servers/server-process.ts";
import { compose, filled, nodes, valuesOf } from "../../unit/deployment-compose.ts";
import { startBalancer } from "../faults/balancer.ts";
import { ClusterNode } from "../faults/cluster-node.ts";
import { startOutside, type Outside } from "../faults/outside.ts";
import { pair } from "../rotation/keys.ts";
import { startMongoGate, type MongoGate } from "./mongo-gate.ts";

const ROLES = JSON.parse(readFileSync("deploy/mongo/roles.json", "utf8")) as Record<string, Record<string, string[]>>;
/** What every owner may, besides: deploy/mongo/replica-set.js. */
const OWNER = ["find", "listIndexes", "createIndex", "dropIndex"];

/** docker-compose.yml without containers: each node in production, with the settings, users and files it has there, and a DATA_DIR of its own. */
export interface ConfinedCluster {
  outside: Outside;
  gatewayUrl: string;
  walletKey: SigningKey;
  nodes: ClusterNode[];
  gates: Record<string, MongoGate>;
  nats: ServerProcess;
  dataDirOf(node: string): string;
  /** The settings of a container, for a process of this machine. */
  settingsOf(container: string): Record<string, string>;
  /** TRANSPORTER of an outside system. */
  busOf(user: string): string;
  stop(): Promise<void>;
}

export async function startConfinedCluster(): Promise<ConfinedCluster> {
  const folder = mkdtempSync(join(tmpdir(), "esign-production-"));
  const secrets = join(folder, "secrets");
  const envFile = join(folder, "env");
  // Root gives the files to the containers' user; whoever else runs this is left with them.
  execFileSync("sh", ["deploy/prepare.sh"], { env: { PATH: process.env["PATH"], SECRETS: secrets, SETTINGS: envFile, BUS_NAMES: "DNS:localhost" } });
  const wallet = pair("w-1");
  const callersFile = join(secrets, "callers", "callers.json");
  writeFileSync(callersFile, JSON.stringify({ WALLET: { keys: [wallet.listed], callbackHosts: ["wallet.invalid"] } }));
  const seal = await issueDevelopmentSeal(Date.now());
  writeFileSync(join(secrets, "seal", "key.pem"), seal.key);
  writeFileSync(join(secrets, "seal", "cert.pem"), seal.certificate + seal.root);

  const [outside, mongo, redis] = [await startOutside(folder, callersFile), await startMongo(), await startRedis()];
  let gatewayPort = 0;
  const proxy = await startBalancer(() => [gatewayPort]);
  const values: Record<string, string> = { ...valuesOf(readFileSync(envFile, "utf8")), PUBLIC_BASE_URL: proxy.url, SMS_HTTP_URL: `${outside.url}/sandbox/gateway/sms`, VERIFICATION_BASE_URL: `${outside.url}/sandbox/gateway` };
  const nats = await startNats({ config: busConfig(secrets, values) });
  await confineRedis(redis, values);
  const gates: Record<string, MongoGate> = {};
  for (const [user, collections] of Object.entries(ROLES)) {
    gates[user] = await startMongoGate(mongo.port, "esign", Object.fromEntries(Object.entries(collections).map(([name, writes]) => [name, [...OWNER, ...writes]])));
  }

  const here = (text: string): string =>
    text.replace("@nats:4222", `@localhost:${nats.port}`).replace("@redis:6379", `@127.0.0.1:${redis.port}`).replace("/run/secrets/", `${secrets}/`).replace(/^\/run\//, `${secrets}/`)
      // The server knows no users: the gate is the user.
      .replace(/^mongodb:\/\/([\w-]+):.*$/, (_, user: string) => `mongodb://127.0.0.1:${gates[user]!.port}/esign`);
  const dataDirOf = (node: string): string => join(folder, "data", node);
  const settingsOf = (container: string): Record<string, string> => ({
    ...Object.fromEntries(Object.entries(compose.services[container]!.environment!).map(([name, value]) => [name, here(filled(value, values))])),
    NODE_ENV: "production", HOST: "127.0.0.1", DATA_DIR: dataDirOf(container), READ_SECONDS: "0s",
    // No S3 server here: files stay with the one node that has them.
    STORAGE_DRIVER: "fs",
  });
  // As late as can be: until it is used somebody else may take it.
  gatewayPort = await freePort();
  const running = nodes.map(([name]) => {
    const { SERVICES, ...settings } = settingsOf(name);
    return new ClusterNode(name, SERVICES!.split(","), name === "gateway" ? gatewayPort : null, settings);
  });
  for (const [name] of nodes) mkdirSync(dataDirOf(name), { recursive: true });
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((node) => node.kill()));
    await Promise.all([outside.stop(), proxy.stop(), ...Object.values(gates).map((gate) => gate.stop())]);
    await Promise.all([mongo.stop(), nats.stop(), redis.stop()]);
    rmSync(folder, { recursive: true });
  };
  await Promise.all(running.map((node) => node.start())).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    outside, gatewayUrl: proxy.url, walletKey: wallet.signing, nodes: running, gates, nats, dataDirOf, settingsOf, stop,
    busOf: (user) => `tls://${user}:${values[`NATS_${user.toUpperCase().replaceAll("-", "_")}_PASSWORD`]}@localhost:${nats.port}?ca=${secrets}/nats-ca.pem`,
  };
}

/** deploy/nats/nats.conf with the users of outside systems, but for its folders, its ports and where its passwords come from. */
function busConfig(secrets: string, values: Record<string, string>): string {
  const users = readFileSync("deploy/nats/users-outside.conf", "utf8").replaceAll(/\$(NATS_\w+)/g, (_, name: string) => `"${values[name]!}"`);
  return readFileSync("deploy/nats/nats.conf", "utf8").replaceAll("/run/secrets/", `${secrets}/`).replace(/^port:.*|^http:.*/gm, "").replace('include "./users.conf"', () => users);
}

/** The users that the command line of compose gives to Redis. */
async function confineRedis(server: ServerProcess, values: Record<string, string>): Promise<void> {
  const root = new Redis(server.url);
  const users = compose.services["redis"]!.command!.filter((argument) => argument.startsWith("--user "));
  for (const user of users.toReversed()) await root.call("ACL", "SETUSER", ...filled(user, values).split(" ").slice(1));
  root.disconnect();
}
