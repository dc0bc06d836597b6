import type { Collection } from "../../mixins/collection-types.ts";
import type { SigningProcess } from "./signing-process.model.ts";

/** The name of one run of one node: a node that starts anew has another, and what its former life had leased is not its own. */
export const ownerOf = (nodeId: string, life: string): string => `${nodeId}/${life}`;
const nodeOf = (owner: string): string => owner.slice(0, owner.lastIndexOf("/"));

export interface GoneNodesOptions {
  processes: Collection<SigningProcess>;
  /** ms */
  now: () => number;
  /** Whether the node is there, as far as this one knows. */
  present: (nodeId: string) => boolean;
  /** Whether this node is on the bus: one that is cut off itself misses everybody. */
  connected: () => boolean;
  /** Resolves after GONE_AFTER_MS; rejects when this node stops. */
  patience: () => Promise<unknown>;
  settle: (id: string) => Promise<void>;
  onFault: (error: unknown) => void;
}

/** A node that was only paused or had lost the bus for a moment is back by then. */
export const GONE_AFTER_MS = 5_000;
/** More than one node can have under way. */
const LIMIT = 1_000;

/**
 * Takes over what a node had leased that is gone, without waiting for the leases to run out: that of a sealing is two minutes. Only a
 * hint, like everything the bus says. Who took over the work of a living node has the newer attempt, the other's strike-off does
 * nothing, and all effects may be done twice.
 */
export class GoneNodes {
  readonly #options: GoneNodesOptions;
  readonly #gone = new Set<string>();

  constructor(options: GoneNodesOptions) {
    this.#options = options;
  }

  /** Whether this owner's leases count for nothing. */
  isGone(owner: string): boolean {
    return this.#gone.has(nodeOf(owner));
  }

  /** It is there again: its leases count. */
  back(nodeId: string): void {
    this.#gone.delete(nodeId);
  }

  /** A node is not heard any more. Resolves when its work is taken over, or when it turned out to be there. Never rejects. */
  async lost(nodeId: string): Promise<void> {
    const { processes, now, present, connected, patience, settle, onFault } = this.#options;
    try {
      // Who was cut off in between has to hear everybody again first.
      let heard: boolean;
      do {
        heard = connected();
        await patience();
      } while (!heard || !connected());
    } catch {
      return;
    }
    if (present(nodeId)) return;
    this.#gone.add(nodeId);
    try {
      const leased = await processes.find({ owedDueAt: { $gt: new Date(now()) } }, { sort: ["owedDueAt"], limit: LIMIT });
      const left = leased.filter(({ owed }) => owed[0]?.owner && nodeOf(owed[0].owner) === nodeId);
      await Promise.all(left.map(({ _id }) => settle(_id)));
    } catch (error) {
      // The leases run out all the same.
      onFault(error);
    }
  }
}
