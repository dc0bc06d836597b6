import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { startRelay, type Relay } from "../../../scripts/servers/relay.ts";
import type { Arm } from "../driver/child.ts";

/** Each node reaches bus and database by wires of its own, so that it can be cut off alone. */
export type Wires = Record<"nats" | "mongo", Relay>;

/** @param ports of the servers */
export async function startWires(ports: Record<keyof Wires, number>): Promise<Wires> {
  const [nats, mongo] = await Promise.all([startRelay(ports.nats), startRelay(ports.mongo)]);
  return { nats, mongo };
}

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
  /** For good. */
  left = false;
  /** The point it was armed with and has not come to. */
  armed: string | null = null;
  #asked = false;
  #arm: Arm | null = null;
  readonly #wires: Wires | undefined;
  readonly #env: Record<string, string>;
  #child: ChildProcess | undefined;

  /** @param wires to bus and database; without, their addresses are in `env` */
  constructor(id: string, services: readonly string[], port: number | null, env: Record<string, string>, wires?: Wires) {
    this.id = id;
    this.services = services;
    this.port = port;
    this.#wires = wires;
    this.#env = {
      ...env,
      ...(wires && { TRANSPORTER: `nats://127.0.0.1:${wires.nats.port}`, MONGO_URI: `mongodb://127.0.0.1:${wires.mongo.port}/faults` }),
      SERVICES: services.join(","),
      ...(port === null ? {} : { PORT: String(port) }),
    };
  }

  /** @throws where it reaches its servers directly */
  get wires(): Wires {
    if (!this.#wires) throw new Error(`${this.id} has no wires of its own`);
    return this.#wires;
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
    this.armed = this.#arm = null;
    child.once("exit", (code, signal) => {
      // By its own hand, where it was told to.
      const told = this.#arm?.how === "SIGKILL" && signal === "SIGKILL";
      if (told) this.armed = null;
      if (!this.#asked && !told) this.deaths.push(String(signal ?? code));
    });
    child.on("message", (message: { struck?: string }) => {
      if (message.struck === undefined || message.struck !== this.armed) return;
      this.armed = null;
      this.paused = this.#arm?.how === "SIGSTOP";
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

  /** It ends or stands still when it comes to that point; `armed` is null from then on. */
  async arm(arm: Arm): Promise<void> {
    this.#arm = arm;
    this.armed = arm.point;
    await this.#told({ arm }, ({ armed }) => armed === arm.point);
  }

  /** It passes that point unharmed, unless it has come to it: then it is gone, or `paused`. */
  async disarm(): Promise<void> {
    if (!this.armed || !this.running) return;
    // One that comes to it just now stands still and answers nothing any more.
    await this.#told({ arm: null }, ({ armed, struck }) => armed === null || struck !== undefined);
    this.armed = this.#arm = null;
  }

  /** Its clock is this far ahead of the host's from now on. */
  async moveClock(clockOffsetMs: number): Promise<void> {
    await this.#told({ clockOffsetMs }, (answer) => answer.clockOffsetMs === clockOffsetMs);
  }

  /** Resolves when it has said that it has heard this, or is gone. */
  async #told(message: object, heard: (answer: { clockOffsetMs?: number; armed?: string | null; struck?: string }) => boolean): Promise<void> {
    const child = this.#child!;
    await new Promise<void>((done) => {
      const end = (): void => {
        child.off("message", listen).off("exit", end);
        done();
      };
      const listen = (answer: object): void => {
        if (heard(answer)) end();
      };
      child.on("message", listen).once("exit", end);
      child.send(message);
    });
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
