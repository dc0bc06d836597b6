import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, openSync, readFileSync } from "node:fs";
import { extname, join, resolve } from "node:path";
import { hostEnvironment } from "../../config/host.ts";
import { freePort } from "../free-port.ts";
import { eventually } from "./eventually.ts";

export interface PlatformChild {
  /** Where it answers. */
  url: string;
  dataDir: string;
  /** Its log, a file. */
  log: string;
  /** Ends it in order; resolves when it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts the platform as `npm start` does, on a free port and with its own data, without any of this machine's settings.
 * @param folder where data and log go
 * @param settings more of them (CONTRACT.md §1)
 * @throws Error with the end of the log when it does not come up
 */
export async function startPlatformChild(folder: string, settings: Record<string, string>): Promise<PlatformChild> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const dataDir = join(folder, "data");
  const log = join(folder, "platform.log");
  mkdirSync(dataDir, { recursive: true });
  // A build has compiled main.ts to main.js; the extension of this very file says which of the two it is.
  const main = resolve(import.meta.dirname, "../..", `main${extname(import.meta.filename)}`);
  const output = openSync(log, "w", 0o600);
  const child = spawn(process.execPath, [main], {
    // Not the caller's folder: an .env there is for another platform.
    cwd: folder,
    env: { ...hostEnvironment(), PORT: String(port), HOST: "127.0.0.1", PUBLIC_BASE_URL: url, DATA_DIR: dataDir, METRICS_PORT: "off", ...settings },
    stdio: ["ignore", output, output],
  });
  const end = once(child, "exit");
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  // Whatever ends the command ends the platform.
  process.once("exit", () => child.kill());
  const stop = async (): Promise<void> => {
    child.kill("SIGTERM");
    await end;
  };
  try {
    await eventually("平台启动", async () => {
      if (!running()) throw new Error(`平台没有启动：\n${readFileSync(log, "utf8").slice(-2_000)}`);
      return (await fetch(`${url}/health/live`).catch(() => null))?.ok;
    });
  } catch (error) {
    if (running()) await stop();
    throw error;
  }
  return { url, dataDir, log, stop };
}
