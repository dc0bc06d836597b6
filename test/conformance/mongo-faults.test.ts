import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { answers } from "../../scripts/servers/ping.ts";
import { startRelay } from "../../scripts/servers/relay.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startMongo } from "../../scripts/servers/start.ts";
import { describeWithOwn } from "../servers/available.ts";
import { until } from "../until.ts";
import type { OpenEngine } from "./engines.ts";
import { mongo, useMongo } from "./mongo-engine.ts";
import { contender } from "./processes.ts";
import { cipher, sampleModel, type Sample } from "./sample.ts";

jest.setTimeout(120_000);

interface Acknowledged {
  _id: string;
  version: number;
  number: string;
  by: string;
}
const CONTENDED = ["d0", "d1", "d2", "d3", "d4"];
const OUTAGE = { type: "SERVICE_UNAVAILABLE" };

describeWithOwn(["mongo"], "MongoDB that fails", () => {
  let server: ServerProcess;
  let engine: OpenEngine;
  let tests = 0;
  let location: string;
  let rivals: ChildProcess[] = [];
  const samples = () => engine.collection<Sample>(sampleModel, cipher);

  beforeAll(async () => {
    server = await startMongo();
    useMongo(server.url);
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    location = `faults-${++tests}`;
    engine = await mongo.open(location);
  });
  afterEach(async () => {
    for (const rival of rivals.splice(0)) rival.kill("SIGKILL");
    await engine.close();
  });

  test("a server killed in the middle of a race loses nothing it acknowledged and crowns nobody twice", async () => {
    await samples().insertInOrder(CONTENDED.map((_id) => ({ _id, number: _id })));
    const names = ["p", "q", "r"];
    rivals = await Promise.all(names.map((name) => contender("mongo", location, "contend", name)));
    const acknowledged: Acknowledged[] = [];
    for (const rival of rivals) rival.on("message", (told: Acknowledged[]) => acknowledged.push(...told)).send("go");
    const more = async (count: number): Promise<void> => {
      const wanted = acknowledged.length + count;
      await until("the race goes on", async () => acknowledged.length >= wanted, { limitMs: 60_000 });
    };
    await more(150);
    for (let kills = 0; kills < 2; kills += 1) {
      await server.kill();
      await server.restart();
      await more(150);
    }
    const ended = rivals.map((rival) => once(rival, "exit"));
    for (const rival of rivals) rival.send("stop");
    await Promise.all(ended);

    const wins = acknowledged.filter(({ _id }) => CONTENDED.includes(_id));
    expect(new Set(wins.map(({ _id, version }) => `${_id} ${version}`)).size).toBe(wins.length);
    const stored = new Map((await samples().find({})).map((doc) => [doc._id, doc]));
    for (const { _id, version, by } of wins) {
      const now = stored.get(_id)!;
      expect(now.version).toBeGreaterThanOrEqual(version);
      if (now.version === version) expect(now.system).toBe(by);
    }
    const inserted = acknowledged.filter(({ _id }) => !CONTENDED.includes(_id));
    expect(inserted.filter(({ _id, number }) => stored.get(_id)?.number !== number)).toEqual([]);
    expect(new Set(Array.from(stored.values(), ({ number }) => number)).size).toBe(stored.size);
  });

  test("a server that is silent holds nobody for ever, and what it did meanwhile is done once or not at all", async () => {
    const doc = await samples().insert({ _id: "a", number: "1" });
    server.pause();
    // The signal takes a moment to stop every thread.
    await until("the server is silent", async () => !(await answers("mongo", server.port, 300)));
    const settled = await Promise.allSettled([samples().replaceIfVersion({ ...doc, status: 1 }), samples().insert({ _id: "b", number: "2" }), samples().get("a"), engine.ping()]);
    server.resume();
    for (const one of settled) expect(one).toMatchObject({ status: "rejected", reason: OUTAGE });
    const now = await until("the database is back", () => samples().get("a").catch(() => null), { limitMs: 30_000 });
    expect([1, 2]).toContain(now.version);
    await expect(samples().replaceIfVersion({ ...now, status: 2 })).resolves.toMatchObject({ version: now.version! + 1 });
    await expect(engine.ping()).resolves.toBeUndefined();
  });

  test("a server that is gone is an outage, and the same collection goes on when it is back", async () => {
    await samples().insert({ _id: "a", number: "1" });
    await server.kill();
    await expect(samples().get("a")).rejects.toMatchObject(OUTAGE);
    await expect(samples().insert({ _id: "b", number: "2" })).rejects.toMatchObject(OUTAGE);
    await expect(engine.ping()).rejects.toMatchObject(OUTAGE);
    await server.restart();
    await until("the database is back", () => samples().get("a").catch(() => null), { limitMs: 30_000 });
    await expect(samples().insert({ _id: "b", number: "1" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION", data: { fields: ["number"] } });
  });

  test("connections reset under writes: each is answered, and a repeat under the same key stores it once", async () => {
    const relay = await startRelay(server.port);
    useMongo(`mongodb://127.0.0.1:${relay.port}`);
    const cut = await mongo.open(location);
    useMongo(server.url);
    const through = cut.collection<Sample>(sampleModel, cipher);
    const docs = Array.from({ length: 60 }, (_, i): Sample => ({ _id: `w${i}`, number: `${i}` }));
    const first = docs.map((doc) => through.insert(doc));
    await Promise.race(first);
    relay.reset();
    const answered = await Promise.allSettled(first);
    const failed = docs.filter((_, i) => answered[i]!.status === "rejected");
    for (const doc of failed) {
      await until("the repeat is answered", () =>
        through.insert(doc).then(
          () => true,
          (error: { type?: string }) => error.type === "UNIQUE_VIOLATION",
        ),
      );
    }
    expect(await through.count({})).toBe(60);
    await cut.close();
    await relay.stop();
  });
});
