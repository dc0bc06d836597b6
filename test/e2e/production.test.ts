import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import mongoose from "mongoose";
import { ServiceBroker } from "moleculer";
import { SIGNING_COMPLETED } from "../../contract/events.ts";
import { natsBus } from "../../mixins/nats-bus.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "./driver/platform-process.ts";
import { SigningPlay } from "./faults/signing-play.ts";
import { startConfinedCluster, type ConfinedCluster } from "./production/confined-cluster.ts";
import { SigningClient } from "./production/wallet-signing.ts";

jest.setTimeout(240_000);

/** The tests are stations of one story, in this order. */
describeWithOwn(["mongo", "nats", "redis"], "docker-compose.yml's nodes, each confined to its users of bus, database and Redis", () => {
  let cluster: ConfinedCluster;
  let listener: ServiceBroker;
  let processId: string;
  const heard: { payload: { processId: string } }[] = [];
  /** What somebody was not allowed to do. */
  const refusals = () => ({
    database: Object.entries(cluster.gates).flatMap(([user, { refused }]) => refused.map((what) => `${user}: ${what}`)),
    bus: cluster.nats.log.split("\n").filter((line) => /violation/i.test(line)),
    told: cluster.nodes.flatMap(({ id, log }) => log.split("\n").filter((line) => /BUS_REFUSES|QUEUE_DOWN|NOPERM|not authorized/i.test(line)).map((line) => `${id}: ${line}`)),
  });
  const NONE = { database: [], bus: [], told: [] };

  beforeAll(async () => {
    cluster = await startConfinedCluster();
    const bus = cluster.busOf("wallet");
    listener = new ServiceBroker({ nodeID: "wallet.listener", transporter: natsBus(bus), disableBalancer: true, internalServices: false, logger: false, skipProcessEventRegistration: true } as never);
    listener.createService({ name: "wallet", events: { [SIGNING_COMPLETED]: (ctx) => void heard.push(ctx.params as (typeof heard)[number]) } });
    await listener.start();
  });
  afterAll(async () => {
    await listener?.stop();
    await cluster?.stop();
  });

  test("are ready, and each has what it needs and made no key", async () => {
    await until(() => "the gateway is ready", async () => (await fetch(`${cluster.gatewayUrl}/health/ready`)).status === 200, 60_000);
    for (const { id } of cluster.nodes) {
      const keys = join(cluster.dataDirOf(id), "keys");
      expect([id, existsSync(keys) ? readdirSync(keys).filter((name) => name !== "callers") : []]).toEqual([id, []]);
    }
    // Chromium's sandbox is on for everybody but root, to whom it is said.
    expect(cluster.nodes.filter(({ log }) => log.includes("CHROMIUM_UNSANDBOXED")).map(({ id }) => id)).toEqual(process.getuid!() === 0 ? ["protocol"] : []);
    expect(refusals()).toEqual(NONE);
  });

  test("bring a signing to its end, and nobody is refused anything on the way", async () => {
    const client = new SigningClient(cluster.gatewayUrl, cluster.walletKey);
    const outside = { ...cluster.outside, url: "https://wallet.invalid" };
    const play = new SigningPlay({ client, outside, random: () => 0, number: 1, run: "production", ending: "SIGN" });
    await play.play();
    processId = play.processId!;
    expect([play.seen.statuses.at(-1), client.tally.givenUp]).toEqual(["COMPLETED", []]);
    const evidence = await fetch(`${cluster.gatewayUrl}/health/ready`).then((answer) => answer.json() as Promise<{ checks: object }>);
    expect(evidence.checks).toMatchObject({ database: "UP", transporter: "UP", queue: "UP", storage: "UP" });
    expect(refusals()).toEqual(NONE);
  });

  test("tell a wallet on the bus that it has ended", async () => {
    await until(() => "the wallet has heard", async () => heard.length > 0, 10_000);
    expect(heard.map(({ payload }) => payload.processId)).toEqual([processId]);
  });

  const run = (args: string[], container: string, input = ""): Promise<{ code: number | null; out: string }> => {
    const child = spawn(resolve("node_modules/.bin/node"), args, { env: { PATH: process.env["PATH"], ...cluster.settingsOf(container) }, stdio: ["pipe", "pipe", "inherit"] });
    child.stdin.end(input);
    return Promise.all([text(child.stdout), new Promise<number | null>((done) => child.once("exit", done))]).then(([out, code]) => ({ code, out }));
  };

  test("are asked by an operators' console that has no service and no database", async () => {
    const { out } = await run(["main.ts", "--repl"], "operator", `process show ${processId}\nprocess timeline ${processId}\ndelivery list --state PENDING\n`);
    expect(out).toContain("状态：COMPLETED");
    expect(out).toContain("证据 15 STATE");
    expect(out).toMatch(/EVT_SIGN_\w+ +.*PENDING|PENDING.*EVT_SIGN_/);
    expect(out).not.toMatch(/错误|SERVICE_UNAVAILABLE/);
    expect(refusals()).toEqual(NONE);
  });

  test("have their personal data moved by a container that may change nothing else", async () => {
    const { code, out } = await run(["cli/rekey.ts"], "rekey");
    expect([code, out]).toEqual([0, expect.stringContaining("signing_process：共 1 行")]);
    expect(refusals()).toEqual(NONE);
  });

  test.each([
    ["gateway", "evidence_chain", "find"], ["gateway", "signing_process", "find"], ["evidence", "evidence_chain", "update"], ["evidence", "evidence_chain", "remove"],
    ["process", "evidence_chain", "insert"], ["notifier", "signing_event", "update"], ["process", "signing_process", "remove"],
  ] as const)("%s that is stolen is refused at %s: %s", async (user, collection, action) => {
    const connection = await mongoose.createConnection(`mongodb://127.0.0.1:${cluster.gates[user]!.port}/esign`, { autoIndex: false }).asPromise();
    const table = connection.db!.collection(collection);
    const tries = { find: () => table.findOne({}), insert: () => table.insertOne({}), update: () => table.updateOne({}, { $set: { a: 1 } }), remove: () => table.deleteOne({}) };
    await expect(tries[action]()).rejects.toMatchObject({ code: 13 });
    await connection.close();
  });
});
