import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { mongoClasspath } from "./install.ts";
import { ServerProcess, type ServerOptions } from "./server-process.ts";

/** The MongoDB-compatible server. A write is in its file or journal before it is answered. */
export const startMongo = (options?: ServerOptions): Promise<ServerProcess> =>
  ServerProcess.start(
    {
      kind: "mongo",
      scheme: "mongodb",
      command: (port, dataDir) => [
        "java", "-Xmx1g", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
        "-Dorg.slf4j.simpleLogger.log.de.bwaldvogel.mongo.wire=off",
        "-cp", mongoClasspath(), "DurableMongo", dataDir, "127.0.0.1", String(port),
      ],
    },
    options,
  );

export interface NatsOptions extends ServerOptions {
  /** Lines of a nats-server configuration: tls, authorization, limits. Address and port are ours. */
  config?: string;
}

export const startNats = ({ config = "", ...options }: NatsOptions = {}): Promise<ServerProcess> =>
  ServerProcess.start(
    {
      kind: "nats",
      scheme: "nats",
      command: (port, dataDir) => {
        const file = join(dataDir, "nats.conf");
        writeFileSync(file, config);
        return ["nats-server", "--config", file, "--addr", "127.0.0.1", "--port", String(port)];
      },
    },
    options,
  );

/** What was answered survives a SIGKILL (append-only file, written before the answer). */
export const startRedis = (options?: ServerOptions): Promise<ServerProcess> =>
  ServerProcess.start(
    {
      kind: "redis",
      scheme: "redis",
      command: (port, dataDir) => [
        "redis-server", "--bind", "127.0.0.1", "--port", String(port), "--dir", dataDir, "--appendonly", "yes", "--save", "", "--daemonize", "no",
      ],
    },
    options,
  );

export const STARTERS = { mongo: startMongo, nats: startNats, redis: startRedis };
