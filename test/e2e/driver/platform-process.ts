import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { freePort } from "../../../cli/free-port.ts";
import { until as untilAnswered } from "../../until.ts";

/** Asks every 40 ms until there is an answer; the platform is another process. */
export const until = <T>(what: string | (() => string), ask: () => Promise<T | null | undefined | false>, limitMs?: number): Promise<T> => untilAnswered(what, ask, { limitMs, pauseMs: 40 });

export interface PlatformSettings {
  env?: Record<string, string>;
  /** Where the process is to kill itself. */
  crashAt?: string;
}

/** The platform as a child process on its own DATA_DIR and port, to be killed and started again on both. */
export class PlatformProcess {
  readonly dataDir: string;
  readonly port: number;
  readonly url: string;
  /** Crash points passed so far, in order. */
  readonly points: string[] = [];
  /** Everything the process has written to stdout and stderr. */
  log = "";
  /** How often it has been started. */
  starts = 0;
  /** A signing has been asked for. */
  asked = false;
  #disposed = false;
  #env: Record<string, string>;
  #child: ChildProcess | undefined;

  private constructor(port: number, env: Record<string, string>) {
    this.dataDir = mkdtempSync(join(tmpdir(), "esign-e2e-"));
    this.port = port;
    this.url = `http://127.0.0.1:${port}`;
    this.#env = env;
  }

  static async create(env: Record<string, string> = {}): Promise<PlatformProcess> {
    return new PlatformProcess(await freePort(), env);
  }

  /** Resolves when the platform answers; with a crash point it may also die first. */
  async start({ env = {}, crashAt }: PlatformSettings = {}): Promise<void> {
    const child = fork(resolve("test/e2e/driver/child.ts"), {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        PORT: String(this.port),
        PUBLIC_BASE_URL: this.url,
        DATA_DIR: this.dataDir,
        METRICS_PORT: "off",
        READ_SECONDS: "0s",
        EXPIRY_SCAN_INTERVAL: "200ms",
        // The driver asks every 40 ms, as no signer does.
        H5_RATE: "off",
        ...this.#env,
        ...env,
        ...(crashAt ? { CRASH_AT: crashAt } : {}),
      },
      execPath: resolve("node_modules/.bin/node"),
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    this.starts += 1;
    child.stdout!.on("data", (chunk) => (this.log += chunk));
    child.stderr!.on("data", (chunk) => (this.log += chunk));
    child.on("message", (message: { point?: string }) => message.point && this.points.push(message.point));
    await new Promise<void>((ready, failed) => {
      child.on("message", (message: { ready?: boolean }) => message.ready && ready());
      child.once("exit", (code, signal) => (signal === "SIGKILL" ? ready() : failed(new Error(`the platform ended with ${code}\n${this.log.slice(-4000)}`))));
    });
  }

  /**
   * Asks the platform until there is an answer. A question that could not be put is no answer: the platform is dying, or a kept
   * connection was one to its former life. When it has died by its crash point it is started again, without one.
   */
  ask<T>(what: string | (() => string), ask: () => Promise<T | null | undefined | false>): Promise<T> {
    return until(what, async () => {
      if (!this.running && !this.#disposed) await this.start();
      return ask().catch((error: Error) => {
        if (error.message === "fetch failed" && !this.#disposed) return null;
        throw error;
      });
    });
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    if (this.running) await once(this.#child!, "exit");
  }

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await this.gone();
  }

  /** The platform's clock runs this far ahead from now on. */
  async moveClock(clockOffsetMs: number): Promise<void> {
    const child = this.#child!;
    const done = new Promise<void>((moved) => {
      const heard = (message: { clockOffsetMs?: number }): void => {
        if (message.clockOffsetMs !== clockOffsetMs) return;
        child.off("message", heard);
        moved();
      };
      child.on("message", heard);
    });
    child.send({ clockOffsetMs });
    await done;
  }

  /** Kills what runs and removes the data. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.kill();
    // A killed platform's browser ends by itself a moment later and may still be writing its profile.
    for (const dir of [this.dataDir, `${this.dataDir}-sandbox`]) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
