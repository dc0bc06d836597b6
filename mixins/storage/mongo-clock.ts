import { clock } from "../clock.ts";

/** What is asked of the driver: `Db.command` of the admin database. */
export type Command = (command: Record<string, number>) => Promise<Record<string, unknown>>;

const EVERY_MS = 10_000;
/** A slower answer says too little about when the server looked at its clock, unless nothing better is known yet. */
const SLOWEST_MS = 500;

/** Keeps the platform's clock at the database server's, measured at the start and every ten seconds. */
export class MongoClock {
  readonly #command: Command;
  readonly #tell: (right: boolean) => void;
  readonly #timer: NodeJS.Timeout;
  #right = true;
  #following = false;

  private constructor(command: Command, tell: (right: boolean) => void) {
    this.#command = command;
    this.#tell = tell;
    this.#timer = setInterval(() => void this.#measure(), EVERY_MS).unref();
  }

  /**
   * Resolves when the clock follows the server; one that does not tell is followed from the next measurement that succeeds.
   * @param tell hears when the host's clock is found wrong, and when it is right again
   */
  static async start(command: Command, tell: (right: boolean) => void): Promise<MongoClock> {
    const following = new MongoClock(command, tell);
    await following.#measure();
    return following;
  }

  stop(): void {
    clearInterval(this.#timer);
    clock.unfollow();
  }

  /** Never rejects: without an answer the clock goes on by itself. */
  async #measure(): Promise<void> {
    try {
      const asked = performance.now();
      const { localTime } = await this.#hello();
      const heard = performance.now();
      if (localTime instanceof Date && (heard - asked <= SLOWEST_MS || !this.#following)) {
        this.#following = true;
        clock.follow(localTime.getTime(), asked, heard);
      }
      if (clock.right() !== this.#right) this.#tell((this.#right = clock.right()));
    } catch {
      // The database is away, which others report.
    }
  }

  /** Servers before 4.4.2, and compatible ones, know the command by its old name only. */
  #hello(): Promise<Record<string, unknown>> {
    return this.#command({ hello: 1 }).catch(() => this.#command({ isMaster: 1 }));
  }
}
