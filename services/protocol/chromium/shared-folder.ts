import { lstat, mkdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ofThisUser = (): string => join(tmpdir(), `esign-chromium-${process.getuid?.() ?? "user"}`);

/**
 * The folder that every platform of this user on this machine shares: large things that are the same for all.
 * @throws Error when it is not this user's alone. Anybody may write to the temporary directory: a folder made by another user
 * could hold another program.
 */
export async function sharedFolder(path: string = ofThisUser()): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const info = await lstat(path);
  const mine = info.isDirectory() && info.uid === (process.getuid?.() ?? info.uid) && (info.mode & 0o022) === 0;
  if (!mine) throw new Error(`${path} is not a folder that only this user can write to: remove it, or set TMPDIR to another place`);
  return path;
}
