import { ServiceBroker, type Service, type ServiceSchema } from "moleculer";
import "../integration/fresh-data-dir.ts";
import { collections, type Collecting } from "../../mixins/collection.ts";
import { storedModel } from "../../mixins/storage/model-rules.ts";
import { MongoAdapter } from "../../mixins/storage/mongo-adapter.ts";
import { keyAdmission } from "../../mixins/storage/key-admission.ts";
import type { ServerProcess } from "../../scripts/servers/server-process.ts";
import { startMongo } from "../../scripts/servers/start.ts";
import { describeWithOwn } from "../servers/available.ts";
import { databaseOf, useMongo, withDatabase } from "./mongo-engine.ts";
import { sampleModel } from "./sample.ts";

jest.setTimeout(120_000);
const model = storedModel(sampleModel);
const NUMBER = "sample.number.unique";

describeWithOwn(["mongo"], "MongoDB's indexes and start", () => {
  let server: ServerProcess;
  let location: string;
  let tests = 0;
  let adapters: MongoAdapter[];

  beforeAll(async () => {
    server = await startMongo();
    useMongo(server.url);
  });
  afterAll(() => server.stop());
  beforeEach(() => {
    location = `indexes-${++tests}`;
    adapters = [];
  });
  afterEach(() => Promise.all(adapters.map((adapter) => adapter.disconnect())));

  async function connected(): Promise<MongoAdapter> {
    const adapter = new MongoAdapter(model, databaseOf(location));
    adapters.push(adapter);
    await adapter.connect();
    return adapter;
  }
  const indexes = () => withDatabase(location, async (db) => (await db.collection("sample").listIndexes().toArray()) as { name: string; unique?: boolean; sparse?: boolean; key: object }[]);

  test("are those of the model when a collection is connected, by several at once too", async () => {
    await Promise.all([connected(), connected(), connected()]);
    const present = await indexes();
    expect(present.map(({ name }) => name).sort()).toEqual(
      ["_id_", NUMBER, "sample.system.status", "sample.status", "sample.open", "sample.at._id", "sample.dueAt.sparse", "sample.alias.unique.sparse", "sample.mobileIndex.sparse"].sort(),
    );
    expect(present.find(({ name }) => name === "sample.alias.unique.sparse")).toMatchObject({ unique: true, sparse: true, key: { alias: 1 } });
  });

  test("one that is dropped is missed by the readiness, and built again by the next start", async () => {
    const adapter = await connected();
    await adapter.ping();
    await withDatabase(location, (db) => db.collection("sample").dropIndex(NUMBER));
    await expect(adapter.ping()).rejects.toMatchObject({ type: "INDEX_MISSING", message: "sample: the index on number is missing" });
    await connected();
    await expect(adapter.ping()).resolves.toBeUndefined();
  });

  test("one that is dropped from any collection of a service is told by its ping", async () => {
    const other = { ...sampleModel, name: "other" };
    const broker = new ServiceBroker({ logger: false });
    const settings = { dataDir: "", mongoUri: databaseOf(location), fieldEncryptionKey: [{ kid: "k1", key: Buffer.alloc(32, 1) }] };
    broker.createService({ name: "samples", mixins: [collections({ samples: sampleModel, others: other }, settings)] } as ServiceSchema);
    await broker.start();
    await withDatabase(location, (db) => db.collection("other").dropIndex("other.number.unique"));
    expect(await broker.call("samples.ping")).toBe("DOWN");
    await broker.stop();
  });

  test("one of ours that does not refuse duplicates is replaced, and somebody else's is left alone", async () => {
    await withDatabase(location, async (db) => {
      await db.collection("sample").createIndex({ number: 1 }, { name: NUMBER });
      await db.collection("sample").createIndex({ system: 1, at: 1 }, { name: "for_reports" });
    });
    const adapter = await connected();
    await adapter.insert({ _id: "a", number: "1" });
    await expect(adapter.insert({ _id: "b", number: "1" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION", data: { fields: ["number"] } });
    expect((await indexes()).map(({ name }) => name)).toContain("for_reports");
  });

  test("one of a newer release outlives the start of an older one, which tells of it when it is unique", async () => {
    const newer = { ...model, indexes: [...model.indexes, { fields: ["system"], unique: true, sparse: true }, { fields: ["system"] }] };
    const upgraded = new MongoAdapter(newer, databaseOf(location));
    adapters.push(upgraded);
    await upgraded.connect();
    await upgraded.insert({ _id: "a", number: "1", system: "WALLET" });

    const older = new MongoAdapter(model, databaseOf(location));
    adapters.push(older);
    const lines: unknown[][] = [];
    const logger = { error: (...line: unknown[]) => void lines.push(line), info: () => undefined };
    older.init({} as ServiceBroker, { logger } as unknown as Service);
    await older.connect();
    expect((await indexes()).map(({ name }) => name)).toEqual(expect.arrayContaining(["sample.system.unique.sparse", "sample.system"]));
    expect(lines).toEqual([["a unique index of another release is left", { alert: "INDEX_LEFT", index: "sample.system.unique.sparse" }]]);
    await expect(upgraded.insert({ _id: "b", number: "2", system: "WALLET" })).rejects.toMatchObject({ type: "UNIQUE_VIOLATION" });
    await expect(upgraded.ping()).resolves.toBeUndefined();
  });

  test("a sparse one holds only what is there: null is kept beside the fields", async () => {
    const adapter = await connected();
    await adapter.insertInOrder([{ _id: "a", number: "1", dueAt: null, alias: null }, { _id: "b", number: "2", alias: null }]);
    const raw = await withDatabase(location, (db) => db.collection("sample").find({ dueAt: { $exists: true } }).toArray());
    expect(raw).toEqual([]);
    expect(await adapter.findById("a")).toEqual({ _id: "a", version: 1, number: "1", dueAt: null, alias: null });
    expect(await adapter.updateMany({ alias: null }, { $set: { alias: null, dueAt: new Date(0) } })).toBe(2);
    expect(await adapter.count({ query: { dueAt: new Date(0) } })).toBe(2);
  });

  test("one connection serves all, until the last of its users has gone", async () => {
    const [one, other] = await Promise.all([connected(), connected()]);
    await one.disconnect();
    await expect(other.insert({ _id: "a", number: "1" })).resolves.toMatchObject({ version: 1 });
    await expect(one.findById("a")).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
  });

  test("text that BSON would change is refused", async () => {
    await expect((await connected()).insert({ _id: "a", number: "\ud800" })).rejects.toThrow("sample: number is not well-formed text");
  });

  test("a start without a database waits, says so, and goes on when there is one; keys that are refused end it", async () => {
    const settings = { dataDir: "", mongoUri: databaseOf(location), fieldEncryptionKey: [{ kid: "k1", key: Buffer.alloc(32, 1) }] };
    const service = { name: "samples", mixins: [collections({ samples: sampleModel }, settings)] } as ServiceSchema;
    await server.kill();
    let said = (): void => {};
    const waiting = new Promise<void>((resolve) => (said = resolve));
    const ping = async () => {
      const adapter = new MongoAdapter(model, settings.mongoUri);
      await adapter.connect().catch((error: unknown) => (said(), Promise.reject(error as Error)));
      await adapter.disconnect();
      return [];
    };
    const broker = new ServiceBroker({ logger: false, middlewares: [keyAdmission(ping, [])] });
    const made = broker.createService(service) as unknown as Collecting;
    const started = broker.start();
    await waiting;
    await expect(made.collections["samples"]!.get("a")).rejects.toMatchObject({ type: "SERVICE_UNAVAILABLE" });
    await server.restart();
    await started;
    await expect(made.collections["samples"]!.insert({ _id: "a", number: "1" } as never)).resolves.toMatchObject({ version: 1 });
    await broker.stop();

    const refused = new ServiceBroker({ logger: false, middlewares: [keyAdmission(async () => ["FIELD_ENCRYPTION_KEY: key k0 is missing"], [])] });
    refused.createService(service);
    await expect(refused.start()).rejects.toMatchObject({ problems: ["FIELD_ENCRYPTION_KEY: key k0 is missing"] });
  });
});
