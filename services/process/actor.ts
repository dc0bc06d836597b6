import { failure } from "../../contract/errors.ts";
import type { Collection } from "../../mixins/collection-types.ts";
import type { Command, CommandOf } from "./commands.ts";
import { MOOT, type Decision } from "./decision.ts";
import { advance } from "./lifecycle.ts";
import { Mailbox } from "../../mixins/mailbox.ts";
import { claimable, claimed, effectBackOff, holds, owing, postponed, struckOff, type Strike } from "./owed.ts";
import type { OwedEffect, SigningProcess } from "./signing-process.model.ts";

/** Makes the command from the process as it is at the moment of deciding; called again after a lost race. */
export type CommandOn = (process: SigningProcess) => Command;

export interface Applied {
  process: SigningProcess;
  decision: Decision;
}

export interface ActorOptions {
  processes: Collection<SigningProcess>;
  now: () => number;
  /** Names this run of this node: a node that starts anew is another owner. */
  owner: string;
  /** True when no other node can be working on the same data: then a foreign lease is a dead one. */
  soleOwner: boolean;
  /** Whether this owner is known to be gone; by default nobody is. */
  isGone?: (owner: string) => boolean;
  /** Does one owed effect; returns the command its outcome becomes, if any. */
  perform: (process: SigningProcess, owed: OwedEffect) => Promise<CommandOn | undefined>;
  /** Writes the strike-off, with the outcome's command when there is one. */
  strikeOff: (id: string, strikes: Strike[], command: CommandOn | undefined, known: SigningProcess) => Promise<SigningProcess>;
  /** The run itself failed, as when the database is away; the sweep will come by again. */
  onFault: (id: string, error: unknown) => void;
  /** An effect failed; gives the reason that is kept with it. */
  onFailure: (process: SigningProcess, owed: OwedEffect, error: unknown) => string;
}

/**
 * The process as an actor whose document is the truth: decide, compare-and-set, then do what is owed. See docs/architecture.md.
 */
export class Actor {
  readonly #options: ActorOptions;
  readonly #mailbox = new Mailbox();
  readonly #running = new Map<string, { again: boolean; done: Promise<void> }>();
  readonly #interrupted = new Map<string, { times: number; at: number }>();

  constructor(options: ActorOptions) {
    this.#options = options;
  }

  /**
   * A new process: stored with everything it owes, or refused by a unique key.
   * @throws UNIQUE_VIOLATION when the idempotency key is taken
   */
  async create(command: CommandOf<"initiate">): Promise<SigningProcess> {
    const { processes, owner, now } = this.#options;
    const decision = advance(null, command);
    return processes.insert(owing(decision.process!, decision.effects, owner, now()));
  }

  /**
   * Decides one command on the process as it is and writes the outcome; a lost race reloads and decides again. What it came
   * to owe is then being done, but not waited for: see `settle`.
   * @param strikes claims this write strikes off; when none of them is current any more, the command is dropped with them
   * @param known the document as last seen, to save a read
   * @throws PROCESS_NOT_FOUND
   */
  apply(id: string, command: CommandOn | undefined, strikes: Strike[] = [], known?: SigningProcess): Promise<Applied> {
    return this.#mailbox.run(id, async () => {
      for (let seen = known; ; seen = undefined) {
        const current = seen ?? (await this.#options.processes.get(id));
        if (!current) throw failure("PROCESS_NOT_FOUND");
        const without = struckOff(current, strikes);
        if (strikes.length && without === current) {
          if (seen) continue;
          return { process: current, decision: { effects: [] } };
        }
        const decision: Decision = command ? advance(without, command(without)) : { effects: [] };
        const changed = decision.process ?? without;
        // A document handed in may be behind; what is refused or found unchanged is judged on what is stored.
        if (changed === current && !decision.effects.length) {
          if (seen) continue;
          return { process: current, decision };
        }
        const stored = await this.#write(changed, decision);
        if (stored) return { process: stored, decision };
      }
    });
  }

  #write(process: SigningProcess, decision: Decision): Promise<SigningProcess | null> {
    const { processes, owner, now } = this.#options;
    const next = decision.effects.length ? owing(process, decision.effects, owner, now()) : process;
    return processes.replaceIfVersion(next);
  }

  /**
   * Does what the process owes, in order, until nothing is owed, somebody else holds the next effect, or one fails.
   * Never two runs for one process in one node; a call during a run makes it look once more. Never rejects.
   */
  settle(id: string, known?: SigningProcess): Promise<void> {
    const current = this.#running.get(id);
    if (current) {
      current.again = true;
      return current.done;
    }
    const run = { again: false, done: Promise.resolve() };
    run.done = (async () => {
      try {
        for (let seen = known; ; seen = undefined) {
          run.again = false;
          await this.#runOwed(id, seen);
          if (!run.again) return void this.#interrupted.delete(id);
        }
      } catch (error) {
        const times = (this.#interrupted.get(id)?.times ?? 0) + 1;
        this.#interrupted.set(id, { times, at: this.#options.now() + (times > 1 ? effectBackOff(times - 1) : 0) });
        this.#options.onFault(id, error);
      } finally {
        // In the same step as the last look at `again`: a call that comes later starts a run of its own.
        this.#running.delete(id);
      }
    })();
    this.#running.set(id, run);
    return run.done;
  }

  /**
   * The processes whose last run was broken off, as when the database was away, until one ends well. Their effects may stand leased to
   * this node, which lives and does not work on them: without it they would wait for their own lease, for a sealing two minutes. At once
   * the first time, then with a growing pause: what can never be written must not be done again each second.
   */
  interrupted(): string[] {
    return [...this.#interrupted].filter(([, { at }]) => at <= this.#options.now()).map(([id]) => id);
  }

  /** Resolves when no effect is running in this node. */
  async idle(): Promise<void> {
    while (this.#running.size) await Promise.allSettled(Array.from(this.#running.values(), (run) => run.done));
  }

  async #runOwed(id: string, known?: SigningProcess): Promise<void> {
    let process = known ?? (await this.#options.processes.get(id));
    let done: Strike[] = [];
    const strike = async (command?: CommandOn) => {
      process = await this.#options.strikeOff(id, done, command, process!);
      done = [];
    };
    while (process) {
      const next = process.owed.find((one) => !done.some((struck) => struck.key === one.key && struck.attempt === one.attempt));
      if (!next) {
        if (!done.length) return;
        await strike();
        continue;
      }
      const held = await this.#hold(process, next, done);
      if (!held) return done.length ? void (await strike()) : undefined;
      if (held !== process) done = [];
      process = held;
      // Strikes are written together, so the document may be behind: what has become moot meanwhile must not reach anybody's phone.
      if (done.length && MOOT.includes(next.name)) {
        process = await this.#options.processes.get(id);
        if (!process?.owed.some((one) => one.key === next.key && one.attempt === next.attempt)) continue;
      }
      const owed: OwedEffect = process.owed.find((one) => one.key === next.key)!;
      let command: CommandOn | undefined;
      try {
        command = await this.#options.perform(process, owed);
      } catch (error) {
        return this.#postpone(id, done, owed, this.#options.onFailure(process, owed, error));
      }
      done.push({ key: owed.key, attempt: owed.attempt });
      // A strike-off that cannot be written leaves the lease to run out: struck off without its command, the outcome would be lost.
      if (command) await strike(command);
    }
  }

  /** The process with the effect under a lease of this node that is long enough, claimed anew where it is not; null when it is not ours to do. */
  async #hold(process: SigningProcess, next: OwedEffect, done: Strike[]): Promise<SigningProcess | null> {
    const { owner, soleOwner, isGone, now, processes } = this.#options;
    if (holds(next, owner, now())) return process;
    const dead = soleOwner || (next.owner !== null && isGone?.(next.owner) === true);
    if (!claimable(next, owner, dead, now())) return null;
    const stored = await processes.replaceIfVersion(claimed(struckOff(process, done), next.key, owner, now()));
    const run = this.#running.get(process._id);
    if (!stored && run) run.again = true;
    return stored;
  }

  /** Gives the effect back for later, and strikes off what was done before it. */
  async #postpone(id: string, done: Strike[], owed: OwedEffect, reason: string): Promise<void> {
    const { processes, now } = this.#options;
    await this.#mailbox.run(id, async () => {
      for (;;) {
        const current = await processes.get(id);
        if (!current) return;
        const later = now() + effectBackOff(owed.attempt);
        if (await processes.replaceIfVersion(postponed(struckOff(current, done), owed, reason, later))) return;
      }
    });
  }
}
