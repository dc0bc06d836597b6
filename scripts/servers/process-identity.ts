import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** A process that cannot be mistaken for a later one of the same number. */
export interface ProcessIdentity {
  pid: number;
  /** The boot it was started in, and the tick of its start. */
  born: string;
}

/** @returns undefined when there is no such process, or only its remains, which nobody has collected yet */
function birth(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold spaces and brackets itself.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()}/${fields[19]}`;
  } catch {
    return undefined;
  }
}

/** @throws when the process is already gone */
export function identify(pid: number): ProcessIdentity {
  const born = birth(pid);
  if (!born) throw new Error(`process ${pid} ended at once`);
  return { pid, born };
}

export const alive = ({ pid, born }: ProcessIdentity): boolean => birth(pid) === born;

/** Signals the process if it still is the one that was started. @returns whether it was */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!alive(identity)) return false;
  try {
    return process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** @returns false when the process is still there after the limit */
export async function gone(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (alive(identity)) {
    if (performance.now() > end) return false;
    await pause(10);
  }
  return true;
}

/** Whether it is this process, and no other, that listens on the port. */
export function listens({ pid }: ProcessIdentity, port: number): boolean {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  // Java's IPv4 sockets stand in the table of IPv6. Fields: local address, remote address, state (0A listens), …, inode.
  const inodes = ["tcp", "tcp6"]
    .flatMap((table) => readFileSync(`/proc/net/${table}`, "latin1").split("\n"))
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(`:${hex}`) && fields[3] === "0A")
    .map((fields) => `socket:[${fields[9]}]`);
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => inodes.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
  } catch {
    return false;
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}

/** Asks the process to end, and ends it when it has not within five seconds. A paused one is woken to hear it. */
export async function end(identity: ProcessIdentity): Promise<void> {
  signal(identity, "SIGTERM");
  signal(identity, "SIGCONT");
  if (await gone(identity, 5_000)) return;
  signal(identity, "SIGKILL");
  await gone(identity, 5_000);
}
