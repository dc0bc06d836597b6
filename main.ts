/**
 * Starts one node of the platform, with `--repl` the operators' console on its stdin, and stops it on SIGINT or SIGTERM. Bad settings and a locked DATA_DIR end the start with one
 * line per problem on stderr and exit code 1.
 */
import type { Platform } from "./platform.ts";

/** What the machine refuses (a taken port, a folder that cannot be had) says itself in one line; a stack would hide it. */
const OF_THE_MACHINE = ["EADDRINUSE", "EADDRNOTAVAIL", "EACCES", "ENOTDIR", "EEXIST", "EROFS", "ENOSPC"];

let platform: Platform | undefined;
let stopping = false;

async function stop(signal: NodeJS.Signals): Promise<void> {
  // A second signal is somebody in a hurry: everything owed is in the database and will be found at the next start.
  if (stopping) process.exit(1);
  stopping = true;
  platform?.broker.logger.info("stopping", { signal });
  await platform?.stop();
  process.exit(0);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void stop(signal));

try {
  // Imported here and not above: reading the settings is what may fail.
  const { startPlatform } = await import("./platform.ts");
  const withConsole = process.argv.includes("--repl");
  platform = await startPlatform({ withConsole });
  const { config } = await import("./config/index.ts");
  if (config.sandbox) console.log(`\n  电子签约平台已启动：${config.publicBaseUrl}\n  沙箱演示页面：${config.publicBaseUrl}/sandbox\n`);
  if (withConsole) (await import("./operator-console.ts")).openConsole(platform);
} catch (error) {
  const problems = (error as { problems?: unknown }).problems;
  if (Array.isArray(problems)) for (const problem of problems) console.error(problem);
  else if ((error as Error).name === "DataDirLocked" || OF_THE_MACHINE.includes((error as NodeJS.ErrnoException).code ?? "")) console.error((error as Error).message);
  else console.error(error);
  process.exit(1);
}
