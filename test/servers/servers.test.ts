import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { Redis } from "ioredis";
import { mongo } from "mongoose";
import { connect, StringCodec } from "nats";
import { answers } from "../../scripts/servers/ping.ts";
import { alive } from "../../scripts/servers/process-identity.ts";
import { startRelay } from "../../scripts/servers/relay.ts";
import type { ServerKind, ServerProcess } from "../../scripts/servers/server-process.ts";
import { STARTERS, type NatsOptions } from "../../scripts/servers/start.ts";
import { describeWith, describeWithOwn } from "./available.ts";

jest.setTimeout(60_000);
const KINDS = Object.keys(STARTERS) as ServerKind[];
const JOURNALLED = { writeConcern: { w: "majority", journal: true } } as const;

/** What a test has opened, closed after it however it ends. */
const opened: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close();
});
async function start(kind: ServerKind, options?: NatsOptions): Promise<ServerProcess> {
  const server = await STARTERS[kind](options);
  opened.push(() => server.stop());
  return server;
}
function redisAt(url: string): Redis {
  const redis = new Redis(url, { retryStrategy: null, lazyConnect: true });
  // Of a connection that is dead already, disconnect() would wait two seconds for the end.
  opened.push(() => (redis.status === "ready" ? redis.quit() : redis.status === "end" || redis.disconnect()));
  return redis;
}
function mongoAt(url: string): mongo.MongoClient {
  const client = new mongo.MongoClient(url, { retryWrites: false, serverSelectionTimeoutMS: 5_000 });
  opened.push(() => client.close());
  return client;
}

describeWithOwn(KINDS, "a server of one's own", () => {
  test.each(KINDS)("%s answers, is silent when paused, is back when resumed, and leaves nothing behind", async (kind) => {
    const server = await start(kind);
    expect(await answers(kind, server.port)).toBe(true);
    server.pause();
    expect(await answers(kind, server.port, 300)).toBe(false);
    server.resume();
    expect(await answers(kind, server.port, 10_000)).toBe(true);
    await server.stop();
    await server.stop();
    expect([alive(server.identity), existsSync(server.dataDir), await answers(kind, server.port)]).toEqual([false, false, false]);
  });

  test.each(KINDS)("%s that was killed starts on the same port as another process", async (kind) => {
    const server = await start(kind);
    const first = server.pid;
    await server.kill();
    expect([server.running, await answers(kind, server.port)]).toEqual([false, false]);
    await server.restart();
    expect([server.running, await answers(kind, server.port), server.pid === first]).toEqual([true, true, false]);
  });

  test.each(KINDS)("%s that cannot have its port says so and leaves no process", async (kind) => {
    const server = await start(kind);
    await expect(start(kind, { port: server.port })).rejects.toThrow(/address already in use/i);
    expect(await answers(kind, server.port)).toBe(true);
  });
});

describeWithOwn(["mongo"], "MongoDB-compatible server", () => {
  test.each<NodeJS.Signals>(["SIGKILL", "SIGTERM"])("what it acknowledged before %s, in the middle of writing, is there afterwards, once, with its indexes", async (signal) => {
    const server = await start("mongo");
    const client = mongoAt(server.url);
    const tries = () => client.db("t").collection<{ _id: string; key: number; version: number }>("tries", JOURNALLED);
    await tries().createIndex({ key: 1 }, { unique: true });
    const acknowledged = new Map<string, number>();
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; ; i += 1) {
        const _id = `${writer}-${i}`;
        await tries().insertOne({ _id, key: writer * 1_000_000 + i, version: 1 });
        acknowledged.set(_id, 1);
        await tries().updateOne({ _id, version: 1 }, { $inc: { version: 1 } });
        acknowledged.set(_id, 2);
        if (acknowledged.size >= 100) return server.kill(signal);
      }
    };
    await Promise.allSettled([1, 2, 3, 4].map(write));
    await server.restart();

    const found = new Map((await tries().find().toArray()).map(({ _id, version }) => [_id, version]));
    expect(acknowledged.size).toBeGreaterThanOrEqual(100);
    // A write whose answer was lost may be there too: one for each of the four.
    expect([...acknowledged].filter(([id, version]) => (found.get(id) ?? 0) < version)).toEqual([]);
    expect(found.size - acknowledged.size).toBeLessThanOrEqual(4);
    expect([...found.values()].filter((version) => version > 2)).toEqual([]);
    await expect(tries().insertOne({ _id: "again", key: 1_000_000, version: 1 })).rejects.toMatchObject({ code: 11000 });
  });
});

describeWith(["mongo", "nats", "redis"], "servers that others use as well", (urls) => {
  test("MongoDB: of ten compare-and-sets at once one wins, and a query by id and version sees the version", async () => {
    const client = mongoAt(urls.mongoUri);
    const database = client.db(`servers-test-${process.pid}`);
    const rows = database.collection<{ _id: string; version: number }>("rows", JOURNALLED);
    await rows.insertOne({ _id: "a", version: 1 });
    const results = await Promise.all(Array.from({ length: 10 }, () => rows.findOneAndUpdate({ _id: "a", version: 1 }, { $set: { version: 2 } })));
    expect(results.filter(Boolean)).toHaveLength(1);
    expect([await rows.countDocuments({ _id: "a", version: 2 }), await rows.countDocuments({ _id: "a", version: 1 }), await rows.countDocuments({ _id: "b", version: 1 })]).toEqual([1, 0, 0]);
    await database.dropDatabase();
  });

  test("NATS: what is published arrives at one of a queue group", async () => {
    const connection = await connect({ servers: urls.natsUrl });
    const subject = `servers-test.${process.pid}`;
    const heard: string[] = [];
    const listen = { queue: "group", callback: (_error: Error | null, message: { data: Uint8Array }) => void heard.push(StringCodec().decode(message.data)) };
    connection.subscribe(subject, listen);
    connection.subscribe(subject, listen);
    connection.publish(subject, StringCodec().encode("好"));
    await connection.flush();
    expect(heard).toEqual(["好"]);
    await connection.drain();
  });

  test("Redis: a key is what it was set to", async () => {
    const redis = redisAt(urls.redisUrl);
    const key = `servers-test:${process.pid}`;
    await redis.set(key, "好", "EX", 60);
    expect([await redis.ping(), await redis.get(key)]).toEqual(["PONG", "好"]);
    await redis.del(key);
  });
});

describeWithOwn(["redis"], "Redis of one's own", () => {
  test("what it acknowledged before a SIGKILL is there afterwards", async () => {
    const server = await start("redis");
    const before = redisAt(server.url);
    for (let i = 0; i < 100; i += 1) await before.rpush("list", i);
    await server.kill();
    await server.restart();
    const after = redisAt(server.url);
    expect(await after.llen("list")).toBe(100);
  });
});

describeWithOwn(["nats"], "NATS with a configuration", () => {
  test("lets in whom it knows, by TLS, and only to what it may", async () => {
    const folder = mkdtempSync(join(tmpdir(), "esign-nats-tls-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert]);
    const server = await start("nats", {
      config: `tls { cert_file: "${cert}", key_file: "${key}" }
authorization { users: [{ user: a, password: right, permissions: { publish: ["mine.>"], subscribe: ["mine.>"] } }] }`,
    });
    const options = { servers: server.url, user: "a", tls: { caFile: cert }, reconnect: false };
    await expect(connect({ ...options, pass: "wrong" })).rejects.toThrow(/authorization/i);
    await expect(connect({ servers: server.url, user: "a", pass: "right", reconnect: false, tls: {} })).rejects.toThrow(/self-signed/);
    const connection = await connect({ ...options, pass: "right" });
    const refused = (async () => {
      for await (const { type, data } of connection.status()) if (type === "error") return String(data);
      return "";
    })();
    connection.publish("others.secret");
    expect(await refused).toMatch(/permissions_violation/i);
    await connection.close();
    rmSync(folder, { recursive: true });
  });
});

describeWithOwn(["redis"], "the relay", () => {
  test("holds everything while cut, delivers it when healed, and closes hard when told", async () => {
    const server = await start("redis");
    const relay = await startRelay(server.port);
    opened.push(() => relay.stop());
    const [through, beside] = [redisAt(`redis://127.0.0.1:${relay.port}`), redisAt(server.url)];
    await through.set("key", "before");
    relay.cut();
    const answer = through.set("key", "after");
    expect([await answers("redis", relay.port, 300), await beside.get("key")]).toEqual([false, "before"]);
    relay.heal();
    expect([await answer, await beside.get("key")]).toEqual(["OK", "after"]);
    const closed = new Promise((resolve) => through.once("close", resolve));
    through.on("error", () => undefined);
    relay.reset(true);
    await closed;
    expect(await answers("redis", relay.port)).toBe(false);
  });
});

describeWithOwn(KINDS, "npm run servers", () => {
  const home = mkdtempSync(join(tmpdir(), "esign-servers-test-"));
  /** A state file of this test's own; the jars are those of the machine. */
  const run = (command: string, env: Record<string, string> = {}) =>
    promisify(execFile)(resolve("node_modules/.bin/node"), ["scripts/servers/servers.ts", command], {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], SERVERS_STATE_DIR: home, ...env },
    }).then(
      ({ stdout }) => ({ status: 0, lines: stdout.trim().split("\n").filter(Boolean) }),
      (error: { code: number; stdout: string }) => ({ status: error.code, lines: error.stdout.trim().split("\n").filter(Boolean) }),
    );
  afterAll(async () => {
    await run("stop");
    rmSync(home, { recursive: true });
  });

  test("starts three, once; sees a dead one, replaces it alone, and stops all", async () => {
    const first = await run("start");
    expect(first.lines).toEqual([
      expect.stringMatching(/^MONGO_URI=mongodb:\/\/127\.0\.0\.1:\d+\/esign$/),
      expect.stringMatching(/^TRANSPORTER=nats:\/\/127\.0\.0\.1:\d+$/),
      expect.stringMatching(/^REDIS_URL=redis:\/\/127\.0\.0\.1:\d+$/),
    ]);
    expect(await run("start")).toEqual(first);
    const before = await run("status");
    expect(before).toMatchObject({ status: 0, lines: [/^mongo {2}up/, /^nats {2}up/, /^redis {2}up/].map((line) => expect.stringMatching(line)) });

    process.kill(Number(before.lines[2]!.split(" ").at(-1)), "SIGKILL");
    const dead = await run("status");
    expect([dead.status, dead.lines[2]]).toEqual([1, expect.stringMatching(/^redis {2}dead/)]);
    expect((await run("start")).lines.slice(0, 2)).toEqual(first.lines.slice(0, 2));
    const mended = await run("status");
    expect([mended.status, ...mended.lines.slice(0, 2)]).toEqual([0, ...before.lines.slice(0, 2)]);

    await run("stop");
    expect(await run("status")).toMatchObject({ status: 1, lines: ["mongo  not started", "nats  not started", "redis  not started"] });
    const ports = first.lines.map((line) => Number(new URL(line.slice(line.indexOf("=") + 1)).port));
    expect(await Promise.all(KINDS.map((kind, i) => answers(kind, ports[i]!)))).toEqual([false, false, false]);
  });

  test("a server named in the environment is passed on and not started", async () => {
    const given = { MONGO_URI: "mongodb://db.example/esign", TRANSPORTER: "nats://bus.example", REDIS_URL: "redis://queue.example" };
    expect(await run("start", given)).toEqual({ status: 0, lines: Object.entries(given).map(([name, url]) => `${name}=${url}`) });
    expect(await run("status", given)).toMatchObject({ status: 0, lines: ["mongo  given", "nats  given", "redis  given"] });
  });
});
