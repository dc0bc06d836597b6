import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { clock } from "../../../mixins/clock.ts";
import { Explained } from "../explained.ts";
import { assertContent, assertName, type FileStorage } from "./file-storage.ts";

/** A draft this old belongs to a writer that died. */
const ABANDONED_MS = 3_600_000;

/**
 * Files in one directory. A file appears whole or not at all: draft, fsync, rename, fsync of the directory. Readable by the
 * platform's user only, since agreements hold personal data in full.
 */
export function createFsStorage(directory: string): FileStorage {
  const drafts = join(directory, "drafts");
  let opened: Promise<void> | null = null;

  /** Once; a directory that could not be made is tried again by the next call. */
  function ready(): Promise<void> {
    if (opened) return opened;
    opened = prepare();
    opened.catch(() => (opened = null));
    return opened;
  }

  async function prepare(): Promise<void> {
    await mkdir(drafts, { recursive: true, mode: 0o700 });
    for (const name of await readdir(drafts)) {
      const path = join(drafts, name);
      const info = await stat(path).catch(() => null);
      if (info && clock.now() - info.mtimeMs > ABANDONED_MS) await rm(path, { force: true });
    }
  }

  async function read(name: string): Promise<Buffer | null> {
    try {
      return assertContent(name, await readFile(join(directory, name)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  return {
    async put(name, bytes) {
      assertName(name);
      assertContent(name, bytes);
      await ready();
      if (await read(name)) return;
      const draft = join(drafts, `${name}.${randomBytes(6).toString("hex")}`);
      try {
        await writeDurably(draft, bytes);
        await rename(draft, join(directory, name));
        await syncDirectory(directory);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async get(name) {
      assertName(name);
      const bytes = await read(name);
      if (!bytes) throw new Explained("STORED_FILE_MISSING", "a stored file is missing");
      return bytes;
    },
    async check() {
      await ready();
      await access(drafts, constants.W_OK);
    },
  };
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
