import { randomBytes } from "node:crypto";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/** Directories this process is using: a container's platform always has the same pid, so the pid alone says nothing. */
const inUse = new Set<string>();

/** Makes `<parent>/<prefix><pid>-<random>`, which `removeLeftovers` of another process will not touch while this one lives. */
export async function makeOwnDirectory(parent: string, prefix: string): Promise<string> {
  const path = join(parent, `${prefix}${process.pid}-${randomBytes(6).toString("hex")}`);
  inUse.add(path);
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
}

/** Removes a directory of `makeOwnDirectory`; one that is gone already is fine. */
export async function removeOwnDirectory(path: string): Promise<void> {
  // The browser's last child may still be writing for a moment: Node tries again by itself.
  await rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  inUse.delete(path);
}

/** Removes what processes that were killed have left behind. */
export async function removeLeftovers(parent: string, prefix: string): Promise<void> {
  for (const name of await readdir(parent).catch(() => [] as string[])) {
    const match = name.startsWith(prefix) && /^(\d+)-[0-9a-f]{12}$/.exec(name.slice(prefix.length));
    if (!match || inUse.has(join(parent, name))) continue;
    const pid = Number(match[1]);
    if (pid === process.pid || !isAlive(pid)) await rm(join(parent, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
