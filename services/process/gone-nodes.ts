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

  /**
   * To be called when somebody has come or gone, and at the start: whoever saw an owner go may be gone as well, and an owner that died
   * in its first second was never announced. Resolves when the work of those that are not there is taken over, or they have turned up. Never rejects.
   */
  async look(): Promise<void> {
    const { patience, connected, settle, onFault } = this.#options;
    try {
      const missed = new Set((await this.#left()).map(({ node }) => node));
      if (!missed.size) return;
      // Who was cut off in between has to hear everybody again first.
      for (let heard = false; !heard || !connected(); ) {
        heard = connected();
        if (!(await patience().then(() => true, () => false))) return;
      }
      const left = (await this.#left()).filter(({ node }) => missed.has(node));
      for (const { node } of left) this.#gone.add(node);
      await Promise.all(left.map(({ id }) => settle(id)));
    } catch (error) {
      // The leases run out all the same.
      onFault(error);
    }
  }

  /** What is leased to nodes that are not there. */
  async #left(): Promise<{ id: string; node: string }[]> {
    const { processes, now, present } = this.#options;
    const leased = await processes.find({ owedDueAt: { $gt: new Date(now()) } }, { sort: ["owedDueAt"], limit: LIMIT });
    return leased.flatMap(({ _id, owed }) => {
      const owner = owed[0]?.owner;
      return owner && !present(nodeOf(owner)) ? [{ id: _id, node: nodeOf(owner) }] : [];
    });
  }
}
