import { createHash } from "node:crypto";
import type { Connection } from "mongoose";
import type { Collection, Doc, Model } from "../../mixins/collection-types.ts";
import { collectionOver } from "../../mixins/storage/document-collection.ts";
import type { FieldCipher } from "../../mixins/storage/field-cipher.ts";
import { storedModel } from "../../mixins/storage/model-rules.ts";
import { MongoAdapter } from "../../mixins/storage/mongo-adapter.ts";
import type { TestEngine } from "./engines.ts";
import { pairModel, sampleModel } from "./sample.ts";

/** Where the databases of the tests are; contenders inherit it. */
export function useMongo(url: string): void {
  process.env["TEST_MONGO_URI"] = url;
}

/** A database of its own on the server, known by the test's directory. */
export function databaseOf(location: string): string {
  const name = `esign_test_${createHash("sha256").update(location).digest("hex").slice(0, 16)}`;
  return process.env["TEST_MONGO_URI"]!.replace(/^(mongodb(?:\+srv)?:\/\/[^/]+)(?:\/[^?]*)?/, `$1/${name}`);
}

/** The row of MongoDB: the suite's own models are connected when it is opened, another one when it is first used. */
export const mongo: TestEngine = {
  async open(location) {
    const uri = databaseOf(location);
    const adapters = new Map<string, { adapter: MongoAdapter; connected: Promise<void>; ready: boolean }>();
    const adapterOf = (model: Model) => {
      const stored = storedModel(model);
      const key = JSON.stringify(stored);
      const made = adapters.get(key) ?? { adapter: new MongoAdapter(stored, uri), connected: Promise.resolve(), ready: false };
      if (!adapters.has(key)) {
        made.connected = made.adapter.connect().then(() => void (made.ready = true));
        made.connected.catch(() => adapters.delete(key));
        adapters.set(key, made);
      }
      return made;
    };
    await Promise.all([sampleModel, pairModel].map((model) => adapterOf(model).connected));
    return {
      collection<T extends Doc>(model: Model, cipher?: FieldCipher) {
        const made = adapterOf(model);
        const collection = collectionOver<T>(made.adapter, model, cipher);
        return made.ready ? collection : afterwards(collection, made.connected);
      },
      ping: () => adapterOf(sampleModel).adapter.ping(),
      close: async () => {
        await Promise.all(Array.from(adapters.values(), ({ adapter }) => adapter.disconnect()));
      },
    };
  },
  rawBytes: (location) =>
    withDatabase(location, async (db) => {
      const collections = await db.listCollections({}, { nameOnly: true }).toArray();
      const documents = await Promise.all(collections.map(({ name }) => db.collection(name).find({}).toArray()));
      return Buffer.from(JSON.stringify(documents));
    }),
  remove: (location) => withDatabase(location, async (db) => void (await db.dropDatabase())),
};

type Db = NonNullable<Connection["db"]>;

/** The test's database by the driver itself, past the engine. */
export async function withDatabase<T>(location: string, work: (db: Db) => Promise<T>): Promise<T> {
  const { default: mongoose } = await import("mongoose");
  const connection = await mongoose.createConnection(databaseOf(location), { autoIndex: false, autoCreate: false }).asPromise();
  try {
    return await work(connection.db!);
  } finally {
    await connection.close();
  }
}

/** A collection whose calls wait for the connection. */
function afterwards<T extends Doc>(collection: Collection<T>, connected: Promise<void>): Collection<T> {
  const waiting = Object.entries(collection).map(([name, call]) => [name, async (...args: unknown[]) => (await connected, (call as (...args: unknown[]) => unknown)(...args))]);
  return Object.fromEntries(waiting) as Collection<T>;
}
