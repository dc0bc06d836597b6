import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Collection, Doc, Model } from "../../mixins/collection-types.ts";
import type { FieldCipher } from "../../mixins/storage/field-cipher.ts";
import { openSqlite } from "../../mixins/storage/sqlite-engine.ts";

/** What the shared suite needs of an engine. A second engine is a row here and a test file of five lines. */
export interface TestEngine {
  /** @param location a directory of the test's own; the same one again is the same database */
  open(location: string): OpenEngine;
  /** Everything the engine has written to the disk. */
  rawBytes(location: string): Buffer;
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
} satisfies Record<string, TestEngine>;
export type EngineName = keyof typeof ENGINES;
