import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { EngineName } from "./engines.ts";

const CONTENDER = join(import.meta.dirname, "contender.ts");

/** Starts a contender and resolves when it is ready to go. */
export async function contender(engine: EngineName, location: string, job: string, name = "c"): Promise<ChildProcess> {
  const child = fork(CONTENDER, [engine, location, job, name], { env: { ...process.env }, execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await once(child, "message");
  return child;
}

/** Lets contenders go at once; resolves with what each reported, after all have ended. */
export async function race<T>(children: ChildProcess[]): Promise<T[]> {
  const reports = children.map(async (child) => {
    const ended = once(child, "exit");
    const [report] = (await once(child, "message")) as [T];
    await ended;
    return report;
  });
  for (const child of children) child.send("go");
  return Promise.all(reports);
}
