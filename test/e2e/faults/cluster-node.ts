import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

/** One node of a cluster as a process of its own: killed, paused and started again on the same settings. */
export class ClusterNode {
  readonly id: string;
  /** What it runs; the first word says what it is. */
  readonly services: readonly string[];
  /** Port of its gateway, where it has one. */
  readonly port: number | null;
  /** Everything its lives have written. */
  log = "";
  /** Lives that ended without being asked to: exit code or signal. */
  readonly deaths: string[] = [];
  paused = false;
  starts = 0;
  #asked = false;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;

  constructor(id: string, services: readonly string[], port: number | null, env: Record<string, string>) {
    this.id = id;
    this.services = services;
    this.port = port;
    this.#env = { ...env, SERVICES: services.join(","), ...(port === null ? {} : { PORT: String(port) }) };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when all its services are started. @param env other settings for this life @throws with the end of its log when it ends instead */
  async start(env: Record<string, string> = {}): Promise<void> {
    if (this.running) throw new Error(`${this.id} runs already`);
    const child = fork(resolve("test/e2e/driver/child.ts"), {
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...this.#env, ...env },
      execPath: resolve("node_modules/.bin/node"),
      execArgv: [],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    this.#asked = false;
    this.starts += 1;
    child.stdout!.on("data", (chunk) => (this.log += chunk));
    child.stderr!.on("data", (chunk) => (this.log += chunk));
    child.once("exit", (code, signal) => {
      if (!this.#asked) this.deaths.push(String(signal ?? code));
    });
    await new Promise<void>((ready, failed) => {
      child.on("message", (message: { ready?: boolean }) => message.ready && ready());
      // A planned kill may meet a node that is only just starting.
      child.once("exit", (code) => (this.#asked ? ready() : failed(new Error(`${this.id} ended with ${code}\n${this.log.slice(-4000)}`))));
    });
  }

  /** Resolves when the process is gone. A paused one dies as well. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** Asks it to end, as a rolling restart does; resolves when it has let its calls end. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  pause(): void {
    this.#child!.kill("SIGSTOP");
    this.paused = true;
  }

  resume(): void {
    this.#child?.kill("SIGCONT");
    this.paused = false;
  }

  /** Its clock is this far ahead of the host's from now on. */
  async moveClock(clockOffsetMs: number): Promise<void> {
    const child = this.#child!;
    const moved = new Promise<void>((done) => {
      const heard = (message: { clockOffsetMs?: number }): void => {
        if (message.clockOffsetMs !== clockOffsetMs) return;
        child.off("message", heard);
        done();
      };
      child.on("message", heard);
    });
    child.send({ clockOffsetMs });
    await moved;
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    this.#asked = true;
    this.paused = false;
    if (!this.running) return;
    const gone = once(this.#child!, "exit");
    this.#child!.kill(signal);
    await gone;
  }
}
