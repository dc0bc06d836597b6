import { join } from "node:path";
import type { Config } from "../../../config/index.ts";
import type { FileStorage } from "./file-storage.ts";
import { createFsStorage } from "./fs.ts";
import { createS3Storage } from "./s3.ts";

type StorageSettings = Pick<Config, "storageDriver" | "dataDir" | "s3Endpoint" | "s3Region" | "s3Bucket" | "s3AccessKeyId" | "s3SecretAccessKey" | "s3ForcePathStyle">;

/** One row a driver of STORAGE_DRIVER; reading the settings has seen to it that a driver's own are there. */
const DRIVERS: Readonly<Record<Config["storageDriver"], (settings: StorageSettings) => FileStorage>> = {
  fs: ({ dataDir }) => createFsStorage(join(dataDir, "files")),
  s3: (settings) =>
    createS3Storage({
      endpoint: settings.s3Endpoint,
      region: settings.s3Region!,
      bucket: settings.s3Bucket!,
      accessKeyId: settings.s3AccessKeyId!,
      secretAccessKey: settings.s3SecretAccessKey!,
      forcePathStyle: settings.s3ForcePathStyle,
    }),
};

export const createStorage = (settings: StorageSettings): FileStorage => DRIVERS[settings.storageDriver](settings);
