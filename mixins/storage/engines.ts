import { join } from "node:path";
import type { Config } from "../../config/index.ts";
import type { Model } from "../collection-types.ts";
import { MongoAdapter } from "./mongo-adapter.ts";
import { SqliteAdapter } from "./sqlite-adapter.ts";
import { openSqlite } from "./sqlite-engine.ts";
import type { StoreAdapter } from "./store-adapter.ts";

export type StorageSettings = Pick<Config, "dataDir" | "mongoUri" | "fieldEncryptionKey">;

interface Engine {
  name: string;
  chosenBy(settings: StorageSettings): boolean;
  /** An adapter, not yet connected, for a stored model. */
  adapter(model: Model, settings: StorageSettings): StoreAdapter;
}

/** Which engine keeps the collections: the first row whose setting is there. Another engine is a file and a row. */
const ENGINES: readonly Engine[] = [
  {
    name: "MongoDB",
    chosenBy: ({ mongoUri }) => mongoUri !== undefined,
    adapter: (model, { mongoUri }) => new MongoAdapter(model, mongoUri!),
  },
  {
    name: "SQLite",
    chosenBy: () => true,
    adapter: (model, { dataDir }) => new SqliteAdapter(model, () => openSqlite(join(dataDir, "esign.db"))),
  },
];

/** An adapter of the engine that the settings choose. */
export function adapterFor(model: Model, settings: StorageSettings): StoreAdapter {
  return ENGINES.find((engine) => engine.chosenBy(settings))!.adapter(model, settings);
}
