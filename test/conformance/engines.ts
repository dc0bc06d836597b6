import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Collection, Doc, Model } from "../../mixins/collection-types.ts";
import type { FieldCipher } from "../../mixins/storage/field-cipher.ts";
import { openSqlite } from "../../mixins/storage/sqlite-engine.ts";
import { mongo } from "./mongo-engine.ts";

/** What the shared suite needs of an engine. A second engine is a row here and a test file of five lines. */
export interface TestEngine {
  /** @param location a directory of the test's own; the same one again is the same database */
  open(location: string): OpenEngine | Promise<OpenEngine>;
  /** Everything the engine has stored, as it is stored. */
  rawBytes(location: string): Buffer | Promise<Buffer>;
  /** Takes away what is not under `location`. */
  remove?(location: string): Promise<void>;
}
export interface OpenEngine {
  collection<T extends Doc>(model: Model, cipher?: FieldCipher): Collection<T>;
  ping(): void | Promise<void>;
  close(): void | Promise<void>;
}

export const ENGINES = {
  sqlite: {
    open: (location) => openSqlite(join(location, "esign.db")),
    rawBytes: (location) => Buffer.concat(readdirSync(location).map((name) => readFileSync(join(location, name)))),
  },
  mongo,
} satisfies Record<string, TestEngine>;
export type EngineName = keyof typeof ENGINES;
