import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../cli/free-port.ts";
import type { SealedAll } from "./seal-all.ts";

/** An agreement as the signer's page names it. */
export interface Agreement {
  protocolId: string;
  protocolHash: string;
}
export interface Question {
  id: number;
  ask: "cpu" | "seal" | "sealTwoPages";
  agreements?: Agreement[];
  parallel?: number;
  count?: number;
}
/** `id` 0 says that the platform is up. */
export interface Answer extends Partial<SealedAll> {
  id: number;
  cpu?: { user: number; system: number };
  error?: string;
}

/** The platform under test: a child process on a free port and a fresh DATA_DIR. */
export class Platform {
  readonly url: string;
  readonly #child: ChildProcess;
  readonly #dataDir: string;
  #questions = 0;

  private constructor(child: ChildProcess, url: string, dataDir: string) {
    this.#child = child;
    this.url = url;
    this.#dataDir = dataDir;
  }

  /**
   * Resolves when the platform answers.
   * @param env settings beside the bench's own
   */
  static async start(env: Record<string, string> = {}): Promise<Platform> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const dataDir = mkdtempSync(join(tmpdir(), "esign-bench-"));
    const child = fork(join(import.meta.dirname, "platform-child.ts"), {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        PORT: String(port),
        PUBLIC_BASE_URL: url,
        DATA_DIR: dataDir,
        LOG_LEVEL: "warn",
        METRICS_PORT: "off",
        READ_SECONDS: "0s",
        SANDBOX: "on",
        ...env,
      },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    const platform = new Platform(child, url, dataDir);
    try {
      await platform.#answer(0);
    } catch (error) {
      await platform.stop();
      throw error;
    }
    return platform;
  }

  /** CPU time of the platform's process so far, in µs; Chromium's is not in it. */
  async cpu(): Promise<number> {
    const { user, system } = (await this.#ask({ ask: "cpu" })).cpu!;
    return user + system;
  }

  async sealAll(agreements: Agreement[], parallel: number): Promise<SealedAll> {
    return (await this.#ask({ ask: "seal", agreements, parallel })) as SealedAll & Answer;
  }

  async sealTwoPages(agreement: Agreement, count: number, parallel: number): Promise<SealedAll> {
    return (await this.#ask({ ask: "sealTwoPages", agreements: [agreement], count, parallel })) as SealedAll & Answer;
  }

  /** Ends the process and removes its data. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill("SIGTERM");
      await once(this.#child, "exit");
    }
    for (const dir of [this.#dataDir, `${this.#dataDir}-sandbox`]) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }

  async #ask(question: Omit<Question, "id">): Promise<Answer> {
    const id = ++this.#questions;
    const answered = this.#answer(id);
    this.#child.send({ id, ...question } satisfies Question);
    const answer = await answered;
    if (answer.error) throw new Error(answer.error);
    return answer;
  }

  #answer(id: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const ended = (code: number | null) => reject(new Error(`the platform ended with ${code}`));
      const heard = (answer: Answer) => {
        if (answer.id !== id) return;
        this.#child.off("message", heard);
        this.#child.off("exit", ended);
        resolve(answer);
      };
      this.#child.on("message", heard);
      this.#child.once("exit", ended);
    });
  }
}
