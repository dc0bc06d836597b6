import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeOwnDirectory, removeLeftovers, removeOwnDirectory } from "./leftovers.ts";

/** Chromium as it lies on disk. `libraries` goes into LD_LIBRARY_PATH of the browser, and of nothing else. */
export interface ChromiumFiles {
  executable: string;
  libraries: string | null;
}

const INVENTORY = "inventory.json";
const STAGING = "unpacking-";

/**
 * The Chromium of the npm package, unpacked once per machine, user and version (210 MB, 2–4 s) and shared by every platform of
 * that user: unpacked beside and renamed into place, so that nobody ever sees half of it. A folder from which a cleaner of the
 * temporary directory has removed something is unpacked again.
 * @param parent the folder they share (`sharedFolder`)
 * @throws Error that says what to do when this host cannot use the package
 */
export async function unpackChromium(parent: string): Promise<ChromiumFiles> {
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new Error(`the bundled Chromium is for Linux on x64, not ${process.platform} on ${process.arch}: set CHROMIUM_PATH`);
  }
  const home = packageHome();
  const target = join(parent, versionOf(home));
  if (!(await isComplete(target))) {
    await removeLeftovers(parent, STAGING);
    await unpackInto(target, parent, home);
  }
  return { executable: join(target, "chromium"), libraries: join(target, "al2023", "lib") };
}

const packageHome = (): string => join(dirname(createRequire(import.meta.url).resolve("@sparticuz/chromium")), "..");
const versionOf = (home: string): string => (JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string }).version;

async function unpackInto(target: string, parent: string, home: string): Promise<void> {
  const staging = await makeOwnDirectory(parent, STAGING);
  try {
    const archives = ["chromium.br", "al2023.tar.br"].map((name) => join(home, "bin", name));
    const here = fileURLToPath(import.meta.url);
    const child = join(dirname(here), `unpack-child${extname(here)}`);
    await promisify(execFile)(process.execPath, [child, ...archives], { env: { TMPDIR: staging }, timeout: 120_000 });
    await writeFile(join(staging, INVENTORY), JSON.stringify(await sizesIn(staging)));
    await makeRoom(target, parent);
    await rename(staging, target).catch(async (error: unknown) => {
      // Another platform of this user was faster: its folder is as good.
      if (!(await isComplete(target))) throw error;
    });
  } finally {
    await removeOwnDirectory(staging);
  }
}

/** Moves an incomplete folder away: renaming is the only step that others can see. */
async function makeRoom(target: string, parent: string): Promise<void> {
  if (await isComplete(target)) return;
  const aside = await makeOwnDirectory(parent, STAGING);
  await rename(target, join(aside, "incomplete")).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  await removeOwnDirectory(aside);
}

async function sizesIn(folder: string): Promise<Record<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [relative(folder, file), (await stat(file)).size])));
}

async function isComplete(target: string): Promise<boolean> {
  try {
    const sizes = JSON.parse(await readFile(join(target, INVENTORY), "utf8")) as Record<string, number>;
    const checks = Object.entries(sizes).map(async ([file, size]) => (await stat(join(target, file))).size === size);
    return (await Promise.all(checks)).every(Boolean);
  } catch {
    return false;
  }
}
