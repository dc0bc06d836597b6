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
/** Rows of one look at the database; all that is owed is gone through. */
const PAGE = 500;
/** Names are new at each start, so they would pile up; the oldest have no lease any more. */
const REMEMBERED = 1_000;

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
   * @param left the node that has just gone: what it has leased may lie behind an effect of somebody else, and come to light later
   */
  async look(left?: string): Promise<void> {
    const { patience, connected, present, settle, onFault } = this.#options;
    try {
      const missed = new Set(left === undefined ? [] : [left]);
      for (const { nodes } of await this.#leased()) for (const node of nodes) missed.add(node);
      if (!missed.size) return;
      // Who was cut off in between has to hear everybody again first.
      for (let heard = false; !heard || !connected(); ) {
        heard = connected();
        if (!(await patience().then(() => true, () => false))) return;
      }
      for (const node of missed) if (!present(node)) this.#remember(node);
      const theirs = (await this.#leased()).filter(({ nodes }) => nodes.some((node) => this.#gone.has(node)));
      await Promise.all(theirs.map(({ id }) => settle(id)));
    } catch (error) {
      // The leases run out all the same.
      onFault(error);
    }
  }

  #remember(node: string): void {
    this.#gone.add(node);
    if (this.#gone.size > REMEMBERED) this.#gone.delete(this.#gone.values().next().value!);
  }

  /** What is leased to nodes that are not there, and to which. */
  async #leased(): Promise<{ id: string; nodes: string[] }[]> {
    const { processes, present } = this.#options;
    const found: { id: string; nodes: string[] }[] = [];
    for (let last: SigningProcess | undefined; ; ) {
      const rows = last ? await processes.find({ owedDueAt: last.owedDueAt!, _id: { $gt: last._id } }, { sort: ["_id"], limit: PAGE }) : [];
      if (rows.length < PAGE) rows.push(...(await processes.find({ owedDueAt: { $gt: last?.owedDueAt ?? new Date(0) } }, { sort: ["owedDueAt", "_id"], limit: PAGE - rows.length })));
      for (const { _id, owed } of rows) {
        const nodes = [...new Set(owed.flatMap(({ owner }) => (owner === null ? [] : [nodeOf(owner)])))].filter((node) => !present(node));
        if (nodes.length) found.push({ id: _id, nodes });
      }
      if (rows.length < PAGE) return found;
      last = rows.at(-1)!;
    }
  }
}
