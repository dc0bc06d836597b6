import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockDataDir } from "../../../mixins/storage/data-dir-lock.ts";

describe("the lock of DATA_DIR", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "esign-lock-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  async function holder(): Promise<{ process: ChildProcess; childPid: number }> {
    const process = fork(join(import.meta.dirname, "lock-holder.ts"), [dir], { execArgv: [] });
    const [{ childPid }] = (await once(process, "message")) as [{ childPid: number }];
    return { process, childPid };
  }
  async function killed(child: ChildProcess): Promise<void> {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  test("stops a second start and names the pid, until the holder is killed; its children do not keep it", async () => {
    const first = await holder();
    try {
      expect(() => lockDataDir(dir)).toThrow(`${dir} is in use by process ${first.process.pid}`);
      expect(() => lockDataDir(dir)).toThrow(expect.objectContaining({ pid: first.process.pid }));
      await killed(first.process);
      expect(process.kill(first.childPid, 0)).toBe(true);
      const lock = lockDataDir(dir);
      expect(readFileSync(join(dir, "lock.pid"), "utf8")).toBe(`${process.pid}\n`);
      lock.release();
    } finally {
      first.process.kill("SIGKILL");
      process.kill(first.childPid, "SIGKILL");
    }
  });

  test.each([
    ["of a process that runs and has nothing to do with it", String(process.ppid)],
    ["that nobody has", "4194304"],
    ["that is no number", "?"],
    ["that is empty", ""],
  ])("is not blocked by a pid %s", (_, pid) => {
    writeFileSync(join(dir, "lock.pid"), pid);
    lockDataDir(dir).release();
  });

  test("can be taken again after its release, which may come twice", () => {
    const lock = lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(`in use by process ${process.pid}`);
    lock.release();
    const next = lockDataDir(dir);
    lock.release();
    expect(() => lockDataDir(dir)).toThrow("in use by process");
    next.release();
    expect(existsSync(join(dir, "lock.pid"))).toBe(false);
  });

  test("names what is written when the holder cannot be seen from here, and nobody when nothing is", () => {
    const lock = lockDataDir(dir);
    writeFileSync(join(dir, "lock.pid"), "4194304\n");
    expect(() => lockDataDir(dir)).toThrow(`${dir} is in use by process 4194304`);
    rmSync(join(dir, "lock.pid"));
    expect(() => lockDataDir(dir)).toThrow(`${dir} is in use by another process`);
    lock.release();
  });

  test("makes the directory, readable by its owner only", () => {
    const nested = join(dir, "a", "b");
    const lock = lockDataDir(nested);
    expect(statSync(nested).mode & 0o777).toBe(0o700);
    lock.release();
  });
});
