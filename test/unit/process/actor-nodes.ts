import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFieldCipher } from "../../../mixins/storage/field-cipher.ts";
import { openSqlite } from "../../../mixins/storage/sqlite-engine.ts";
import { Actor, type CommandOn } from "../../../services/process/actor.ts";
import { signingProcessModel, type OwedEffect, type SigningProcess } from "../../../services/process/signing-process.model.ts";
import { initiated, START } from "../../fixtures/process.ts";

export interface Performed {
  owner: string;
  key: string;
  attempt: number;
}

/** One database file and nodes on it, each with a connection of its own; the clock is the test's. */
export function actorWorld() {
  const directory = mkdtempSync(join(tmpdir(), "esign-actor-"));
  const cipher = createFieldCipher([{ kid: "k", key: Buffer.alloc(32, 1) }]);
  const engines: { close(): void | Promise<void> }[] = [];
  const world = {
    now: START,
    performed: [] as Performed[],
    faults: [] as unknown[],
    /** Replaces what an effect does; by default nothing, successfully. */
    perform: (async () => undefined) as (process: SigningProcess, owed: OwedEffect, owner: string) => Promise<CommandOn | undefined>,
    node(owner: string, soleOwner = false, isGone?: (owner: string) => boolean) {
      const engine = openSqlite(join(directory, "t.db"));
      engines.push(engine);
      const processes = engine.collection<SigningProcess>(signingProcessModel, cipher);
      const actor: Actor = new Actor({
        processes,
        now: () => world.now,
        owner,
        soleOwner,
        ...(isGone && { isGone }),
        perform: async (process, owed) => {
          world.performed.push({ owner, key: owed.key, attempt: owed.attempt });
          return world.perform(process, owed, owner);
        },
        strikeOff: async (id, strikes, command, known) => (await actor.apply(id, command, strikes, known)).process,
        onFailure: () => "DOWN",
        onFault: (_, error) => void world.faults.push(error),
      });
      return { actor, processes };
    },
    /** Everything the database has written to the disk. */
    rawBytes: () => Buffer.concat(readdirSync(directory).map((name) => readFileSync(join(directory, name)))),
    async end() {
      for (const engine of engines) await engine.close();
      rmSync(directory, { recursive: true });
    },
  };
  return world;
}

export const initiateCommand = () => ({ name: "initiate" as const, at: START, draft: initiated().process, requestEvidence: {} });
export const ID = initiated().process._id;
