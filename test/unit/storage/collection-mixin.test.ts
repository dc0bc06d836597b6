import "../../integration/fresh-data-dir.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ServiceBroker, type Service, type ServiceSchema } from "moleculer";
import { collections, isUniqueViolation, type Collecting } from "../../../mixins/collection.ts";
import type { Collection, Doc, Model } from "../../../mixins/collection-types.ts";

interface Note extends Doc {
  text: string;
}
interface NotesService extends Service, Collecting {
  collections: { notes: Collection<Note>; drafts: Collection<Note> };
  /** moleculer-db's own. */
  getById(id: string, decoding: boolean): Promise<unknown>;
}
const model = (name: string): Model => ({ name, fields: { text: "string" }, indexes: [{ fields: ["text"], unique: true }], personal: [] });

describe("a service with collections", () => {
  let dataDir: string;
  let brokers: ServiceBroker[];
  const settings = () => ({ dataDir, mongoUri: undefined, fieldEncryptionKey: [{ kid: "k1", key: Buffer.alloc(32, 1) }] });
  const broker = () => {
    const made = new ServiceBroker({ logger: false });
    brokers.push(made);
    return made;
  };
  const notes = (hooks: Record<string, unknown> = {}) =>
    ({ name: "notes", mixins: [collections({ notes: model("note"), drafts: model("draft") }, settings())], ...hooks }) as unknown as ServiceSchema;

  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "esign-mixin-"));
    brokers = [];
  });
  afterEach(async () => {
    await Promise.all(brokers.map((one) => one.stop()));
    rmSync(dataDir, { recursive: true });
  });

  test("uses them from its own started to its own stopped", async () => {
    const seen: unknown[] = [];
    const one = broker();
    one.createService(
      notes({
        async started(this: NotesService) {
          seen.push(await this.collections.notes.insert({ _id: "a", text: "hello" }), await this.collections.drafts.count({}));
        },
        async stopped(this: NotesService) {
          seen.push(await this.collections.notes.get("a"), await this.collections.drafts.insert({ _id: "d", text: "bye" }));
        },
      }),
    );
    await one.start();
    await one.stop();
    expect(seen).toEqual([
      { _id: "a", text: "hello", version: 1 },
      0,
      { _id: "a", text: "hello", version: 1 },
      { _id: "d", text: "bye", version: 1 },
    ]);
  });

  test("publishes none of moleculer-db's actions", async () => {
    const one = broker();
    one.createService(notes({ actions: { own: () => "mine" } }));
    await one.start();
    const published = one.registry.getActionList({ onlyLocal: true }).map(({ name }: { name: string }) => name);
    expect(published.filter((name: string) => name.startsWith("notes."))).toEqual(["notes.ping", "notes.own"]);
    await expect(one.call("notes.own")).resolves.toBe("mine");
  });

  test("is moleculer-db's service inside: its adapter is that of the first model", async () => {
    const one = broker();
    const service = one.createService(notes()) as unknown as NotesService;
    await one.start();
    await service.collections.notes.insert({ _id: "a", text: "hello" });
    await expect(service.getById("a", true)).resolves.toEqual({ _id: "a", text: "hello", version: 1 });
    await expect(service.pingDatabase()).resolves.toBeUndefined();
  });

  test("says by its ping whether each of its collections can be read, one answer for all who ask within a second, and names a missing index once", async () => {
    const logged: unknown[][] = [];
    const one = broker();
    const service = one.createService(notes()) as unknown as NotesService & { moreAdapters: { ping(): Promise<void> }[]; logger: { error(...words: unknown[]): void }; pinged: unknown };
    await one.start();
    service.logger.error = (...words) => void logged.push(words);
    expect(await one.call("notes.ping")).toBe("UP");
    const missing = Object.assign(new Error("draft: the index on text is missing"), { type: "INDEX_MISSING" });
    service.moreAdapters[0]!.ping = () => Promise.reject(missing);
    expect(await one.call("notes.ping")).toBe("UP");
    for (const round of ["first", "second"]) {
      service.pinged = undefined;
      expect([round, await one.call("notes.ping")]).toEqual([round, "DOWN"]);
    }
    expect(logged).toEqual([[missing.message, { alert: "INDEX_MISSING" }]]);
  });

  test("shares one database with every other service, in this broker and another", async () => {
    const both = [broker(), broker()].map((one) => one.createService(notes()) as unknown as NotesService);
    await Promise.all(brokers.map((one) => one.start()));
    await both[0]!.collections.notes.insert({ _id: "a", text: "hello" });
    await brokers[0]!.stop();
    expect(await both[1]!.collections.notes.get("a")).toMatchObject({ text: "hello" });
    const refusal = await both[1]!.collections.notes.insert({ _id: "b", text: "hello" }).catch((error: unknown) => error);
    expect(isUniqueViolation(refusal)).toBe(true);
    await expect(both[0]!.collections.notes.get("a")).rejects.toThrow("note: the collection is not connected");
  });

  test("is told at once that its model cannot be served", () => {
    expect(() => collections({ notes: { ...model("note"), indexes: [{ fields: ["missing"] }] } }, settings())).toThrow("model note: indexed field missing is not declared");
    expect(() => collections({}, settings())).toThrow("at least one model");
  });
});
