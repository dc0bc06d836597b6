import { join } from "node:path";
import type { Config } from "../../../config/index.ts";
import type { FileStorage } from "./file-storage.ts";
import { createFsStorage } from "./fs.ts";

type StorageSettings = Pick<Config, "storageDriver" | "dataDir">;

/** One row a driver of STORAGE_DRIVER. */
const DRIVERS: Readonly<Record<Config["storageDriver"], (settings: StorageSettings) => FileStorage>> = {
  fs: ({ dataDir }) => createFsStorage(join(dataDir, "files")),
};

export const createStorage = (settings: StorageSettings): FileStorage => DRIVERS[settings.storageDriver](settings);
