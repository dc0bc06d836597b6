import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mongoose from "mongoose";
import { freePort } from "../cli/free-port.ts";
import type { Order, Task } from "./scale-child.ts";
import type { Measured, Operation } from "./scale-operations.ts";
import type { Plan } from "./scale-rows.ts";

/** A store of so many processes and the platform that runs on it, a process of its own. */
export class ScaleStore {
  readonly plan: Plan;
  /** By collection. */
  readonly rows: Record<string, number>;
  readonly #env: Record<string, string>;
  readonly #dataDir: string;
  readonly #kept: boolean;
  #child: ChildProcess | undefined;

  private constructor(plan: Plan, rows: Record<string, number>, env: Record<string, string>, dataDir: string, kept: boolean) {
    this.plan = plan;
    this.rows = rows;
    this.#env = env;
    this.#dataDir = dataDir;
    this.#kept = kept;
  }

  /**
   * A store of `total` processes, filled unless `keepIn` has it from an earlier run.
   * @param mongoUri a database of its own; SQLite if absent
   * @param keepIn folder where it stays afterwards; with SQLite only
   */
  static async of(total: number, { mongoUri, keepIn }: { mongoUri?: string; keepIn?: string | undefined }): Promise<ScaleStore> {
    const dataDir = keepIn ? join(keepIn, String(total)) : mkdtempSync(join(tmpdir(), "esign-scale-"));
    const note = join(dataDir, "scale.json");
    const port = await freePort();
    const env: Record<string, string> = {
      PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "",
      PORT: String(port), PUBLIC_BASE_URL: `http://127.0.0.1:${port}`, DATA_DIR: dataDir,
      LOG_LEVEL: "warn", METRICS_PORT: "off", READ_SECONDS: "0s", SANDBOX: "on",
      ...(mongoUri && { MONGO_URI: mongoUri }),
    };
    if (existsSync(note)) {
      const { plan, rows } = JSON.parse(readFileSync(note, "utf8")) as Pick<ScaleStore, "plan" | "rows">;
      return new ScaleStore(plan, rows, env, dataDir, true);
    }
    mkdirSync(dataDir, { recursive: true });
    const plan = { total, open: Math.min(3_000, Math.floor(total * 0.3)), now: Date.now() };
    const child = run({ fill: plan }, env);
    const { rows } = await told<{ rows: Record<string, number> }>(child);
    if (child.exitCode === null) await once(child, "exit");
    writeFileSync(note, JSON.stringify({ plan, rows }));
    return new ScaleStore(plan, rows, env, dataDir, Boolean(keepIn));
  }

  /** Bytes of the embedded database. */
  get fileSize(): number {
    return statSync(join(this.#dataDir, "esign.db")).size;
  }

  /** Resolves when the platform answers. The signers are asked for no code, so that one call is one operation. */
  async serve(): Promise<void> {
    this.#child = run({ serve: this.plan }, { ...this.#env, SIGN_SMS_CODE: "off" });
    await told(this.#child);
  }

  async measure(operation: Operation, count: number): Promise<Measured> {
    const answer = told<Measured>(this.#child!);
    this.#child!.send({ operation, count } satisfies Order);
    return answer;
  }

  /** The platform ends; the store goes, unless it is kept. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await once(child, "exit");
    }
    if (this.#env["MONGO_URI"]) {
      const connection = await mongoose.createConnection(this.#env["MONGO_URI"]).asPromise();
      await connection.dropDatabase();
      await connection.close();
    }
    if (this.#kept) return;
    for (const dir of [this.#dataDir, `${this.#dataDir}-sandbox`]) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function run(task: Task, env: Record<string, string>): ChildProcess {
  return fork(join(import.meta.dirname, "scale-child.ts"), [JSON.stringify(task)], { env, stdio: ["ignore", "inherit", "inherit", "ipc"] });
}

/** The child's next message; rejects when it ends first or says that something failed. */
function told<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the platform ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (said: T & { error?: string }) => {
      child.off("exit", ended);
      if (said.error) reject(new Error(said.error));
      else resolve(said);
    });
  });
}
