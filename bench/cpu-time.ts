import { readdirSync, readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second. */
const TICK_MS = 10;
interface Stat {
  pid: number;
  parent: number;
  cpu: number;
}

function statOf(pid: string): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { pid: Number(pid), parent: Number(fields[1]), cpu: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } catch {
    return null;
  }
}

/** CPU ms of a process and, apart, of all that descends from it and lives. */
export interface CpuTime {
  own: number;
  below: number;
}

/** @param pids whose CPU is asked for, all at one moment */
export function cpuTimes(pids: readonly number[]): CpuTime[] {
  const all = readdirSync("/proc").filter((name) => /^\d+$/.test(name)).flatMap((pid) => statOf(pid) ?? []);
  const below = (pid: number): number => all.filter(({ parent }) => parent === pid).reduce((sum, child) => sum + child.cpu + below(child.pid), 0);
  return pids.map((pid) => ({ own: all.find((one) => one.pid === pid)?.cpu ?? 0, below: below(pid) }));
}
