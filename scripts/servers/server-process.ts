import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../cli/free-port.ts";
import { answers } from "./ping.ts";
import { alive, end, gone, identify, listens, signal, type ProcessIdentity } from "./process-identity.ts";

export type ServerKind = "mongo" | "nats" | "redis";

export interface ServerOptions {
  /** A free one if absent. */
  port?: number;
  /** A folder that is there and stays at stop(); a fresh one that goes at stop() if absent. */
  dataDir?: string;
  /** The server outlives the process that starts it; otherwise it is killed with it, however that ends. */
  outlives?: boolean;
}
export interface Recipe {
  kind: ServerKind | "s3";
  scheme: string;
  command(port: number, dataDir: string): string[];
}

const START_LIMIT_MS = 30_000;

/** A server of its own on loopback, to be killed, paused and started again on the same port and data. */
export class ServerProcess {
  readonly kind: Recipe["kind"];
  readonly port: number;
  readonly dataDir: string;
  readonly url: string;
  readonly #recipe: Recipe;
  readonly #options: ServerOptions;
  #identity!: ProcessIdentity;

  private constructor(recipe: Recipe, port: number, dataDir: string, options: ServerOptions) {
    this.kind = recipe.kind;
    this.port = port;
    this.dataDir = dataDir;
    this.url = `${recipe.scheme}://127.0.0.1:${port}`;
    this.#recipe = recipe;
    this.#options = options;
  }

  /** Resolves when the server answers its protocol. @throws with the end of its log when it does not */
  static async start(recipe: Recipe, options: ServerOptions = {}): Promise<ServerProcess> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), `esign-${recipe.kind}-`));
    // Between finding a port free and the server's binding it somebody else may take it.
    for (let triesLeft = options.port ? 1 : 3; ; triesLeft -= 1) {
      const server = new ServerProcess(recipe, options.port ?? (await freePort()), dataDir, options);
      try {
        await server.#run();
        return server;
      } catch (error) {
        if (triesLeft > 1 && /in use/i.test((error as Error).message)) continue;
        if (!options.dataDir) rmSync(dataDir, { recursive: true, force: true });
        throw error;
      }
    }
  }

  get pid(): number {
    return this.#identity.pid;
  }
  get identity(): ProcessIdentity {
    return this.#identity;
  }
  get running(): boolean {
    return alive(this.#identity);
  }
  /** What the server has written to stdout and stderr. */
  get log(): string {
    return existsSync(this.#logFile) ? readFileSync(this.#logFile, "utf8") : "";
  }

  /** Resolves when the process is gone; for a signal that ends no process use pause() and resume(). */
  async kill(name: NodeJS.Signals = "SIGKILL"): Promise<void> {
    signal(this.#identity, name);
    if (!(await gone(this.#identity, 10_000))) throw new Error(`${this.kind} survived ${name}`);
  }

  /** From now on the server is silent and its port is open. */
  pause(): void {
    signal(this.#identity, "SIGSTOP");
  }
  resume(): void {
    signal(this.#identity, "SIGCONT");
  }

  /** The same port and data; a server that still runs is asked to end first. */
  async restart(): Promise<void> {
    await end(this.#identity);
    await this.#run();
  }

  /** The server is gone, and so is its data unless it was given a folder. Calling it twice is fine. */
  async stop(): Promise<void> {
    await end(this.#identity);
    if (!this.#options.dataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }

  get #logFile(): string {
    return join(this.dataDir, "server.log");
  }

  async #run(): Promise<void> {
    mkdirSync(this.dataDir, { recursive: true });
    const log = openSync(this.#logFile, "a");
    const before = this.log.length;
    const command = this.#recipe.command(this.port, this.dataDir);
    // Of util-linux, which every Debian has: the kernel kills the server when we die, even by SIGKILL.
    const [file, ...args] = this.#options.outlives ? command : ["setpriv", "--pdeathsig", "KILL", ...command];
    const child = spawn(file!, args, { cwd: this.dataDir, detached: true, stdio: ["ignore", log, log] });
    closeSync(log);
    await once(child, "spawn");
    child.unref();
    this.#identity = identify(child.pid!);
    const limit = performance.now() + START_LIMIT_MS;
    // Somebody else's server may answer in the place of ours, whose port it has taken.
    while (!(listens(this.#identity, this.port) && (await answers(this.kind, this.port)))) {
      if (this.running && performance.now() < limit) {
        await pause(20);
        continue;
      }
      await end(this.#identity);
      throw new Error(`${this.kind} does not answer on port ${this.port}\n${this.log.slice(before).slice(-2_000)}`);
    }
  }
}
